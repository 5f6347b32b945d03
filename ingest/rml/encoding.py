"""Values as parts of RDF terms in N-Triples syntax: what the generated code calls.

The generated code calls `escape` and `iri_safe` only for a value that a quick look has found to
need it; both return what they are given where it does not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from vises.ingest.rml.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMED_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPES = str.maketrans(
    {chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)}
    | _NAMED_ESCAPES
    | {'"': '\\"', "\\": "\\\\"}
)
SURROGATE = re.compile("[\ud800-\udfff]")
_UCSCHAR = (
    "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    + "".join(f"{chr(plane << 16)}-{chr(plane << 16 | 0xFFFD)}" for plane in range(1, 14))
    + "\U000e1000-\U000efffd"
)
_RESERVED = re.compile(f"[^A-Za-z0-9._~{_UCSCHAR}-]+")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LONGEST_LANGUAGE = 3
_NOT_ALPHANUMERIC = re.compile("[^A-Za-z0-9]")


def escape(value: str, column: str) -> str:
    """Return a value as it stands between the quotes of a literal (N-Triples, section 2.4).

    Raises `DataError` where the value is not Unicode text.
    """
    return _unicode(value, column).translate(_ESCAPES)


def iri_safe(value: str, column: str) -> str:
    """Return a value as a template puts it into an IRI (R2RML, section 7.3).

    Every character outside `iunreserved` (RFC 3987) becomes the percent-encoded octets of its
    UTF-8 form. Raises `DataError` where the value is not Unicode text.
    """
    if value.replace("-", "").isalnum():  # as most codes are
        return value
    return _RESERVED.sub(_percent_encode, _unicode(value, column))


def iri(value: str, base: str, columns: str) -> str:
    """Return a value as an IRI in angle brackets; a relative one is put behind the base.

    R2RML (section 7.3) and RML-Core concatenate here instead of resolving as RFC 3986 does, so
    that the value can be read back from the IRI. Raises `DataError` where the outcome is not an
    absolute IRI.
    """
    text = value if _ABSOLUTE.match(value) else base + value
    try:
        NamedNode(text)
    except ValueError:
        raise DataError(columns, value, "does not make a valid IRI", "IRI") from None
    return f"<{text}>"


def is_language(tag: str) -> bool:
    """Tell whether a language tag is well-formed (BCP 47) and starts with a code of ISO 639.

    BCP 47 allows first parts of four letters and more, but none has ever been registered.
    """
    try:
        Literal("", language=tag)
    except ValueError:
        return False
    return len(tag.partition("-")[0]) <= _LONGEST_LANGUAGE


def blank_node(value: str) -> str:
    """Return a blank node that is the same for equal values and another for different ones."""
    label = _NOT_ALPHANUMERIC.sub(lambda match: f"_{ord(match[0]):x}_", value)
    return f"_:b{label}"


def wrong_width(row: Sequence[str], columns: Sequence[str]) -> DataError:
    """Return the error for a row that has more or fewer cells than its header."""
    column = columns[min(len(row), len(columns) - 1)]
    value = row[len(columns)] if len(row) > len(columns) else ""
    wanted = str(len(columns))
    return DataError(column, value, f"is in a row of {len(row)} cells, not {wanted}", wanted)


def _percent_encode(match: re.Match[str]) -> str:
    return quote(match[0], safe="")


def _unicode(value: str, column: str) -> str:
    if SURROGATE.search(value):
        raise DataError(column, value, "is not valid Unicode text", "Unicode")
    return value
