"""Writing the workbook that enterprises fill in: results, accounts, lists to choose from, help.

Every text is written as a text, so that nothing in a code list becomes a formula (CWE-1236).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from vises.ingest.sources.impact.contracts import ACCOUNTS, RESULTS
from vises.ingest.sources.impact.texts import DASH, EXAMPLE, SHEETS, texts
from vises.ingest.vocabulary import files
from vises.namespaces import PREFIXES, VOCABULARY_BASE, term

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from vises.ingest.contract import Contract, Field

ROWS = 2000
"""How many rows of a sheet have lists to choose from."""
LISTS = "lists"
WIDTH, WIDE = 22, 60
_CONTRACTS: Mapping[str, Contract] = {"results": RESULTS, "accounts": ACCOUNTS}
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "in_memory": True,
}
_EXAMPLES: Mapping[str, str | float | date] = {
    "enterprise": EXAMPLE,
    "indicator": "volunteer-hours",
    "period_start": date(2025, 1, 1),
    "period_end": date(2025, 12, 31),
    "date": date(2025, 5, 6),
    "value": 1250,
    "evidence_kind": "administrative-data",
    "status": "draft",
    "teller_group": "volunteers",
    "theme": "social-inclusion",
    "consent": "true",
}


class Column(NamedTuple):
    """A column of the workbook: its title, what it holds, and whether it must be filled in."""

    title: str
    text: str
    required: bool


class Sheet(NamedTuple):
    """A sheet of the workbook."""

    title: str
    columns: Sequence[Column]


def columns(language: str) -> list[Sheet]:
    """Return the sheets to fill in, in one of the languages fr, nl and en."""
    return [
        Sheet(
            texts()["sheets"][name][language],
            [_column(each, language) for each in _CONTRACTS[name].fields],
        )
        for name in SHEETS
    ]


def _column(each: Field, language: str) -> Column:
    title, text = texts()["columns"][each.name][language]
    return Column(title, text, each.required)


def write_template(
    output: IO[bytes],
    language: str,
    indicators: Sequence[tuple[str, str]] = (),
    created: datetime | None = None,
) -> None:
    """Write the workbook in one of the languages fr, nl and en.

    `indicators` are those to choose from, each with its label; without any, a name is typed. The
    same is the same bytes where it is said when it was `created` (else: now).
    """
    import xlsxwriter  # noqa: PLC0415 (0.1 s to import)

    with xlsxwriter.Workbook(output, _OPTIONS) as workbook:
        if created:
            workbook.set_properties({"created": created.replace(tzinfo=None)})
        _Writer(workbook, language, indicators).write()


@dataclass
class _Writer:
    workbook: Workbook
    language: str
    indicators: Sequence[tuple[str, str]]
    ranges: dict[str, str] = field(default_factory=dict)

    def write(self) -> None:
        self.header = self.workbook.add_format({"bold": True, "text_wrap": True, "locked": True})
        self._help()
        sheets = [(name, self._sheet(name)) for name in SHEETS]
        self.lists = self._sheet(LISTS)
        for name, sheet in sheets:
            self._table(sheet, name)
        self.lists.hide()

    def _sheet(self, name: str) -> Worksheet:
        shown = texts()["sheets"].get(name, {}).get(self.language, name)
        return self.workbook.add_worksheet(shown)

    def _help(self) -> None:
        """Write what to do, and what each column holds."""
        sheet = self._sheet("help")
        sheet.protect()
        wrapped = self.workbook.add_format({"text_wrap": True, "valign": "top"})
        sheet.set_column(0, 2, WIDTH, wrapped)
        sheet.set_column(3, 3, 2 * WIDE, wrapped)
        lines = texts()["help"][self.language]
        for row, line in enumerate(lines):
            sheet.merge_range(row, 0, row, 3, line, wrapped)
        start = len(lines) + 1
        for column, heading in enumerate(texts()["headings"][self.language]):
            sheet.write_string(start, column, heading, self.header)
        row = start
        for shown, described in columns(self.language):
            for each in described:
                row += 1
                required = texts()["values"]["true" if each.required else "false"][self.language]
                for column, text in enumerate((shown, each.title, required, each.text)):
                    sheet.write_string(row, column, text, wrapped)

    def _table(self, sheet: Worksheet, name: str) -> None:
        """Write the header, the example and the lists of one table."""
        free = self.workbook.add_format({"locked": False, "text_wrap": True, "valign": "top"})
        as_date = {"locked": False, "num_format": "yyyy-mm-dd", "valign": "top"}
        dated = self.workbook.add_format(as_date)
        text = self.workbook.add_format({"locked": False, "num_format": "@", "valign": "top"})
        sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True})
        sheet.freeze_panes(1, 1)
        sheet.set_row(0, 32)
        for column, each in enumerate(_CONTRACTS[name].fields):
            form = dated if each.type == "date" else text if each.name == "enterprise" else free
            sheet.set_column(
                column, column, WIDE if each.name in {"text", "method"} else WIDTH, form
            )
            title, says, _ = _column(each, self.language)
            sheet.write_string(0, column, title, self.header)
            self._example(sheet, column, each, form)
            sheet.data_validation(1, column, ROWS, column, self._rule(each, title, says))

    def _example(self, sheet: Worksheet, column: int, each: Field, form: Format) -> None:
        value = _EXAMPLES.get(each.name)
        if each.name == "language":
            value = self.language
        elif each.name in texts()["examples"]:
            value = texts()["examples"][each.name][self.language]
        if isinstance(value, date):
            sheet.write_datetime(1, column, value, form)
        elif isinstance(value, int | float):
            sheet.write_number(1, column, value, form)
        elif value:
            sheet.write_string(1, column, self._as_listed(each, value), form)

    def _as_listed(self, each: Field, value: str) -> str:
        """Return a code as the list of its column shows it."""
        shown = (text for text in self._choices(each) if text.partition(DASH)[0] == value)
        return next(shown, value)

    def _rule(self, each: Field, title: str, says: str) -> dict[str, object]:
        """Return what may be typed into the cells of a column, and what is said beside them."""
        rule: dict[str, object] = {"validate": "any", "input_title": title, "input_message": says}
        if choices := self._choices(each):
            source = self._range(each.name, choices)
            error = texts()["errors"][self.language]
            rule |= {"validate": "list", "source": source, "error_message": error}
        elif each.type == "date":
            least, most = (date.fromisoformat(day) for day in (each.minimum, each.maximum))
            rule |= {"validate": "date", "criteria": "between", "minimum": least, "maximum": most}
        elif each.type == "number":
            rule |= {"validate": "decimal", "criteria": "between"}
            rule |= {"minimum": -1e15, "maximum": 1e15}
        return rule

    def _range(self, name: str, choices: Sequence[str]) -> str:
        """Write a list once and return its range."""
        if name not in self.ranges:
            column = len(self.ranges)
            letter = chr(ord("A") + column)
            for row, text in enumerate(choices):
                self.lists.write_string(row, column, text)
            self.ranges[name] = f"={LISTS}!${letter}$1:${letter}${len(choices)}"
        return self.ranges[name]

    def _choices(self, each: Field) -> list[str]:
        """Return what a column lets choose from, each code with its label; nothing for others."""
        values = texts()["values"]
        if each.name == "indicator":
            labels = dict(self.indicators)
        elif each.code_list:
            labels = code_labels(each.code_list, self.language)
        elif each.name == "language":
            labels = {code: values[f"language-{code}"][self.language] for code in each.enum}
        else:
            labels = {code: values[code][self.language] for code in each.enum}
        return [f"{code}{DASH}{label}" for code, label in labels.items()]


def code_labels(scheme: str, language: str) -> dict[str, str]:
    """Return the labels of a code list of the package by notation, in the order of the list."""
    path = next(path for path in files("codes") if path.stem == scheme)
    notations: dict[NamedNode, str] = {}
    labels: dict[NamedNode, str] = {}
    for quad in parse(path=str(path), format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE):
        node, value = quad.subject, quad.object
        if not isinstance(node, NamedNode) or not isinstance(value, Literal):
            continue
        if quad.predicate == term("skos:notation"):
            notations[node] = value.value
        elif quad.predicate == term("skos:prefLabel") and value.language == language:
            labels[node] = value.value
    prefix = f"{PREFIXES['code']}{scheme}/"
    return {
        notation: labels[node]
        for node, notation in notations.items()
        if node.value.startswith(prefix)
    }
