"""Python source for a mapping: a function from a row to N-Quads, and one for each join.

Text from a mapping or a header enters the source in two ways only: as the `repr` of a string, and
as fixed text of an f-string (`fstring`). All names are made here: `c3` is the value of column 3,
`c_f0` what a function returns, `t0` a term that had to be checked, `s0` the subject of the first
triples map. In the function of a join, `p3` is the value of column 3 of the parent's part of it.
"""

from __future__ import annotations

from itertools import count, product
from typing import TYPE_CHECKING

from vises.ingest.rml.columns import Columns
from vises.ingest.rml.fstrings import Part, Variable, fstring
from vises.ingest.rml.model import Join, Mapping, ReferencingObjectMap, TermMap, TriplesMap
from vises.ingest.rml.termcode import TermCode, TermCoder
from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_TYPE = TermCode((str(term("rdf:type")),))
_DEFAULT_GRAPH = TermCode(())
_IMPORT = "from vises.ingest.rml.encoding import blank_node, escape, iri, iri_safe, wrong_width"
_IMPORT_FUNCTIONS = "from vises.ingest.rml import functions"
_INDENT = "    "

NAME = "row_to_quads"
"""What the generated function is called."""

Terms = tuple[TermCode, TermCode, TermCode]


def row_program(mapping: Mapping, source: str, names: Sequence[str], base_iri: str) -> str:
    """Return the source of `row_to_quads(row) -> str` for all triples maps over a source.

    What joins make is left to `join_program`; the terms that they make of this row are judged here,
    so that none fails there. Raises `MappingError` where a column is missing or named twice.
    """
    maps = [each for each in mapping.triples_maps if each.source == source]
    columns = Columns(names, source=maps[0].logical_source, place=mapping.place)
    coder = TermCoder(columns, base_iri, count())
    body: list[str] = []
    for number, triples_map in enumerate(maps):
        quads = _quads(mapping, triples_map, coder)
        body += _lines(triples_map, coder, quads, f"s{number}")
        body += _checks_of_joins(triples_map, coder)
    head = f"# Generated from {mapping.place!r} for the source {source!r}."
    return _module(head, [columns], body)


def join_program(
    mapping: Mapping, join: Join, names: Sequence[str], parent_names: Sequence[str], base_iri: str
) -> str:
    """Return the source of `row_to_quads(row) -> str` for what one join makes (R2RML, section 8).

    The row has the cells of the child, then those of the parent. Raises what `row_program` does.
    """
    child, parent = join.child, join.parent
    columns = Columns(names, source=child.logical_source, place=mapping.place)
    parents = Columns(
        parent_names,
        source=parent.logical_source,
        place=mapping.place,
        prefix="p",
        offset=len(names),
    )
    numbers = count()
    coder = TermCoder(columns, base_iri, numbers)
    subject_of_parent = TermCoder(parents, base_iri, numbers).term(parent.subject)
    predicates = [coder.term(each) for each in join.pair.predicates]
    graphs = _graphs(coder, (*child.graphs, *join.pair.graphs))
    body = _lines(child, coder, product(predicates, [subject_of_parent], graphs), "s0")
    head = f"# Generated from {mapping.place!r} for the join on line {join.reference.line}."
    return _module(head, [columns, parents], body)


def _quads(mapping: Mapping, triples_map: TriplesMap, coder: TermCoder) -> Iterator[Terms]:
    """Give predicate, object and graph of every quad (R2RML, section 11.1), but not of joins."""
    own = triples_map.graphs
    for iri in triples_map.classes:
        for graph in _graphs(coder, own):
            yield _TYPE, TermCode((str(iri),)), graph
    for pair in triples_map.predicate_object_maps:
        predicates = [coder.term(each) for each in pair.predicates]
        objects = [
            coder.term(_term_map(mapping, each))
            for each in pair.objects
            if isinstance(each, TermMap) or not each.conditions
        ]
        yield from product(predicates, objects, _graphs(coder, (*own, *pair.graphs)))


def _checks_of_joins(triples_map: TriplesMap, coder: TermCoder) -> list[str]:
    """Return the statements that judge what joins make of a row, beside its subject."""
    made = [
        coder.term(each)
        for pair in triples_map.predicate_object_maps
        if any(isinstance(each, ReferencingObjectMap) and each.conditions for each in pair.objects)
        for each in (*pair.predicates, *triples_map.graphs, *pair.graphs)
    ]
    checks = [
        line for code in made if code.before for line in _where(code.needs, list(code.before))
    ]
    return _where(coder.term(triples_map.subject).needs, checks) if checks else []


def _term_map(mapping: Mapping, each: TermMap | ReferencingObjectMap) -> TermMap:
    """Return the term map of an object; that of a parent over the same row is its subject's."""
    return each if isinstance(each, TermMap) else mapping.triples_map(each.parent).subject


def _graphs(coder: TermCoder, graphs: Iterable[TermMap]) -> list[TermCode]:
    return [coder.term(each) for each in graphs] or [_DEFAULT_GRAPH]


def _lines(
    triples_map: TriplesMap, coder: TermCoder, quads: Iterable[Terms], variable: str
) -> list[str]:
    """Return the statements that add quads about one subject to `out`."""
    subject = coder.term(triples_map.subject)
    groups: dict[tuple[str, ...], list[Terms]] = {}
    for terms in quads:
        all_needs = dict.fromkeys(need for each in terms for need in each.needs)
        key = tuple(need for need in all_needs if need not in subject.needs)
        groups.setdefault(key, []).append(terms)
    body = [*subject.before, f"{variable} = {fstring(subject.parts)}"]
    for needs, group in groups.items():
        body += _where(needs, _group(Variable(variable), group))
    comment = f"# The triples map on line {triples_map.line}."
    return [comment, *_where(subject.needs, body)]


def _group(subject: Variable, quads: Iterable[Terms]) -> list[str]:
    """Return the statements for quads that are made under the same condition."""
    before = dict.fromkeys(line for quad in quads for each in quad for line in each.before)
    lines = dict.fromkeys(fstring(_quad(subject, *quad)) for quad in quads)
    if len(lines) == 1:
        added = [f"out += {line}" for line in lines]
    else:
        added = ["out += (", *(_INDENT + line for line in lines), ")"]
    return [*before, *added]


def _quad(subject: Variable, predicate: TermCode, object_: TermCode, graph: TermCode) -> list[Part]:
    ending = [" ", *graph.parts] if graph.parts else []
    return [subject, " ", *predicate.parts, " ", *object_.parts, *ending, " .\n"]


def _where(needs: Sequence[str], lines: list[str]) -> list[str]:
    return [f"if {' and '.join(needs)}:", *_indented(lines)] if needs else lines


def _indented(lines: Iterable[str]) -> list[str]:
    return [_INDENT + line for line in lines]


def _width(names: Sequence[str]) -> list[str]:
    return [
        f"columns = {tuple(names)!r}",
        f"if len(row) != {len(names)}:",
        "    raise wrong_width(row, columns)",
    ]


def _module(head: str, columns: Sequence[Columns], body: Iterable[str]) -> str:
    imports = [_IMPORT_FUNCTIONS] if any(each.has_calls for each in columns) else []
    prelude = [line for each in columns for line in each.prelude()]
    width = _width([name for each in columns for name in each.names])
    lines = [*width, *prelude, "out = ''", *body, "return out"]
    return "\n".join([head, *imports, _IMPORT, "", "", f"def {NAME}(row):", *_indented(lines), ""])
