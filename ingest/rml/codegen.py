"""Python source for a mapping: a function from a row to N-Quads, and one for a join's parents.

Text from a mapping or a header enters the source in two ways only: as the `repr` of a string, and
as fixed text of an f-string (`fstring`). All names are made here: `c3` is the value of column 3,
`t0` a term that had to be checked, `s0` the subject of the first triples map, `p0` a parent's
subject, `parents_0` the table of a join.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from vises.ingest.rml.columns import Columns
from vises.ingest.rml.fstrings import Part, Variable, fstring
from vises.ingest.rml.model import Mapping, ReferencingObjectMap, TermMap, TriplesMap
from vises.ingest.rml.termcode import TermCode, TermCoder
from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_TYPE = TermCode((str(term("rdf:type")),))
_DEFAULT_GRAPH = TermCode(())
_IMPORT = "from vises.ingest.rml.encoding import blank_node, escape, iri, iri_safe, wrong_width"
_INDENT = "    "


@dataclass(frozen=True)
class Join:
    """A table that the generated code looks parents up in.

    `name` is its name there; it gives, for the values of `columns`, the subjects of the rows of
    `parent`. `line` is where the mapping says so.
    """

    name: str
    parent: TriplesMap
    columns: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Program:
    """Generated source, and the tables that it expects beside it."""

    code: str
    joins: tuple[Join, ...]


def row_program(mapping: Mapping, source: str, names: Sequence[str], base_iri: str) -> Program:
    """Return the source of `row_to_quads(row) -> str` for all triples maps over a source.

    Raises `MappingError` where a column is missing or named twice.
    """
    columns = Columns(names, mapping=mapping, source=source)
    coder = TermCoder(columns, base_iri)
    joins: list[Join] = []
    body: list[str] = ["out = ''"]
    for number, triples_map in enumerate(
        each for each in mapping.triples_maps if each.source == source
    ):
        body += _TriplesMapCoder(mapping, triples_map, coder, columns, joins).lines(f"s{number}")
    body.append("return out")
    head = f"# Generated from {mapping.place!r} for the source {source!r}."
    code = _module(head, "row_to_quads", [*columns.prelude(), *body])
    return Program(code, tuple(joins))


def parent_program(mapping: Mapping, join: Join, names: Sequence[str], base_iri: str) -> str:
    """Return the source of `row_to_parent(row)`: the values of a join's columns, and the subject.

    It returns None where one of them is empty: an empty cell equals nothing.
    """
    parent = join.parent
    columns = Columns(names, mapping=mapping, source=parent.source)
    subject = TermCoder(columns, base_iri).term(parent.subject)
    keys = [columns.value(each, join.line).name for each in join.columns]
    needs = tuple(dict.fromkeys((*keys, *subject.needs)))
    found = [*subject.before, f"return ({', '.join(keys)},), {fstring(subject.parts)}"]
    head = f"# Generated from {mapping.place!r} for joins to the triples map on line {parent.line}."
    return _module(
        head, "row_to_parent", [*columns.prelude(), *_where(needs, found), "return None"]
    )


class _TriplesMapCoder:
    """Writes the statements that add one triples map's quads to `out`."""

    def __init__(
        self,
        mapping: Mapping,
        triples_map: TriplesMap,
        coder: TermCoder,
        columns: Columns,
        joins: list[Join],
    ) -> None:
        self._mapping = mapping
        self._map = triples_map
        self._coder = coder
        self._columns = columns
        self._joins = joins

    def lines(self, variable: str) -> list[str]:
        subject = self._coder.term(self._map.subject)
        groups: dict[tuple[tuple[str, ...], str | None], list[tuple[TermCode, ...]]] = {}
        for terms in self._quads():
            all_needs = dict.fromkeys(need for each in terms for need in each.needs)
            loop = next((each.loop for each in terms if each.loop), None)
            key = tuple(need for need in all_needs if need not in subject.needs), loop
            groups.setdefault(key, []).append(terms)
        body = [*subject.before, f"{variable} = {fstring(subject.parts)}"]
        for (needs, loop), quads in groups.items():
            body += _where(needs, _group(Variable(variable), loop, quads))
        comment = f"# The triples map on line {self._map.line}."
        return [comment, *_where(subject.needs, body)]

    def _quads(self) -> Iterator[tuple[TermCode, ...]]:
        """Give predicate, object and graph of every quad (R2RML, section 11.1)."""
        own = self._map.graphs
        for iri in self._map.classes:
            for graph in self._graphs(own):
                yield _TYPE, TermCode((str(iri),)), graph
        for pair in self._map.predicate_object_maps:
            predicates = [self._coder.term(each) for each in pair.predicates]
            objects = [self._object(each) for each in pair.objects]
            yield from product(predicates, objects, self._graphs((*own, *pair.graphs)))

    def _graphs(self, graphs: Iterable[TermMap]) -> list[TermCode]:
        return [self._coder.term(each) for each in graphs] or [_DEFAULT_GRAPH]

    def _object(self, each: TermMap | ReferencingObjectMap) -> TermCode:
        if isinstance(each, TermMap):
            return self._coder.term(each)
        parent = self._mapping.triples_map(each.parent)
        if not each.conditions:
            return self._coder.term(parent.subject)
        number = len(self._joins)
        join = Join(
            f"parents_{number}", parent, tuple(c.parent for c in each.conditions), each.line
        )
        self._joins.append(join)
        children = [self._columns.value(c.child, each.line).name for c in each.conditions]
        key = f"({', '.join(children)},)"
        loop = f"for p{number} in {join.name}.get({key}, ()):"
        return TermCode((Variable(f"p{number}"),), loop=loop)


def _group(subject: Variable, loop: str | None, quads: Iterable[tuple[TermCode, ...]]) -> list[str]:
    """Return the statements for quads that are made under the same condition."""
    before = dict.fromkeys(line for quad in quads for each in quad for line in each.before)
    lines = dict.fromkeys(fstring(_quad(subject, *quad)) for quad in quads)
    if len(lines) == 1:
        added = [f"out += {line}" for line in lines]
    else:
        added = ["out += (", *(_INDENT + line for line in lines), ")"]
    if loop:
        added = [loop, *_indented(added)]
    return [*before, *added]


def _quad(subject: Variable, predicate: TermCode, object_: TermCode, graph: TermCode) -> list[Part]:
    ending = [" ", *graph.parts] if graph.parts else []
    return [subject, " ", *predicate.parts, " ", *object_.parts, *ending, " .\n"]


def _where(needs: Sequence[str], lines: list[str]) -> list[str]:
    return [f"if {' and '.join(needs)}:", *_indented(lines)] if needs else lines


def _indented(lines: Iterable[str]) -> list[str]:
    return [_INDENT + line for line in lines]


def _module(head: str, name: str, body: Iterable[str]) -> str:
    return "\n".join([head, _IMPORT, "", "", f"def {name}(row):", *_indented(body), ""])
