"""From a YARRRML file to RML in Turtle: each line knows the line of YAML that it was made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Literal

from vises.errors import sentence
from vises.ingest.rml.errors import MappingError, supported
from vises.ingest.rml.yarrrml.calls import CallWriter
from vises.ingest.rml.yarrrml.keys import keys_wanted, lacks, listed, no_such_type, opened, text
from vises.ingest.rml.yarrrml.objects import Lines, ObjectWriter
from vises.ingest.rml.yarrrml.templates import KNOWN_PREFIXES, OWN, PREFIX, Templates, is_absolute
from vises.ingest.yamltree import Entries, Text, YamlReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vises.ingest.rml.yarrrml.objects import Line
    from vises.ingest.yamltree import Value

_FORMULATIONS = {"csv": "rml:CSV", "jsonpath": "rml:JSONPath"}
_UTF_8 = {"utf-8", "utf8"}
_LOCAL = "localfile"
_SUBJECT_TYPES = ("iri", "blank")
_MOST_SOURCE_ITEMS = 2


MOST_BYTES = 1 << 18
"""How long a YARRRML file may be: some five thousand lines."""


@dataclass(frozen=True)
class Translation:
    """RML in Turtle; `made_from` has the line of the YARRRML file for each of its lines."""

    turtle: str
    made_from: tuple[int, ...]


def translate(data: bytes, *, place: str) -> Translation:
    """Return the RML that a YARRRML file stands for.

    `place` names the file in messages. Raises `MappingError` with line and column for what is no
    YAML, no YARRRML or not supported; what RML itself refuses is found when the RML is read.
    """
    reader = YamlReader(place, MappingError, MOST_BYTES)
    document = opened(
        reader,
        reader.read(data),
        "base",
        "prefixes",
        "authors",
        "sources",
        "mappings",
    )
    if "mappings" not in document:
        raise lacks(reader, reader.read(data), "mappings")
    base = text(reader, document["base"]).value if "base" in document else ""
    templates = Templates(reader, _prefixes(reader, document), base)
    lines = list(_Translator(reader, templates, document, _sources(reader, document)).lines())
    body = "\n".join(line.text for line in lines)
    head = templates.declared(body)
    made_from = (*(1 for _ in head), *(line.made_from for line in lines))
    return Translation("\n".join([*head, body, ""]), made_from)


def _prefixes(reader: YamlReader, document: Mapping[str, Value]) -> dict[str, str]:
    prefixes = dict(KNOWN_PREFIXES)
    if "prefixes" in document:
        stated = document["prefixes"]
        if not isinstance(stated, Entries):
            raise keys_wanted(reader, stated)
        for name, (key, value) in stated.entries.items():
            namespace = text(reader, value).value
            if not PREFIX.fullmatch(name) or namespace != OWN.get(name, namespace):
                raise reader.error(
                    key,
                    sentence("no-prefix", "{name!r} cannot be a prefix for this here.", name=name),
                )
            if not is_absolute(namespace):
                raise reader.error(
                    value, sentence("not-iri", "{value} is not an IRI.", value=repr(namespace))
                )
            prefixes[name] = namespace
    return prefixes


def _sources(reader: YamlReader, document: Mapping[str, Value]) -> dict[str | None, Value]:
    """Return the sources that the document declares for all its mappings."""
    stated = document.get("sources")
    if stated is None:
        return {}
    if not isinstance(stated, Entries):
        raise keys_wanted(reader, stated)
    return {name: value for name, (_, value) in stated.entries.items()}


@dataclass(frozen=True)
class _Mapping:
    """A mapping of the document: its sources and subjects, each pair of which is a triples map."""

    name: str
    key: Text
    content: Mapping[str, Value]
    sources: tuple[Lines, ...]
    subjects: tuple[Value, ...]

    @property
    def iris(self) -> list[str]:
        """The names of its triples maps."""
        first = f"#{quote(self.name, safe='')}"
        count_of_maps = len(self.sources) * len(self.subjects)
        return [f"<{first}>", *(f"<{first}/{n}>" for n in range(2, count_of_maps + 1))]


@dataclass(frozen=True)
class _Translator:
    reader: YamlReader
    templates: Templates
    document: Mapping[str, Value]
    declared: Mapping[str | None, Value]
    mappings: dict[str, _Mapping] = field(default_factory=dict)

    def lines(self) -> Iterator[Line]:
        """Give the lines of all triples maps."""
        stated = self.document["mappings"]
        if not isinstance(stated, Entries) or not stated.entries:
            raise keys_wanted(self.reader, stated)
        for name, (key, value) in stated.entries.items():
            self.mappings[name] = self._mapping(name, key, value)
        for mapping in self.mappings.values():
            yield from self._triples_maps(mapping)

    def _mapping(self, name: str, key: Text, value: Value) -> _Mapping:
        content = opened(self.reader, value, "sources", "subjects", "predicateobjects", "graphs")
        for needed in ("sources", "subjects"):
            if needed not in content:
                raise lacks(self.reader, key, needed)
        sources = tuple(self._sources(content["sources"]))
        return _Mapping(name, key, content, sources, tuple(listed(content["subjects"])))

    def _triples_maps(self, mapping: _Mapping) -> Iterator[Line]:
        objects = ObjectWriter(
            self.reader,
            self.templates,
            CallWriter(self.reader, self.templates),
            {name: (each.iris, each.key) for name, each in self.mappings.items()},
        )
        iris = iter(mapping.iris)
        graphs = list(listed(mapping.content["graphs"])) if "graphs" in mapping.content else []
        for source in mapping.sources:
            for subject in mapping.subjects:
                lines = Lines()
                lines.add(mapping.key, f"\n{next(iris)} a rml:TriplesMap ;")
                lines.extend(source)
                lines.add(subject, f"    rml:subjectMap [ {self._subject(subject, objects)} ;")
                for graph in graphs:
                    made = objects.shortcut("graph", objects.iri_map(graph))
                    lines.add(graph, f"        {made} ;")
                lines.add(subject, "    ] ;")
                if "predicateobjects" in mapping.content:
                    lines.extend(objects.pairs(mapping.content["predicateobjects"]))
                lines.add(mapping.key, ".")
                yield from lines

    def _subject(self, subject: Value, objects: ObjectWriter) -> str:
        if isinstance(subject, Text):
            return objects.iri_map(subject)
        content = opened(self.reader, subject, "value", "type", "function", "parameters")
        kind = text(self.reader, content["type"]).value if "type" in content else "iri"
        if kind not in _SUBJECT_TYPES:
            raise no_such_type(self.reader, content["type"], _SUBJECT_TYPES)
        if "function" in content:
            made = objects.calls.execution(content, subject)
        elif "value" in content:
            stated = text(self.reader, content["value"])
            iri = kind == "iri"
            parts = self.templates.iri(stated) if iri else self.templates.parts(stated)
            made = self.templates.expression(parts, iri=iri)
        else:
            raise self.reader.error(
                subject,
                sentence("subject-empty", "The subject has neither a value nor a function."),
            )
        return made + (" ; rml:termType rml:BlankNode" if kind == "blank" else "")

    def _sources(self, stated: Value) -> Iterator[Lines]:
        for each in listed(stated):
            name = each.value if isinstance(each, Text) else None
            yield self._source(self.declared.get(name, each))

    def _source(self, stated: Value) -> Lines:
        """Return the logical source of `[access~formulation, iterator]`, or of its long form."""
        if isinstance(stated, Entries):
            keys = ("access", "type", "referenceFormulation", "iterator", "encoding")
            content = opened(self.reader, stated, *keys)
            self._demand(content, "type", {_LOCAL})
            self._demand(content, "encoding", _UTF_8)
            parts = [content.get(key) for key in ("access", "referenceFormulation", "iterator")]
            access, formulation, iterator = parts
        else:
            items = list(listed(stated))
            if not items or len(items) > _MOST_SOURCE_ITEMS:
                raise self.reader.error(
                    stated, sentence("source-is", "A source is [file~formulation, iterator].")
                )
            both = text(self.reader, items[0])
            name, _, kind = both.value.rpartition("~")
            if not name:
                raise self.reader.error(
                    both,
                    sentence("source-undeclared", "There is no source {name!r}.", name=both.value),
                    sentence(
                        "declare-source",
                        "Declare it under sources, or write file~csv or file~jsonpath.",
                    ),
                )
            access, formulation = (Text(v, False, both.line, both.column) for v in (name, kind))  # noqa: FBT003
            iterator = items[1] if len(items) > 1 else None
        if access is None or formulation is None:
            raise self.reader.error(
                stated, sentence("source-has", "A source has access and referenceFormulation.")
            )
        return self._logical_source(access, formulation, iterator)

    def _logical_source(self, access: Value, formulation: Value, iterator: Value | None) -> Lines:
        kind = text(self.reader, formulation).value.lower()
        if kind not in _FORMULATIONS:
            raise self.reader.error(
                formulation,
                sentence(
                    "no-formulation",
                    "The reference formulation {value} is not supported.",
                    value=repr(kind),
                ),
                supported(_FORMULATIONS),
            )
        path = text(self.reader, access).value
        lines = Lines()
        lines.add(access, "    rml:logicalSource [")
        lines.add(
            access, f"        rml:source [ a rml:RelativePathSource ; rml:path {Literal(path)} ] ;"
        )
        lines.add(formulation, f"        rml:referenceFormulation {_FORMULATIONS[kind]} ;")
        if iterator is not None:
            iterated = Literal(text(self.reader, iterator).value)
            lines.add(iterator, f"        rml:iterator {iterated} ;")
        lines.add(access, "    ] ;")
        return lines

    def _demand(self, content: Mapping[str, Value], key: str, allowed: set[str]) -> None:
        if key in content and text(self.reader, content[key]).value.lower() not in allowed:
            raise self.reader.error(
                content[key],
                sentence("key-value-unsupported", "This {key} is not supported.", key=key),
                supported([min(allowed)]),
            )
