"""Judging files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.errors import BadInput, NotFound, VisesError
from vises.validation.files import FileMissing, UnknownSerialisation, validate_files
from vises.validation.rust import shacl_validator
from vises.validation.syntax import RdfSyntaxError

if TYPE_CHECKING:
    from pathlib import Path

    from vises.validation.report import Report

SHAPES = b"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
<https://e.example/S> sh:targetClass vises:RegionalFigure ;
  sh:property [ sh:path vises:place ; sh:minCount 1 ; sh:class vises:Region ] .
"""
BASE = "https://base.example/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
V = "https://w3id.org/vises/ontology#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
NORD = "https://w3id.org/vises/code/nuts/FRE11"
GOOD = {
    "a.ttl": f"<f> a <{V}RegionalFigure> ; <{V}place> <{NORD}> .",
    "a.nt": f"<{BASE}f> <{TYPE}> <{V}RegionalFigure> .\n<{BASE}f> <{V}place> <{NORD}> .\n",
    "a.nq": (
        f"<{BASE}f> <{TYPE}> <{V}RegionalFigure> <{BASE}g> .\n"
        f"<{BASE}f> <{V}place> <{NORD}> <{BASE}h> .\n"
    ),
    "a.trig": f"<g> {{ <f> a <{V}RegionalFigure> }} <h> {{ <f> <{V}place> <{NORD}> }}",
    "a.RDF": (
        f'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:v="{V}">'
        f'<v:RegionalFigure r:about="f"><v:place r:resource="{NORD}"/></v:RegionalFigure></r:RDF>'
    ),
    "a.jsonld": f'{{"@id": "f", "@type": "{V}RegionalFigure", "{V}place": {{"@id": "{NORD}"}}}}',
}


def judge(folder: Path, **files: str | bytes) -> Report:
    paths = []
    for name, content in files.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append(path)
    return validate_files(paths, shacl_validator(SHAPES), BASE)


@pytest.mark.parametrize("name", GOOD)
def test_every_serialisation(name: str, tmp_path: Path) -> None:
    assert judge(tmp_path, **{name: GOOD[name]}).conforms
    report = judge(tmp_path, **{name: GOOD[name].replace("FRE11", "NOWHERE")})
    assert [result.focus for result in report.results] == [f"<{BASE}f>"]


def test_files_are_judged_together(tmp_path: Path) -> None:
    figure = f"<f> a <{V}RegionalFigure> ; <{V}place> <my-region> ."
    assert not judge(tmp_path, a_ttl=figure).accepted
    assert judge(tmp_path, a_ttl=figure, b_ttl=f"<my-region> a <{V}Region> .").accepted


def test_what_files_say_of_a_code_joins_what_the_package_says(tmp_path: Path) -> None:
    code = "https://w3id.org/vises/code/theme/employment"
    shapes = f"""
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        <https://e.example/S> sh:targetClass <{SKOS}Concept> ;
          sh:property [ sh:path <{SKOS}notation> ; sh:minCount 1 ] ."""
    path = tmp_path / "a.ttl"
    path.write_text(
        f'<{code}> a <{SKOS}Concept> ; <{SKOS}prefLabel> "Emploi"@fr .\n'
        f'<mine> a <{SKOS}Concept> ; <{SKOS}prefLabel> "Le mien"@fr .\n'
    )
    report = validate_files([path], shacl_validator(shapes.encode()), BASE)
    assert [result.focus for result in report.results] == [f"<{BASE}mine>"]


def test_a_version_of_a_code_list_stands_for_the_one_of_the_package(tmp_path: Path) -> None:
    scheme = "https://w3id.org/vises/code/theme"
    shapes = f"""
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        <https://e.example/S> sh:targetClass <{SKOS}Concept> ;
          sh:property [ sh:path <{SKOS}prefLabel> ; sh:uniqueLang true ; sh:minCount 1 ] ."""
    path = tmp_path / "a.ttl"
    path.write_text(
        f"<{scheme}> a <{SKOS}ConceptScheme> .\n"
        f'<{scheme}/employment> a <{SKOS}Concept> ; <{SKOS}prefLabel> "Another label"@en .\n'
    )
    assert validate_files([path], shacl_validator(shapes.encode()), BASE).accepted


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("a.ttl", "<f> a <g> .\n<f> no:p 1 .", "a.ttl, line 2, column 5"),
        ("a.nt", b'<http://e/1> <http://e/p> "\xe9" .\n', "a.nt, line 1, column 28"),
        ("a.jsonld", '{"@context": "https://schema.org/", "@id": "f"}', "a.jsonld"),
        ("a.jsonld", '{"@id": \n "f"', "a.jsonld, line 2, column 5"),
        ("a.rdf", "<rdf", "a.rdf"),
    ],
)
def test_a_file_that_does_not_parse(
    name: str, content: str | bytes, place: str, tmp_path: Path
) -> None:
    with pytest.raises(RdfSyntaxError) as caught:
        judge(tmp_path, **{name: content})
    assert caught.value.place == str(tmp_path / place)


@pytest.mark.parametrize(
    ("name", "error", "kind"),
    [
        ("missing.ttl", FileMissing, NotFound),
        ("missing", FileMissing, NotFound),
        ("table.csv", UnknownSerialisation, BadInput),
        ("README", UnknownSerialisation, BadInput),
        ("folder.ttl", UnknownSerialisation, BadInput),
    ],
)
def test_a_file_that_cannot_be_read(
    name: str, error: type[VisesError], kind: type[VisesError], tmp_path: Path
) -> None:
    (tmp_path / "folder.ttl").mkdir()
    (tmp_path / "table.csv").touch()
    (tmp_path / "README").touch()
    with pytest.raises(error, match=name) as caught:
        validate_files([tmp_path / name], shacl_validator(SHAPES), BASE)
    assert isinstance(caught.value, kind)
    assert caught.value.remedy


def test_blank_nodes_of_two_files_are_not_the_same(tmp_path: Path) -> None:
    figure = f"_:f a <{V}RegionalFigure> ; <{V}place> <{NORD}> ."
    assert judge(tmp_path, a_ttl=figure, b_ttl=f"_:f a <{V}RegionalFigure> .").violations == 1


def test_a_subclass_that_the_file_defines_is_judged(tmp_path: Path) -> None:
    subclass = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
    figure = f"<mine> <{subclass}> <{V}RegionalFigure> . <f> a <mine> ."
    assert judge(tmp_path, a_ttl=figure).violations == 1
