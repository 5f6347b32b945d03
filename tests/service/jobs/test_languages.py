"""What is wrong with files and with their descriptions is told in the language of who sent them."""

# ruff: noqa: RUF001 (apostrophes of French)

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vises.errors import VisesError
from vises.ingest.rml.files import read_mapping
from vises.ingest.sources import SOURCES, mapped
from vises.service.problems import in_each_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.service.jobs.conftest import Counter

EXAMPLE = Path(mapped.__file__).parent
DESCRIPTION = (EXAMPLE / "example.yml").read_text("utf-8")
STATISTICS = """\
title: {fr: T, nl: T, en: T}
source: {id: a-source}
constants: {area: BE3, period: 2021, measure: jobCount, perimeter: insee-ess, family: total}
values: [{column: Emplois}]
"""
JOBS = "Emplois\n12\n"
SDMX = "DATAFLOW,freq,geo,TIME_PERIOD,OBS_VALUE\n"


def told(source: str, paths: list[Path]) -> Mapping[str, Mapping[str, object]]:
    """Return the problem with files of a source in each language."""
    with pytest.raises(VisesError) as caught:
        SOURCES[source].of(paths).recognise(paths)
    return in_each_language(caught.value)


@pytest.mark.parametrize(
    ("source", "files", "french", "dutch"),
    [
        (
            "mapped",
            {"members.csv": "siren\n"},
            "Il n’y a pas de description (.yml) parmi eux.",
            "Er is geen beschrijving (.yml) bij.",
        ),
        (
            "mapped",
            {"d.yml": DESCRIPTION.replace("mapping.ttl", "my.ttl")},
            "Il n’y a pas de fichier 'my.ttl' à côté de celui-ci.",
            "Er is geen bestand 'my.ttl' naast dit bestand.",
        ),
        (
            "mapped",
            {"d.yml": DESCRIPTION.replace("key: code", "key: kode")},
            "Il n’y a pas de colonne 'kode'.",
            "Er is geen kolom 'kode'.",
        ),
        (
            "mapped",
            {"d.yml": DESCRIPTION.replace("type: date", "type: day")},
            "'day' n’est pas connu ici.",
            "'day' is hier niet bekend.",
        ),
        (
            "mapped",
            {"d.yml": DESCRIPTION.replace("tables:", "table:")},
            "'table' n’est pas connu ici.",
            "'table' is hier niet bekend.",
        ),
        (
            "mapped",
            {"d.yml": DESCRIPTION.replace("  federations.csv:", "  others.csv:")},
            "Les règles de conversion ne lisent aucune source 'others.csv'.",
            "De omzettingsregels lezen geen bron 'others.csv'.",
        ),
        (
            "mapped",
            {"d.yml": "title: [f"},
            "Le fichier n’est pas du YAML valide\u00a0: expected ',' or ']', but got",
            "Het bestand is geen geldige YAML: expected ',' or ']', but got",
        ),
        (
            "table",
            {"t.csv": JOBS},
            "Nombre de descriptions (.yml)\u00a0: 0\u00a0; nombre de tableaux\u00a0: 1.",
            "Aantal beschrijvingen (.yml): 0; aantal tabellen: 1.",
        ),
        (
            "table",
            {"d.yml": STATISTICS.replace("2021", "this year"), "t.csv": JOBS},
            "'this year' ne convient pas ici.",
            "'this year' past hier niet.",
        ),
        (
            "table",
            {"d.yml": STATISTICS.replace("values: [", "values: {").replace("}]", "}}")},
            "Nombre de descriptions (.yml)\u00a0: 1\u00a0; nombre de tableaux\u00a0: 0.",
            "Aantal beschrijvingen (.yml): 1; aantal tabellen: 0.",
        ),
        (
            "table",
            {"d.yml": STATISTICS.replace("[{column: Emplois}]", "x"), "t.csv": JOBS},
            "Ici se trouve une valeur seule.",
            "Hier staat één waarde.",
        ),
        (
            "table",
            {"d.yml": STATISTICS.replace("area: BE3, ", ""), "t.csv": JOBS},
            "Rien ne dit `area` de la colonne 1 de `values`.",
            "Niets zegt de `area` van kolom 1 van `values`.",
        ),
        (
            "table",
            {"d.yml": STATISTICS, "t.json": "[]"},
            "Un tableau statistique est en CSV ou en Excel, et non en JSON Lines.",
            "Een statistische tabel is in CSV of Excel, niet in JSON Lines.",
        ),
        (
            "eurostat",
            {"a.csv": SDMX, "b.csv": SDMX},
            "Il y a 2 fichiers, et un jeu de données a un seul flux de données.",
            "Er zijn 2 bestanden, en een dataset heeft één gegevensstroom.",
        ),
        (
            "eurostat",
            {"a.csv": "a,b\n1,2\n"},
            "Ce n’est ni du SDMX-CSV ni du JSON-stat.",
            "Dit is geen SDMX-CSV en geen JSON-stat.",
        ),
        (
            "eurostat",
            {"a.csv": SDMX},
            "Il contient les noms des colonnes, et aucune ligne.",
            "Het bevat de namen van de kolommen, en geen enkele rij.",
        ),
        (
            "eurostat",
            {"a.json": "[]"},
            "C’est un tableau JSON, et non un objet.",
            "Het is een JSON-array, geen object.",
        ),
        (
            "eurostat",
            {"a.json": json.dumps({"class": "collection", "version": "2.0"})},
            "Sa classe et sa version sont collection, 2.0, et non dataset et 2.0.",
            "De klasse en de versie ervan zijn collection, 2.0, niet dataset en 2.0.",
        ),
        (
            "geometry",
            {"n.geojson": '{"type": "FeatureCollection"}'},
            "Il n’a pas le membre 'features'.",
            "Het lid 'features' ontbreekt.",
        ),
        (
            "geometry",
            {"n.geojson": '{"type": "Feature"}'},
            "Son type est Feature, et non FeatureCollection ou Topology.",
            "Het type ervan is Feature, niet FeatureCollection of Topology.",
        ),
        (
            "figures",
            {"f.jsonl": "5\n"},
            "Sa première ligne n’est pas un objet JSON lisible",
            "De eerste regel is geen leesbaar JSON-object",
        ),
        (
            "sirene",
            {"u.parquet": "PAR1 and no more"},
            "Ce n’est pas un fichier Parquet qui puisse être lu jusqu’à la fin",
            "Dit is geen Parquet-bestand dat tot het einde kan worden gelezen",
        ),
    ],
)
def test_what_is_wrong_is_told_in_each_language(
    tmp_path: Path, source: str, files: Mapping[str, str], french: str, dutch: str
) -> None:
    shutil.copy(EXAMPLE / "mapping.ttl", tmp_path)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    problems = told(source, [tmp_path / name for name in files])
    assert str(problems["fr"]["detail"]).startswith(french)
    assert str(problems["nl"]["detail"]).startswith(dutch)
    remedies = {str(problem["remedy"]) for problem in problems.values()}
    assert len(remedies) == len(problems)


@pytest.mark.parametrize(
    ("name", "old", "new", "french", "dutch"),
    [
        (
            "m.ttl",
            "rml:subjectMap",
            "rml:subjectMaps",
            "<http://w3id.org/rml/subjectMaps> n’est pas pris en charge sur l’élément",
            "<http://w3id.org/rml/subjectMaps> wordt niet ondersteund op het onderdeel",
        ),
        (
            "m.ttl",
            "m/{id}",
            "m/{id",
            "Dans le modèle 'm/{id', l’accolade { au caractère 3 n’a pas son pendant.",
            "In het sjabloon 'm/{id' heeft de accolade { op teken 3 geen tegenhanger.",
        ),
        (
            "m.yml",
            "s: ex:",
            "s: no:",
            "Le préfixe 'no' n’est pas déclaré.",
            "Het voorvoegsel 'no' is niet gedeclareerd.",
        ),
        ("m.yml", "s: ex:", "q: ex:", "La clé 'q' n’est pas prise", "De sleutel 'q' wordt hier"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_told_in_each_language(  # noqa: PLR0913, PLR0917 (the case)
    tmp_path: Path, name: str, old: str, new: str, french: str, dutch: str
) -> None:
    assert old in MAPPINGS[name]
    path = tmp_path / name
    path.write_text(MAPPINGS[name].replace(old, new), encoding="utf-8")
    with pytest.raises(VisesError) as caught:
        read_mapping(path, "https://data.example/")
    problems = in_each_language(caught.value)
    assert str(problems["fr"]["detail"]).startswith(french)
    assert str(problems["nl"]["detail"]).startswith(dutch)


MAPPINGS = {
    "m.ttl": """\
@prefix rml: <http://w3id.org/rml/> .
<#a> a rml:TriplesMap ;
    rml:logicalSource [ rml:source [ rml:path "a.csv" ] ; rml:referenceFormulation rml:CSV ] ;
    rml:subjectMap [ rml:template "m/{id}" ] .
""",
    "m.yml": """\
prefixes: {ex: http://e.example/}
mappings: {one: {sources: [[a.csv~csv]], s: ex:$(id)}}
""",
}


def test_a_job_tells_it_in_the_language_of_who_asks(counter: Counter) -> None:
    parts = [("file", ("d.yml", DESCRIPTION.encode(), "application/yaml"))]
    with counter.client() as client:
        answer = client.post("/ingest/mapped?dataset=sirene-members", files=parts)
        counter.wait(answer)
        problems = {
            language: client.get(
                answer.headers["Location"], headers={"Accept-Language": language}
            ).json()["problem"]
            for language in ("fr", "nl")
        }
    assert problems["fr"]["place"] == "d.yml, ligne 3, colonne 10"
    assert problems["fr"]["detail"] == "Il n’y a pas de fichier 'mapping.ttl' à côté de celui-ci."
    assert problems["nl"]["remedy"] == "Geef het ook, of verbeter de naam."
