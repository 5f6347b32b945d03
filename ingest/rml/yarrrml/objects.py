"""Predicates and objects of YARRRML: values, references to other mappings, and functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal

from vises.errors import sentence
from vises.ingest.rml.encoding import is_language
from vises.ingest.rml.model import Reference
from vises.ingest.rml.yarrrml.keys import lacks, listed, no_such_type, opened, text
from vises.ingest.rml.yarrrml.templates import IRI
from vises.ingest.yamltree import Entries, Items, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.ingest.rml.yarrrml.calls import CallWriter
    from vises.ingest.rml.yarrrml.templates import Templates
    from vises.ingest.yamltree import Value, YamlReader

_TYPE = "rdf:type"
_TYPES = {"iri": "rml:IRI", "literal": "rml:Literal", "blank": "rml:BlankNode"}
_LANGUAGE = "~lang"
_PAIR = (2, 3)
_OBJECT_KEYS = (
    *("value", "datatype", "language", "type"),
    *("mapping", "condition", "function", "parameters"),
)


class Line(NamedTuple):
    """A line of Turtle, and the line of YAML behind it."""

    text: str
    made_from: int


class Lines(list[Line]):
    """Lines of Turtle."""

    def add(self, value: Value, text_of_lines: str) -> None:
        """Append lines that were made from a value."""
        self.extend(Line(each, value.line) for each in text_of_lines.split("\n"))


@dataclass(frozen=True)
class ObjectWriter:
    """Writes predicate-object maps; `mappings` are the triples maps of each mapping by its name."""

    reader: YamlReader
    templates: Templates
    calls: CallWriter
    mappings: Mapping[str, tuple[Sequence[str], Text]]

    def pairs(self, stated: Value) -> Lines:
        """Return the predicate-object maps of a mapping."""
        lines = Lines()
        each_pair = [stated] if isinstance(stated, Entries) else listed(stated)
        for pair in each_pair:
            lines.add(pair, "    rml:predicateObjectMap [")
            lines.extend(self._short_pair(pair) if isinstance(pair, Items) else self._pair(pair))
            lines.add(pair, "    ] ;")
        return lines

    def iri_map(self, value: Value) -> str:
        """Return the expression of a term map that makes IRIs."""
        stated = text(self.reader, value)
        parts = self.templates.iri(stated, stated.value.removesuffix(IRI))
        kind = " ; rml:termType rml:IRI" if isinstance(parts[0], Reference) else ""
        return self.templates.expression(parts, iri=True) + kind

    def shortcut(self, name: str, made: str) -> str:
        """Return a property with its map, which a constant needs not write out."""
        constant = made.removeprefix("rml:constant ")
        return f"rml:{name} {constant}" if constant != made else f"rml:{name}Map [ {made} ]"

    def _short_pair(self, pair: Items) -> Iterator[Line]:
        """Give the lines of `[predicates, objects]`, with a datatype or language behind them."""
        if len(pair.items) not in _PAIR:
            raise self.reader.error(
                pair,
                sentence("pair-is", "It is [predicates, objects, datatype or language~lang]."),
            )
        predicates, objects = pair.items[:2]
        setting = self._setting(pair.items[2]) if len(pair.items) > 2 else ""  # noqa: PLR2004
        lines = Lines()
        types = self._predicates(predicates, lines)
        for each in listed(objects):
            if isinstance(each, Entries):
                lines.extend(self._object(each, iri=types))
            else:
                lines.extend(self._value(text(self.reader, each), setting, iri=types))
        yield from lines

    def _pair(self, pair: Value) -> Iterator[Line]:
        content = opened(self.reader, pair, "predicates", "objects", "graphs")
        for needed in ("predicates", "objects"):
            if needed not in content:
                raise lacks(self.reader, pair, needed)
        lines = Lines()
        types = self._predicates(content["predicates"], lines)
        for each in listed(content["objects"]):
            if isinstance(each, Items):
                if len(each.items) not in {1, 2}:
                    raise self.reader.error(
                        each, sentence("object-is", "It is [value, datatype or language~lang].")
                    )
                setting = self._setting(each.items[1]) if len(each.items) > 1 else ""
                value = text(self.reader, each.items[0])
                lines.extend(self._value(value, setting, iri=types))
            else:
                lines.extend(self._object(each, iri=types))
        for graph in listed(content["graphs"]) if "graphs" in content else ():
            lines.add(graph, f"        {self.shortcut('graph', self.iri_map(graph))} ;")
        yield from lines

    def _predicates(self, stated: Value, lines: Lines) -> bool:
        """Add the predicates, and tell whether `a` is the only one: its objects are IRIs."""
        types = []
        for each in listed(stated):
            name = text(self.reader, each)
            made = f"rml:constant {_TYPE}" if name.value == "a" else self.iri_map(name)
            types.append(made == f"rml:constant {_TYPE}")
            lines.add(name, f"        {self.shortcut('predicate', made)} ;")
        return bool(types) and all(types)

    def _object(self, stated: Value, *, iri: bool) -> Lines:
        if isinstance(stated, Text):
            return self._value(stated, "", iri=iri)
        content = opened(self.reader, stated, *_OBJECT_KEYS)
        if "mapping" in content:
            return self._reference(content, stated)
        setting = ""
        if "datatype" in content:
            setting += self._setting(content["datatype"])
        if "language" in content:
            setting += self._language(text(self.reader, content["language"]))
        kind = self._type(content)
        if "function" in content:
            made = self.calls.execution(content, stated) + setting
            made += f" ; rml:termType {_TYPES[kind]}" if kind else ""
            lines = Lines()
            lines.add(stated, f"        rml:objectMap [ {made} ] ;")
            return lines
        self._demand_value(content, stated)
        value = text(self.reader, content["value"])
        return self._value(value, setting, iri=iri, kind=kind)

    def _demand_value(self, content: Mapping[str, Value], stated: Value) -> None:
        """Raise `MappingError` for an object without a value, or with keys of a function."""
        for key in ("parameters", "condition"):
            if key in content:
                raise self.reader.error(
                    content[key],
                    sentence(
                        "key-alone",
                        "{key} without a function or a mapping is not supported.",
                        key=key,
                    ),
                    sentence(
                        "true-condition",
                        "A value under a condition is the function idlab-fn:trueCondition.",
                    ),
                )
        if "value" not in content:
            raise self.reader.error(
                stated,
                sentence("object-empty", "The object has no value, function or mapping."),
            )

    def _type(self, content: Mapping[str, Value]) -> str:
        if "type" not in content:
            return ""
        stated = text(self.reader, content["type"])
        if stated.value not in _TYPES:
            raise no_such_type(self.reader, stated, _TYPES)
        return stated.value

    def _value(self, stated: Text, setting: str, *, iri: bool, kind: str = "") -> Lines:
        """Return the object map of a text: a literal, unless it or the predicate says otherwise."""
        short = stated.value.removesuffix(IRI)
        if not kind:
            kind = "iri" if iri or short != stated.value else "literal"
        is_iri = kind == "iri"
        parts = self.templates.iri(stated, short) if is_iri else self.templates.parts(stated)
        lines = Lines()
        if len(parts) == 1 and isinstance(parts[0], str) and kind != "blank":
            made = f"rml:constant {self._constant(parts[0], setting)}" if setting else ""
            made = made or self.templates.expression(parts, iri=is_iri)
        else:
            made = self.templates.expression(parts, iri=is_iri) + setting
            default = "iri" if len(parts) > 1 and not setting else "literal"
            made += f" ; rml:termType {_TYPES[kind]}" if kind != default else ""
        lines.add(stated, f"        {self.shortcut('object', made)} ;")
        return lines

    def _constant(self, value: str, setting: str) -> str:
        """Return a literal with its datatype or language, which a constant carries itself."""
        _, _, stated = setting.rpartition(" ")
        mark = "@" + stated.strip('"') if stated.startswith('"') else f"^^{stated}"
        return f"{Literal(value)}{mark}"

    def _setting(self, stated: Value) -> str:
        """Return the datatype or language of literals: `xsd:date` or `nl~lang`."""
        given = text(self.reader, stated)
        if given.value.endswith(_LANGUAGE):
            return self._language(given)
        return f" ; rml:datatype {self.templates.constant_iri(given)}"

    def _language(self, stated: Text) -> str:
        tag = stated.value.removesuffix(_LANGUAGE)
        if not is_language(tag):
            raise self.reader.error(
                stated,
                sentence("no-language-tag", "{tag!r} is not a language tag.", tag=tag),
                sentence("write-tag", "Write a tag of BCP 47 such as fr or nl-BE."),
            )
        return f" ; rml:language {Literal(tag)}"

    def _reference(self, content: Mapping[str, Value], stated: Value) -> Lines:
        """Return the map of an object that is the subject of another mapping."""
        name = text(self.reader, content["mapping"])
        for key in content:
            if key not in {"mapping", "condition"}:
                raise self.reader.error(
                    content[key],
                    sentence("not-with-mapping", "{key} does not go with mapping.", key=key),
                )
        if name.value not in self.mappings:
            raise self.reader.error(
                name,
                sentence("no-such-mapping", "There is no mapping {name!r}.", name=name.value),
                sentence("it-has", "It has: {names}.", names=", ".join(self.mappings)),
            )
        iris, _ = self.mappings[name.value]
        if len(iris) > 1:
            raise self.reader.error(
                name,
                sentence(
                    "several-subjects",
                    "{name!r} has several sources or subjects; which one is meant?",
                    name=name.value,
                ),
                sentence("write-mappings", "Write a mapping for each of them."),
            )
        lines = Lines()
        lines.add(name, f"        rml:objectMap [ rml:parentTriplesMap {iris[0]} ;")
        for condition in listed(content["condition"]) if "condition" in content else ():
            child, parent = self.calls.condition(condition)
            lines.add(
                condition,
                f"            rml:joinCondition [ rml:child {child} ; rml:parent {parent} ] ;",
            )
        lines.add(stated, "        ] ;")
        return lines
