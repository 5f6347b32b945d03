"""What the page of a report shows: what to fix, with a few examples of each."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode, RdfFormat, parse

from vises.namespaces import VOCABULARY_BASE, compact
from vises.service.iris import Addresses
from vises.service.judging.asked import TEXT
from vises.service.language import chosen_language
from vises.service.pages.labels import Labels, Name
from vises.service.pages.mentions import Speaker
from vises.service.pages.model import Mention
from vises.service.pages.outline import Outline
from vises.validation.report import Place, Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Triple
    from starlette.requests import Request

    from vises.service.graph import Row
    from vises.service.pages.maker import PageMaker
    from vises.service.texts import Texts

PROFILES = {
    "core": "judged.profile-core",
    "catalogue": "judged.profile-catalogue",
    "exchange": "judged.profile-exchange",
    "personal-data": "judged.profile-personal-data",
    "publication": "judged.profile-publication",
    "statistics": "judged.profile-statistics",
}
"""What to call the profiles of the package, as keys of texts."""

_KINDS = {
    "Violation": "judged.violation",
    "Warning": "judged.warning",
    "Info": "judged.info",
}


@dataclass(frozen=True)
class Sample:
    """A result: the thing, its IRI ("": it has none), the value as written, and the place."""

    thing: Mention
    focus: str
    value: str
    place: str


@dataclass(frozen=True)
class Fix:
    """Something to fix: what to do, how severe it is, on which property, by which shape."""

    severity: str
    kind: str
    message: Name
    path: str
    shape: Mention | None
    count: int
    others: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class ReportPage:
    """The counts of a report, what to fix, how many more things there are, what was judged."""

    head: Mapping[str, Any]
    fixes: tuple[Fix, ...]
    more: int
    about: Mapping[str, Any]


@dataclass(frozen=True)
class _Told:
    """A summary (`vises.validation.summary`), read."""

    head: Mapping[str, Any]
    findings: Sequence[tuple[int, Sequence[Result]]]
    more: int
    labels: str
    about: Mapping[str, Any]


def read_summary(path: Path) -> str:
    """Return the text of a summary. Raises `OSError`."""
    return path.read_text(encoding="utf-8")


async def report_page(text: str, request: Request, maker: PageMaker, words: Texts) -> ReportPage:
    """Return the page of a summary; things are called as the data calls them, else as we do."""
    told = _read(text)
    namer = await _namer(told, request, maker, words)
    fixes = tuple(_fix(count, samples, namer) for count, samples in told.findings)
    return ReportPage(told.head, fixes, told.more, told.about)


def report_alone(text: str, words: Texts) -> ReportPage:
    """Return the page of a summary that links to nothing, as what it names may not be published."""
    told = _read(text)
    return ReportPage(told.head, tuple(fixes_of(told.findings, words)), told.more, told.about)


def fixes_of(findings: Iterable[tuple[int, Sequence[Result]]], words: Texts) -> list[Fix]:
    """Return what to fix, of counts and samples, for a page that links to nothing."""
    labels, addresses = Labels(words.language, {}), Addresses(VOCABULARY_BASE)
    namer = _Namer(Speaker(words, labels, Outline({}), addresses), frozenset())
    return [_fix(count, samples, namer) for count, samples in findings]


def _read(text: str) -> _Told:
    found = json.loads(text)
    findings = [
        (finding["count"], [_result(sample) for sample in finding["samples"]])
        for finding in found["findings"]
    ]
    return _Told(found["head"], findings, found["more"], found["labels"], found["about"])


def _result(fields: dict[str, Any]) -> Result:
    place = fields.pop("place", None)
    return Result(**fields, place=place and Place(**place))


@dataclass(frozen=True)
class _Namer:
    """Who knows names, and which things the current release speaks of: these have pages."""

    speaker: Speaker
    published: frozenset[str]

    def thing(self, iri: str) -> Mention:
        """Return the mention of a thing, a link where there is a page of ours."""
        mention = self.speaker.thing(iri)
        return mention if iri in self.published else replace(mention, href=None)


async def _namer(told: _Told, request: Request, maker: PageMaker, words: Texts) -> _Namer:
    """Return who knows the names that the data gives, and those of the current release."""
    own = [_row(q.triple) for q in parse(told.labels.encode(), RdfFormat.N_TRIPLES)]
    site = maker.site
    if site.releases.current() is None:
        addresses = Addresses(site.settings.base_iri, None, chosen_language(request))
        labels = Labels.read(words.language, own)
        return _Namer(Speaker(words, labels, Outline({}), addresses), frozenset())
    visit = await maker.visit(request)
    wanted = {NamedNode(iri) for iri in _mentioned(told)}
    rows = await visit.graph.select("labels", resources=sorted(wanted, key=lambda i: i.value))
    named = {row["resource"] for row in own}
    others = [row for row in rows if row["resource"] not in named]
    labels = Labels.read(words.language, [*own, *others])
    addresses = maker.addresses(visit)
    published = {r["resource"].value for r in rows if isinstance(r["resource"], NamedNode)}
    speaker = Speaker(words, labels, visit.facts.outline, addresses)
    return _Namer(speaker, frozenset(published))


def _row(triple: Triple) -> Row:
    return {"resource": triple.subject, "property": triple.predicate, "value": triple.object}


def _mentioned(told: _Told) -> Iterable[str]:
    for sample in chain.from_iterable(samples for _, samples in told.findings):
        terms = (sample.focus, sample.value or "", sample.path or "", f"<{sample.shape}>")
        yield from filter(None, map(_iri, terms))


def _fix(count: int, samples: Sequence[Result], namer: _Namer) -> Fix:
    first, words = samples[0], namer.speaker.words
    key = _KINDS.get(first.severity)
    shape = _iri(f"<{first.shape}>")
    return Fix(
        severity=words(key) if key else first.severity,
        kind=first.severity.lower() if key else "violation",
        message=_message(first, words.language),
        path=_path(first.path, namer.speaker),
        shape=namer.thing(shape) if shape else None,
        count=count,
        others=count - len(samples),
        samples=tuple(_sample(sample, namer) for sample in samples),
    )


def _message(result: Result, language: str) -> Name:
    text = result.message(language)
    tag = next((tag for tag, said in result.messages.items() if said == text), "")
    return Name(text, tag or None)


def _path(path: str | None, speaker: Speaker) -> str:
    if path is None:
        return ""
    iri = _iri(path)
    return speaker.property(iri, ()).name.text if iri else path


def _sample(result: Result, namer: _Namer) -> Sample:
    place, iri = result.place, _iri(result.focus)
    unnamed = Mention(Name(result.focus))
    said = result.value if result.value != result.focus else None
    return Sample(
        thing=namer.thing(iri) if iri else unnamed,
        focus=iri or "",
        value="" if said is None else _written(said, namer.speaker),
        place="" if place is None else _place(place, namer.speaker.words),
    )


def _place(place: Place, words: Texts) -> str:
    document = called(place.document, words)
    if not place.column:
        return words("judged.place", document=document, line=place.line)
    return words("judged.place-column", document=document, line=place.line, column=place.column)


def called(document: str, words: Texts) -> str:
    """Return what a reader calls a document: what was pasted has no name of its own."""
    return words("judged.pasted") if document == TEXT else document


def _written(value: str, speaker: Speaker) -> str:
    """Return a value as the data writes it; an IRI with what it is called."""
    iri = _iri(value)
    if iri is None:
        return value
    short = compact(iri)
    return f"{short} ({speaker.thing(iri).name.text})" if speaker.is_named(iri) else short


def _iri(term: str) -> str | None:
    """Return the IRI of a term that is one."""
    if not (term.startswith("<") and term.endswith(">")):
        return None
    try:
        return NamedNode(term[1:-1]).value
    except ValueError:
        return None
