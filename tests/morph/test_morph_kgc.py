"""Every mapping gives the quads that morph-kgc gives for the same rows.

morph-kgc 2.10.0 differs from the standards in these points, which the rows here avoid or the
comparison evens out:

- it percent-encodes letters outside ASCII in templates, which R2RML (section 7.3) keeps: IRIs are
  compared with all of them encoded;
- it does not know rml:RelativePathSource, and does not put the base before templates: its copy of a
  mapping names the file and writes the base out;
- it loses the datatype and language of a constant: its copy has them beside the constant;
- it rewrites the numbers of xsd:integer by way of floating point, and stops at text that is none:
  rows have numbers there;
- a template for a literal in YARRRML becomes an IRI, and what a function returns is not escaped:
  the cases have neither.
"""

from __future__ import annotations

import csv
import random
import re
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from tests.morph.install import PYTHON, VERSION, installed
from vises.ingest.rml.files import read_mapping
from vises.ingest.rml.model import Reference, TermType
from vises.ingest.rml.rows import files_of, open_rows
from vises.ingest.rml.run import Problem, Run
from vises.ingest.sources import SOURCES
from vises.progress import Silence

if TYPE_CHECKING:
    from vises.ingest.rml.model import Mapping

BASE = "http://data.example/"
CASES = Path(__file__).parent / "cases"
NAMES = (*sorted(each.name for each in CASES.iterdir()), *sorted(SOURCES))
ROWS = 60
SCHEME = "[A-Za-z][A-Za-z0-9+.-]*:"
COPIES = {
    rf'(rml:template ")(?!{SCHEME})(?=[^"]*"(?! ; rml:termType rml:Literal))': rf"\1{BASE}",
    r'rml:source \[ a rml:RelativePathSource ; rml:path ("[^"]+") \]': r"rml:source \1",
    r"rml:object (true|false)": r'rml:objectMap [ rml:constant "\1" ; rml:datatype xsd:boolean ]',
    r'rml:constant ("[^"]*")@([a-z-]+)': r'rml:constant \1 ; rml:language "\2"',
    r'rml:object ("[^"]*")@([a-z-]+)': r'rml:objectMap [ rml:constant \1 ; rml:language "\2" ]',
}
"""What is replaced in morph-kgc's copy of a mapping, by regular expression."""

TEXTS = (
    *("", "", "a b", "é/ñ?", "x\"y'z", "12", "NA", "null", "line\nbreak", "a\\b", "100%", "日本"),
    *("~-._", "http://e/", "{x}", "O'Brien & Co <x>"),
)
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPED = {
    f"{XSD}integer": ("", "0", "12", "-3"),
    f"{XSD}boolean": ("", "true", "false"),
    f"{XSD}decimal": ("", "1.5", "-0.25", "12"),
    f"{XSD}date": ("", "2026-01-31"),
}
IRIS = ("", "http://e.example/a?b=c#d", "urn:x:y")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a folder for each mapping, with rows and what morph-kgc makes of them."""
    if installed() != VERSION:
        pytest.skip("morph-kgc is not installed: run `make morph-kgc`")
    top = tmp_path_factory.mktemp("morph")
    made = {name: top / name for name in NAMES}
    for name, folder in made.items():
        if name in SOURCES:
            folder.mkdir()
            _write_source(name, folder)
        else:
            shutil.copytree(CASES / name, folder)
    script = Path(__file__).parent / "convert.py"
    command = [str(PYTHON), str(script), *map(str, made.values())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return made


def _write_source(name: str, folder: Path) -> None:
    """Write the mapping of a source as morph-kgc reads it, and rows for each of its tables."""
    text = SOURCES[name].mapping.read_text("utf-8")
    for pattern, replacement in COPIES.items():
        text = re.sub(pattern, replacement, text)
    (folder / "mapping.ttl").write_text(f"@base <{BASE}> .\n{text}", encoding="utf-8")
    mapping = read_mapping(SOURCES[name].mapping, BASE)
    draw = random.Random(name)
    for source in mapping.logical_sources:
        values = _values(mapping, source.name)
        with (folder / source.path).open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(values)
            rows.writerows([draw.choice(each) for each in values.values()] for _ in range(ROWS))


def _values(mapping: Mapping, source: str) -> dict[str, tuple[str, ...]]:
    """Return what may stand in each column: what its datatype or term type allows, or anything."""
    found = dict.fromkeys(sorted(mapping.columns(source)), TEXTS)
    for triples_map in mapping.triples_maps:
        for term in triples_map.term_maps() if triples_map.source == source else ():
            if isinstance(term.expression, Reference):
                if term.term_type is TermType.IRI:
                    found[term.expression.column] = IRIS
                elif term.datatype in TYPED:
                    found[term.expression.column] = TYPED[term.datatype]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_same_quads(folders: dict[str, Path], tmp_path: Path, name: str) -> None:
    folder = folders[name]
    ours = SOURCES[name].mapping if name in SOURCES else next(folder.glob("mapping.*"))
    mapping = read_mapping(ours, BASE)
    sources = {
        each.name: open_rows(mapping, each, files_of(each, folder, folder), Silence())
        for each in mapping.logical_sources
    }
    made = list(Run(mapping, sources, BASE, tmp_path).quads())
    assert [each for each in made if isinstance(each, Problem)] == []
    found = _quads("".join(each for each in made if isinstance(each, str)).encode())
    wanted = _quads((folder / "morph.nq").read_bytes())
    assert sorted(map(str, found - wanted)) == sorted(map(str, wanted - found))
    assert len(found) > (ROWS if name in SOURCES else 5)


def _quads(data: bytes) -> set[Quad]:
    quads = parse(data, format=RdfFormat.N_QUADS)
    return {Quad(*map(_even, (q.subject, q.predicate, q.object, q.graph_name))) for q in quads}


_encode = partial(quote, safe="%/:?#[]@!$&'()*+,;=~")


def _even(term: object) -> object:
    """Return an IRI with its letters outside ASCII percent-encoded, and any other term as it is."""
    return NamedNode(_encode(term.value)) if isinstance(term, NamedNode) else term
