"""The functions that a mapping may call, in one registry (RML-FNML; the Function Ontology, FnO).

Their IRIs are those that other RML engines know: GREL's and IDLab's. Arguments and results are
text; the empty text is NULL, and truth is `true` or `false`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from vises.ingest.rml.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

GREL = "http://users.ugent.be/~bjdmeest/function/grel.ttl#"
IDLAB = "https://w3id.org/imec/idlab/function#"

_DATE_FIELDS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_OF_A_DAY = frozenset({"yyyy", "MM", "dd"})
_DATE_PATTERN = re.compile(r"yyyy|MM|dd|HH|mm|ss|[^A-Za-z%']+|'[^'%]*'")
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ĳ": "ij"})
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True)
class Parameter:
    """A parameter: the IRIs that it is known by, and whether it may be left out."""

    iris: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True)
class Function:
    """A function: its IRI, its parameters in order, its outputs, and the code behind it.

    A `strict` one is NULL where an argument is. One that `may_fail` raises `ValueError` with a few
    words about the value, and what it should be, in signs that need no language.
    """

    iri: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]
    implementation: Callable[..., str] = field(compare=False)
    strict: bool = True
    may_fail: bool = False


def checked(columns: str, function: Callable[..., str], *arguments: str) -> str:
    """Call a function that may fail; raises `DataError` with the columns and the first argument."""
    try:
        return function(*arguments)
    except ValueError as error:
        reason, expected = error.args
        raise DataError(columns, arguments[0], reason, expected) from None


def to_upper_case(value: str) -> str:
    """Return the text in capital letters."""
    return value.upper()


def to_lower_case(value: str) -> str:
    """Return the text in small letters."""
    return value.lower()


def trim(value: str) -> str:
    """Return the text without white space at its ends."""
    return value.strip()


def replace(value: str, found: str, replacement: str) -> str:
    """Return the text with each occurrence of another one replaced."""
    return value.replace(found, replacement)


def substring(value: str, begin: str, end: str = "") -> str:
    """Return the characters from one position (from 0) to before another, or to the end.

    Raises `ValueError` where a position is no whole number.
    """
    try:
        return value[int(begin) : int(end) if end else None]
    except ValueError:
        raise ValueError("has a position that is no whole number", "0, 1, 2, …") from None


def if_else(condition: str, then: str, otherwise: str = "") -> str:
    """Return one text where the condition is `true`, else the other."""
    return then if condition == "true" else otherwise


def true_condition(condition: str, value: str) -> str:
    """Return the text where the condition is `true`, else NULL."""
    return value if condition == "true" else ""


def equal(value: str, other: str) -> str:
    """Tell whether two texts are the same, character by character."""
    return "true" if value == other else "false"


def not_equal(value: str, other: str) -> str:
    """Tell whether two texts differ."""
    return "false" if value == other else "true"


def is_null(value: str) -> str:
    """Tell whether there is no value."""
    return "false" if value else "true"


def concat(value: str, other: str, delimiter: str = "") -> str:
    """Return two texts one after the other; the delimiter stands between them if both do."""
    return value + delimiter + other if value and other else value or other


def slugify(value: str) -> str:
    """Return small letters of ASCII, digits and hyphens, which are safe in an IRI.

    >>> slugify("Coopérative d'Aubenas & Cie")
    'cooperative-d-aubenas-cie'
    """
    spelled = unicodedata.normalize("NFKD", value.lower().translate(_LETTERS))
    plain = "".join(each for each in spelled if not unicodedata.combining(each))
    return _NO_SLUG.sub("-", plain.lower()).strip("-")


def to_url(value: str) -> str:
    """Return the text in capital letters, behind `http://` where it names no scheme."""
    return (value if _HOST.match(value) else f"http://{value}").upper()


def normalize_date(value: str, pattern: str) -> str:
    """Return a date in ISO 8601 that is written after a pattern such as `dd/MM/yyyy`.

    With hours in the pattern it is a date and a time. Raises `ValueError` where there is no such
    day, the pattern has another field than yyyy, MM, dd, HH, mm and ss, or not the first three, and
    where a digit is missing between fields that nothing separates.
    """
    pieces = _DATE_PATTERN.findall(pattern)
    if "".join(pieces) != pattern:
        fields = ", ".join(_DATE_FIELDS)
        raise ValueError(f"has a pattern of other fields than {fields}", fields)
    if not _OF_A_DAY.issubset(pieces):
        raise ValueError("has a pattern without a year, a month or a day", "yyyy, MM, dd")
    code = "".join(_DATE_FIELDS.get(piece, piece.strip("'")) for piece in pieces)
    try:
        found = datetime.strptime(value, code)  # noqa: DTZ007 (a date has no zone)
    except ValueError:
        found = None
    if found is None or not _digits(pattern).fullmatch(value):
        raise ValueError(f"is no date written as {pattern}", pattern)
    return found.isoformat() if "%H" in code else found.date().isoformat()


@lru_cache
def _digits(pattern: str) -> re.Pattern[str]:
    """Return what finds the digits of a date: all of them in fields that nothing separates."""
    pieces = _DATE_PATTERN.findall(pattern)
    fields = [False, *(piece in _DATE_FIELDS for piece in pieces), False]
    parts = []
    for before, piece, after in zip(fields, pieces, fields[2:], strict=False):
        if piece not in _DATE_FIELDS:
            parts.append(".+")
        else:
            parts.append(f"[0-9]{{{len(piece)}}}" if before or after else "[0-9]+")
    return re.compile("".join(parts), re.DOTALL)


def _parameter(namespace: str, *names: str, optional: bool = False) -> Parameter:
    return Parameter(tuple(namespace + name for name in names), optional)


_VALUE = _parameter(GREL, "valueParam", "valueParameter")
_SECOND = _parameter(GREL, "valueParam2", "valueParameter2")
_STR = _parameter(IDLAB, "str", "_str")
_GREL_TEXT = (GREL + "stringOut", GREL + "stringOutput", GREL + "output_string")
_TEXT = (IDLAB + "_stringOut", IDLAB + "stringOut")
_TRUTH = (IDLAB + "_boolOut", IDLAB + "boolOut", GREL + "output_bool", GREL + "boolOut")

FUNCTIONS = {
    each.iri: each
    for each in (
        Function(GREL + "toUpperCase", (_VALUE,), _GREL_TEXT, to_upper_case),
        Function(GREL + "toLowerCase", (_VALUE,), _GREL_TEXT, to_lower_case),
        Function(GREL + "string_trim", (_VALUE,), _GREL_TEXT, trim),
        Function(
            GREL + "string_replace",
            (
                _VALUE,
                _parameter(GREL, "p_string_find", "param_find"),
                _parameter(GREL, "p_string_replace", "param_replace"),
            ),
            _GREL_TEXT,
            replace,
        ),
        Function(
            GREL + "string_substring",
            (
                _VALUE,
                _parameter(GREL, "param_int_i_from"),
                _parameter(GREL, "param_int_i_opt_to", optional=True),
            ),
            _GREL_TEXT,
            substring,
            may_fail=True,
        ),
        Function(
            GREL + "controls_if",
            (
                _parameter(GREL, "bool_b"),
                _parameter(GREL, "any_true"),
                _parameter(GREL, "any_false", optional=True),
            ),
            (*_GREL_TEXT, GREL + "output"),
            if_else,
            strict=False,
        ),
        Function(
            IDLAB + "trueCondition",
            (_parameter(IDLAB, "strBoolean", "_strBoolean"), _STR),
            _TEXT,
            true_condition,
            strict=False,
        ),
        Function(IDLAB + "equal", (_VALUE, _SECOND), _TRUTH, equal),
        Function(IDLAB + "notEqual", (_VALUE, _SECOND), _TRUTH, not_equal),
        Function(IDLAB + "isNull", (_STR,), _TRUTH, is_null, strict=False),
        Function(
            IDLAB + "concat",
            (
                _STR,
                _parameter(IDLAB, "otherStr", "_otherStr"),
                _parameter(IDLAB, "delimiter", "_delimiter", optional=True),
            ),
            _TEXT,
            concat,
            strict=False,
        ),
        Function(IDLAB + "slugify", (_STR,), _TEXT, slugify),
        Function(IDLAB + "toUpperCaseURL", (_STR,), _TEXT, to_url),
        Function(
            IDLAB + "normalizeDate",
            (
                _parameter(IDLAB, "strDate", "_strDate"),
                _parameter(IDLAB, "pattern", "_pattern"),
            ),
            _TEXT,
            normalize_date,
            may_fail=True,
        ),
    )
}
"""Every function that may be called, by its IRI."""
