"""Lists of enterprises from an index: what the store says, without what is hidden."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, QueryResultsFormat, Store

from vises.service.api.cells import Listed
from vises.service.search.cells import CELLS, mark, read_part, read_row
from vises.service.search.documents import MOST_GRAPHS
from vises.service.search.listing import NAME, NAME_BACKWARDS, Listing, listed
from vises.service.search.schema import order_of
from vises.service.search.things import affected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tantivy import Index

CODE = "https://w3id.org/vises/code"
REGISTER = """
<enterprise/1> a vises:Enterprise ; legal:legalName "Atelier", "Atelier du \\"Héron\\""@fr ;
    vises:region nuts:FRE11 ; vises:fictitious true ; adms:identifier <identifier/1> .
<identifier/1> skos:notation "123456782", "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
<enterprise/2> a vises:Enterprise ; legal:legalName "Boulangerie\\tRurale" ;
    vises:legalForm form:9220 ; vises:activity <https://w3id.org/vises/code/nace-rev2/88> .
<enterprise/3> vises:region nuts:FRE11 .
"""
CLAIMS = """
<claim/1> vises:about <enterprise/1> ; vises:countsAsSse true ;
    vises:perimeter <https://w3id.org/vises/code/perimeter/insee-flag> .
<claim/2> vises:about <enterprise/2> ; vises:countsAsSse false .
<enterprise/3> a vises:Enterprise .
"""
PARTNER = """
<claim/2> vises:perimeter <https://w3id.org/vises/code/perimeter/list> .
<enterprise/2> vises:region nuts:FRE12 ; legal:legalName "Aube" ; skos:prefLabel "Aube"@fr .
<enterprise/1> vises:sizeBand <https://w3id.org/vises/code/size-band/12> .
"""
GRAPHS = {"register": REGISTER, "claims": CLAIMS, "partner": PARTNER}
FILTERS = {
    "": (),
    "?item vises:region nuts:FRE11 .": [[mark("region", f"<{CODE}/nuts/FRE11>")]],
    "?item vises:region ?r . FILTER(?r IN (nuts:FRE11, nuts:FRE12))": [
        [mark("region", f"<{CODE}/nuts/FRE11>"), mark("region", f"<{CODE}/nuts/FRE12>")]
    ],
    "?item vises:sizeBand band:12 .": [[mark("sizeBand", f"<{CODE}/size-band/12>")]],
    "?item vises:activity nace:88 .": [[mark("activity", f"<{CODE}/nace-rev2/88>")]],
    '?item adms:identifier/skos:notation "123456782" .': [[mark("number", '"123456782"')]],
    '?item adms:identifier/skos:notation "1" .': [[mark("number", '"1"')]],
    "?claim vises:about ?item ; vises:countsAsSse true .": [[mark("sse", "true")]],
    "?claim vises:about ?item ; vises:countsAsSse false ; vises:perimeter under:list .": [
        [mark("perimeter", f"<{CODE}/perimeter/list>", "false")]
    ],
    "?item vises:legalForm form:9220 ; vises:region nuts:FRE12 .": [
        [mark("legalForm", f"<{CODE}/legal-form-fr/9220>")],
        [mark("region", f"<{CODE}/nuts/FRE12>")],
    ],
}
PREFIXES = """
PREFIX adms: <http://www.w3.org/ns/adms#>
PREFIX band: <https://w3id.org/vises/code/size-band/>
PREFIX form: <https://w3id.org/vises/code/legal-form-fr/>
PREFIX nace: <https://w3id.org/vises/code/nace-rev2/>
PREFIX nuts: <https://w3id.org/vises/code/nuts/>
PREFIX under: <https://w3id.org/vises/code/perimeter/>
PREFIX legal: <http://www.w3.org/ns/legal#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX vises: <https://w3id.org/vises/ontology#>
"""


def rows(index: Index, listing: Listing) -> Listed:
    return Listed.of(listed(index, listing).decode().split("\n")[1:])


def asked(store: Store, pattern: str) -> Listed:
    """Return what a query finds in what a store has."""
    told = ", ".join(map(str, CELLS))
    found = store.query(
        f"{PREFIXES} SELECT ?item ?p ?v {{ {{ SELECT DISTINCT ?item {{ {pattern} ?item a "
        f"vises:Enterprise }} }} ?item ?p ?v . FILTER(?p IN ({told})) }}",
        use_default_graph_as_union=True,
    )
    body = found.serialize(format=QueryResultsFormat.TSV)
    assert isinstance(body, bytes)
    return Listed.read(body)


@pytest.mark.parametrize(
    "hidden", [set(names) for size in range(3) for names in combinations(GRAPHS, size)]
)
def test_a_list_is_what_a_query_says_of_what_is_not_hidden(
    indexed: Callable[[dict[str, str]], Index],
    fill: Callable[[dict[str, str]], Store],
    graph: Callable[[str], str],
    hidden: set[str],
) -> None:
    index = indexed(GRAPHS)
    store = fill({name: text for name, text in GRAPHS.items() if name not in hidden})
    unseen = [graph(name) for name in hidden]
    seen = [graph(name) for name in GRAPHS if name not in hidden]
    found = []
    for pattern, marks in FILTERS.items():
        listing = Listing(marks, unseen, seen, counted=True)
        here, there = rows(index, listing), asked(store, pattern)
        assert here.things == there.things, pattern
        assert int(listed(index, listing).split(b"\n")[0]) == len(here.things)
        found.append(len(here.things))
    assert any(found) != ({"register", "claims"} <= hidden)


def test_no_value_breaks_a_row(indexed: Callable[[dict[str, str]], Index]) -> None:
    """What is no boolean was written as one, without quotes and escapes."""
    names = [
        '"a\\nb\\tc\\rd"^^<http://www.w3.org/2001/XMLSchema#boolean>',
        '"\\u2028\\u0085"@fr',
        "true",
    ]
    turtle = f"<enterprise/1> a vises:Enterprise ; legal:legalName {', '.join(names)} ."
    number, row = listed(indexed({"data": turtle}), Listing(counted=True)).decode().split("\n")
    assert number == "1"
    cells = dict(read_part(part) for part in read_row(row)[1])
    told = cells["<http://www.w3.org/ns/legal#legalName>"]
    assert len(told) == 3
    assert names[0] in told
    assert "true" in told


def test_the_parts_of_a_list_make_it_up(indexed: Callable[[dict[str, str]], Index]) -> None:
    things = "".join(
        f"<enterprise/{n}> a vises:Enterprise ; vises:region nuts:FRE1{n % 2} ;"
        f' legal:legalName "{n % 7:02}" .\n'
        for n in range(300)
    )
    index = indexed({"things": things})
    for marks, number in (((), 300), ([[mark("region", f"<{CODE}/nuts/FRE11>")]], 150)):
        whole = iris(index, Listing(marks, limit=1000))
        assert len(set(whole)) == number
        assert whole == sorted(whole, key=order_of)
        pages = [iris(index, Listing(marks, offset=n, limit=7)) for n in range(0, number, 7)]
        assert [iri for page in pages for iri in page] == whole
        walked: list[str] = []
        while part := iris(index, Listing(marks, after=(walked and order_of(walked[-1])) or None)):
            walked += part
        assert walked == whole
        assert iris(index, Listing(marks, offset=number)) == []
        named = iris(index, Listing(marks, sort=NAME, limit=1000))
        assert named == sorted(whole, key=lambda i: (int(i.rpartition("/")[2]) % 7, i))
        backwards = [
            iri
            for offset in range(0, number, 50)
            for iri in iris(index, Listing(marks, sort=NAME_BACKWARDS, offset=offset))
        ]
        assert backwards == named[::-1]


def iris(index: Index, listing: Listing) -> list[str]:
    return [node.value for node in rows(index, listing).items]


def test_what_very_many_graphs_say_is_listed_for_who_may_read_all(
    indexed: Callable[[dict[str, str]], Index], graph: Callable[[str], str]
) -> None:
    thing = '<enterprise/9> a vises:Enterprise ; legal:legalName "Partout" .'
    names = [f"g{n}" for n in range(MOST_GRAPHS + 1)]
    index = indexed(dict.fromkeys(names, thing))
    every = [graph(name) for name in names]
    assert len(rows(index, Listing(others=every)).things) == 1
    assert not rows(index, Listing(hidden=every[:1], others=every[1:])).things


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<x:claim> <https://w3id.org/vises/ontology#about> <x:e> <x:g> .", {"x:claim", "x:e"}),
        ("<c:1> <https://w3id.org/vises/ontology#countsAsSse> _:b <x:g> .", {"c:1", "x:e"}),
        ("<c:1> <https://w3id.org/vises/ontology#perimeter> <x:p> <x:g> .", {"c:1", "x:e"}),
        ("<x:e> <https://w3id.org/vises/ontology#sizeBand> <x:p> <x:g> .", {"x:e"}),
        ("<x:e> <https://w3id.org/vises/ontology#employees> <x:p> <x:g> .", set()),
    ],
)
def test_a_change_of_a_claim_changes_the_list(line: str, expected: Sequence[str]) -> None:
    store = Store()
    store.update(
        "INSERT DATA { GRAPH <x:g> { <c:1> <https://w3id.org/vises/ontology#about> <x:e> } }"
    )
    assert affected(store, [line.encode()]) == expected
    assert list(store.quads_for_pattern(NamedNode("c:1"), None, None, None))


def test_names_stand_as_a_dictionary_has_them(
    indexed: Callable[[dict[str, str]], Index],
) -> None:
    """Signs, capitals and accents decide between names of the same words alone."""
    names = ["", "abc", "éclair", "Etoile", "étoile", "L'Étoile d'or", "L\u2019étoile du Nord"]
    names.append("Zoo")
    turtle = "".join(
        f'<enterprise/{len(names) - n}> a vises:Enterprise ; legal:legalName "{name}" .\n'
        for n, name in enumerate(names)
    )
    index = indexed({"data": turtle})
    expected = [str(len(names) - n) for n in range(len(names))]
    named = [i.rpartition("/")[2] for i in iris(index, Listing(sort=NAME))]
    backwards = [i.rpartition("/")[2] for i in iris(index, Listing(sort=NAME_BACKWARDS))]
    assert named == expected
    assert backwards == expected[::-1]
