"""Writing the description of a table from what its header shows, for a person to complete."""

from __future__ import annotations

import io
import json
import re
from itertools import islice
from typing import TYPE_CHECKING

from vises.ingest.checks import is_ambiguous
from vises.ingest.files import InputFile, Kind
from vises.ingest.finding import find
from vises.ingest.rules import Refusal
from vises.ingest.sources.table import no_statistics
from vises.ingest.sources.table.description import DISCLOSURE_RULES, STATUSES
from vises.ingest.tables.cells import as_text
from vises.ingest.tables.delimited import open_delimited
from vises.ingest.tables.separators import cells_of, counts_of, separator_of
from vises.ingest.tables.table import BadTable
from vises.ingest.tables.workbook import open_sheet
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

LOOKED_AT = 30
"""In how many lines the header is looked for."""
YEAR = re.compile(r"(19|20)[0-9]{2}")
DIMENSION_NAMES = {
    "area": ("région", "region", "regio", "gewest", "gebied", "territoire", "area", "geo", "nuts"),
    "family": ("famille", "familie", "family"),
    "period": ("année", "annee", "jaar", "year", "period", "time_period"),
    "sector": ("secteur", "sector", "bedrijfstak", "nace"),
    "note_fr": ("remarque",),
    "note_nl": ("opmerking",),
    "note": ("note",),
}
_NUMBER = re.compile(r"[+-]?([0-9][0-9.,\s]*)[^0-9]*")
_BETWEEN = re.compile(r"(?<=[0-9])([.,\s])(?=[0-9]{3}(?![0-9]))")
_UNSAID = """\
#decimal: ","      # or "."; a number such as 210.800 is refused while nothing says what its sign is
#thousands: " "    # or "." or ","
"""
_HEAD = """\
# Description of {file}: what its numbers count, for `vises ingest table`.
# Complete what stands in capitals; remove what does not apply.

title:            # of the dataset, in three languages
  fr: "TITLE"
  nl: "TITLE"
  en: "TITLE"
#description: {{fr: "...", nl: "...", en: "..."}}
#licence: https://creativecommons.org/licenses/by/4.0/

source:           # the publication that the table comes from; id alone if it is published already
  id: SOURCE-ID   # small letters, digits and hyphens, such as oes-2024
  title: "TITLE OF THE PUBLICATION"
  language: fr    # of its title: fr, nl, de or en
  publisher: PUBLISHER-ID          # such as observatoire-es
  #publisher_name: "..."           # where no dataset describes the publisher yet
  #issued: 2024-11                 # a year, a month or a day
  #page: https://...
#revision_of: ID OF THE PUBLICATION WHOSE FIGURES THESE REPLACE

"""
_FORM = """\
header: {header}        # the line with the names of the columns
#last: 99         # the last line of the table, where notes stand below it
{signs}#missing: ["n.d.", "-"]            # what stands where there is no number
#flags: {{(p): provisional, (e): estimated, "s": fewer-than-three}}
# a flag means one of: {flags}

constants:        # what is the same for every number
  measure: MEASURE                 # such as jobCount, employeeCount, enterpriseCount
  perimeter: PERIMETER             # such as observatoire-es, cress-hauts-de-france, insee-ess
"""


def template(path: Path) -> str:
    """Return a commented description for the table in a CSV file or a workbook's first sheet.

    Raises `InputMissing`, `WrongFiles` for another kind of file, and `BadTable`.
    """
    file = find([path])[0]
    lines = _first_lines(file)
    if not any(map(any, lines.values())):
        raise BadTable(
            "The table is empty.", place=file.place, remedy="Name a file with a line of headings."
        )
    number, header = max(lines.items(), key=lambda each: (sum(map(bool, each[1])), -each[0]))
    parts = [_HEAD.format(file=path.name)]
    if file.member and file.kind is Kind.WORKBOOK:
        parts.append(f"sheet: {_quoted(file.member)}\n")
    flags = ", ".join((*STATUSES, *DISCLOSURE_RULES))
    parts.append(_FORM.format(header=number, signs=_signs(lines.values()), flags=flags))
    parts.append(_columns(header))
    return "".join(parts)


def _signs(lines: Iterable[Sequence[str]]) -> str:
    """Return the lines on the signs of numbers: those that the first numbers leave no doubt about.

    A number such as 210.800 says nothing, so that where all are like it the lines are to be
    completed.
    """
    found = (_NUMBER.fullmatch(cell) for line in lines for cell in line)
    numbers = [each[1].strip() for each in found if each]
    decimals = {sign for sign in ",." if any(_has_decimals(sign, number) for number in numbers)}
    between = {each[1] for number in numbers for each in _BETWEEN.finditer(number)} - decimals
    if len(decimals) == 1 or any(sign.isspace() for sign in between):
        decimal = decimals.pop() if len(decimals) == 1 else ""
        thousands = next((sign for sign in between if sign in ",."), " ") if decimal else " "
        said = f'decimal: "{decimal}"\n' if decimal else '#decimal: ","\n'
        return f'{said}thousands: "{thousands}"\n'
    return _UNSAID


def _has_decimals(sign: str, number: str) -> bool:
    """Tell whether a sign can only stand before decimals, as a number is written."""
    other = "." if sign == "," else ","
    if number.count(other) > 1:
        return True  # 1.234.567: it stands between thousands, so this one is left for decimals
    _, found, decimals = number.rpartition(sign)
    is_one = bool(found) and number.count(sign) == 1
    return is_one and decimals.isdecimal() and not is_ambiguous(number)


def _columns(header: Sequence[str]) -> str:
    """Return the lines on the columns: dimensions by their names, years as columns of numbers."""
    dimensions, values, others = [], [], []
    taken: set[str] = set()
    for title in filter(None, header):
        name = _dimension(title)
        if YEAR.fullmatch(title):
            values.append(f"  - {{column: {_quoted(title)}, period: {title}}}\n")
        elif name and name not in taken:
            taken.add(name)
            coded = not name.startswith("note")
            codes = ", codes: {" + _quoted("as in the table") + ": CODE}" if coded else ""
            dimensions.append(f"  {name}: {{column: {_quoted(title)}{codes}}}\n")
        else:
            others.append(title)
    fixed = [f"  {name}: {name.upper()}\n" for name in ("area", "family") if name not in taken]
    if not values:
        values = [f"  - {{column: {_quoted(title)}}}\n" for title in others] or ["  - COLUMN\n"]
        fixed += ["  period: YEAR\n"] if "period" not in taken else []
    elif others:
        values.append(f"# other columns: {', '.join(others)}\n".replace("\n", " ").rstrip() + "\n")
    named = ["\ndimensions:       # columns that hold a dimension\n", *dimensions]
    heading = "\nvalues:           # columns that hold the numbers\n"
    return "".join([*fixed, *(named if dimensions else []), heading, *values])


def _dimension(title: str) -> str:
    words = re.findall(r"\w+", title.lower())
    fitting = (name for name, known in DIMENSION_NAMES.items() if any(w in known for w in words))
    return next(fitting, "")


def _first_lines(file: InputFile) -> dict[int, Sequence[str]]:
    """Return the cells of the first lines by their numbers, the names of a header among them."""
    if file.kind is Kind.WORKBOOK:
        with open_sheet(file, SILENCE, text=_without_decimals) as sheet:
            below = islice(sheet.rows, LOOKED_AT)  # without the rows that are empty
            sound = {n: cells for n, cells in below if not isinstance(cells, Refusal)}
            return {1: sheet.names, **sound}
    if file.kind is not Kind.DELIMITED:
        raise no_statistics(file.kind, file.place)
    with open_delimited(file, SILENCE):  # raises what cannot be read
        pass
    with file.open(SILENCE) as stream:
        text = io.TextIOWrapper(io.BufferedReader(stream), encoding="utf-8-sig", errors="replace")
        lines = [line.rstrip("\r\n") for line in islice(text, LOOKED_AT)]
    signs = [separator_of(line) for line in lines]
    known = dict.fromkeys(signs)
    sign = max(known, key=lambda each: _fitting(lines, signs, each), default="")
    return {number: cells_of(line, sign) for number, line in enumerate(lines, 1)}


def _fitting(lines: Sequence[str], signs: Sequence[str], sign: str) -> int:
    """Return how many lines are cut by a sign as the best of those is that have this sign."""
    counts = [counts_of(cells_of(line, sign)) for line in lines]
    best = max(count for each, count in zip(signs, counts, strict=True) if each == sign)
    return counts.count(best) if best > (1, 1) else 0


def _without_decimals(value: object) -> str:
    """Return a value of a sheet as text, but of a number with decimals its whole part alone.

    Such a number has no sign of its own, so that it says nothing of how texts are written.
    """
    return str(int(value)) if isinstance(value, float) else as_text(value)


def _quoted(text: str) -> str:
    """Return a text as YAML, whatever is in it: a JSON string is one."""
    return json.dumps(text, ensure_ascii=False)
