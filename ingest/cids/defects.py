"""Defects of CIDS data as validation results, in three languages."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.ingest.cids import standard
from vises.languages import LANGUAGES
from vises.namespaces import PREFIXES, term
from vises.validation.report import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Triple

FILE = Path(__file__).parent / "defects.json"
SDG = re.compile(r"https://metadata\.un\.org/(sdg/.+)")
W3C_ORG = PREFIXES["org"]


@cache
def _rules() -> dict[str, dict[str, str]]:
    rules: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return rules


def defect(kind: str, place: str, **values: object) -> Result:
    """Return a defect as a validation result on the document.

    `kind` is a key of defects.json, `place` the name of the document, `values` what its messages
    mention: term, count, given, expected.
    """
    rule = _rules()[kind]
    name = "".join(part.capitalize() for part in kind.split("-"))
    iri = f"{PREFIXES['shapes']}CidsDocumentShape-{name[0].lower()}{name[1:]}"
    value = values.get("term", values.get("given"))
    return Result(
        focus=str(Literal(place)),
        path=None,
        value=None if value is None else str(Literal(str(value))),
        component=iri,
        severity=rule["severity"],
        shape=iri,
        messages={language: rule[language].format_map(values) for language in LANGUAGES},
    )


def graph_defects(triples: Iterable[Triple], place: str) -> Iterator[Result]:
    """Name the terms of a CIDS graph that are misnamed, in a near-miss namespace or unknown.

    Each is named once, with how often it occurs; nothing is changed.
    """
    used: Counter[str] = Counter()
    objects: Counter[str] = Counter()
    for triple in triples:
        used[triple.predicate.value] += 1
        if isinstance(triple.object, NamedNode):
            kind = used if triple.predicate == term("rdf:type") else objects
            kind[triple.object.value] += 1
    for given, count in sorted(used.items()):
        yield from _term_defects(given, count, place)
    for given, count in sorted(objects.items()):
        if written := SDG.fullmatch(given):
            expected = f"http://metadata.un.org/{written[1]}"
            yield defect("sdg-scheme", place, given=given, expected=expected, count=count)


def _term_defects(given: str, count: int, place: str) -> Iterator[Result]:
    if given in standard.instead():
        expected = standard.instead()[given]
        yield defect("misnamed-term", place, given=given, expected=expected, count=count)
    elif near := _near(given):
        yield defect("near-namespace", place, given=given, expected=near, count=count)
    elif given.startswith(standard.namespaces()) and given not in standard.terms():
        yield defect("not-in-cids", place, given=given, count=count)


def _near(given: str) -> str | None:
    """Return the term that is meant where the namespace is almost one of CIDS."""
    for wrong, right in standard.near_namespaces().items():
        if given.startswith(wrong) and right + given.removeprefix(wrong) in standard.terms():
            return right + given.removeprefix(wrong)
    meant = standard.iri(f"org:{given.removeprefix(W3C_ORG)}")
    names = given.startswith(f"{W3C_ORG}has") and meant in standard.terms()
    return meant if names else None
