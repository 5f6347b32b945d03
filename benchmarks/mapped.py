"""The rows of SIRENE as other mappers take them, and what these make of them.

Both peers get the rows when they are checked, chosen and prepared, which they do not do themselves:
a CSV with a header. morph-kgc reads the same RML mapping, with the base written out. Polars puts
the texts of the same triples together, which is the least that has to be done.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from vises.ingest.parallel.left import kept_rows
from vises.ingest.rml import compile_mapping, load_mapping
from vises.ingest.source import BATCH_COLUMNS
from vises.ingest.sources.sirene import ESTABLISHMENTS, SIRENE, UNITS
from vises.namespaces import VOCABULARY_BASE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COLUMNS = (*UNITS.columns, *BATCH_COLUMNS)
ROWS = "units.csv"
MORPH = """[CONFIGURATION]
na_values=
output_file=morph.nt
number_of_processes=2
logging_level=ERROR
[source]
mappings=mapping.ttl
"""
COPIES = {
    r'(rml:template ")(?![A-Za-z][A-Za-z0-9+.-]*:)': rf"\1{VOCABULARY_BASE}",
    r'rml:source \[ a rml:RelativePathSource ; rml:path ("[^"]+") \]': r"rml:source \1",
    r"rml:object (true|false)": r'rml:objectMap [ rml:constant "\1" ; rml:datatype xsd:boolean ]',
    r"rml:object <(organisation/[^>]+)>": rf"rml:object <{VOCABULARY_BASE}\1>",
}
"""What is replaced in morph-kgc's copy of the mapping, which means the same then."""

_MARK = "COLz{:02d}z"
_MARKED = re.compile(r"COLz(\d\d)z")


def write_prepared(work: Path, names: Sequence[str], constant: Sequence[str], to: Path) -> int:
    """Write the prepared rows of some pieces in the folder `work`; return how many they are."""
    count = 0
    with (to / ROWS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for name in names:
            for block in kept_rows(work, name):
                writer.writerows((*cells, *constant) for _, cells in block)
                count += len(block)
    with (to / f"{ESTABLISHMENTS.name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow((*ESTABLISHMENTS.columns, *BATCH_COLUMNS))
    text = SIRENE.mapping.read_text("utf-8")
    for pattern, replacement in COPIES.items():
        text = re.sub(pattern, replacement, text)
    (to / "mapping.ttl").write_text(text, "utf-8")
    return count


def run_morph(python: Path, folder: Path) -> float:
    """Map with morph-kgc in two processes into `morph.nt`; return the seconds, start included."""
    (folder / "morph.ini").write_text(MORPH, "utf-8")
    begun = time.perf_counter()
    command = [python, "-m", "morph_kgc", "morph.ini"]
    subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
    return time.perf_counter() - begun


def run_polars(folder: Path) -> float:
    """Put the triples together with Polars into `polars.nt`; return the seconds."""
    import polars as pl  # noqa: PLC0415 (only this peer needs it)

    mapping = load_mapping(SIRENE.mapping.read_bytes(), base_iri=VOCABULARY_BASE, place="mapping")
    mapper = compile_mapping(mapping, ROWS, COLUMNS, base_iri=VOCABULARY_BASE)
    row = mapper([_MARK.format(number) for number in range(len(COLUMNS))])

    def text_of(name: str) -> pl.Expr:
        escaped = pl.col(name).str.replace_all("\\", "\\\\", literal=True)
        return escaped.str.replace_all('"', '\\"', literal=True)

    lines = []
    for line in dict.fromkeys(row.splitlines()):
        parts = _MARKED.split(f"{line}\n")
        lines.append(
            pl.concat_str(
                [
                    (
                        text_of(COLUMNS[int(part)])
                        if '"' in parts[at - 1]
                        else pl.col(COLUMNS[int(part)])
                    )
                    if at % 2
                    else pl.lit(part)
                    for at, part in enumerate(parts)
                ]
            )
        )
    begun = time.perf_counter()
    rows = pl.scan_csv(folder / ROWS, infer_schema=False)
    triples = rows.select(pl.concat_str(lines, ignore_nulls=True).str.strip_suffix("\n"))
    triples.sink_csv(folder / "polars.nt", include_header=False, quote_style="never")
    return time.perf_counter() - begun
