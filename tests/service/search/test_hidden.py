"""Hidden graphs: an answer is that of a release without them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from vises.service.search.asking import Asked, ask
from vises.service.search.documents import MOST_GRAPHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tantivy import Index

OPEN = """
<enterprise/fr-1> a vises:Enterprise ; legal:legalName "Atelier du Héron" ;
    cv:registeredAddress <address/1> ; adms:identifier <identifier/1> .
<enterprise/fr-2> a vises:Enterprise ; legal:legalName "Ferme du Héron" ; vises:region nuts:FRE11 .
"""
DRAFT = """
<enterprise/fr-1> skos:altLabel "Brouillon secret" ; vises:region nuts:FRE12 .
<enterprise/fr-3> a vises:Enterprise ; legal:legalName "Héron secret" ; vises:fictitious true .
<address/1> locn:postName "Cachette" .
"""
REGISTER = """
<identifier/1> skos:notation "123456782" .
<enterprise/fr-1> a vises:Enterprise ; vises:region nuts:FRE11 .
<enterprise/fr-2> skos:altLabel "Registre" .
"""
GRAPHS = {"open": OPEN, "draft": DRAFT, "register": REGISTER}
TEXTS = [
    "heron",
    "brouillon",
    "secret",
    "cachette",
    "123456782",
    "registre",
    "atelier",
    "",
    "herno",
]


@pytest.mark.parametrize(
    "hidden", [set(names) for size in range(3) for names in combinations(GRAPHS, size)]
)
def test_an_answer_is_that_of_a_release_without_what_is_hidden(
    indexed: Callable[[dict[str, str]], Index], graph: Callable[[str], str], hidden: set[str]
) -> None:
    whole = indexed(GRAPHS)
    without = indexed({name: text for name, text in GRAPHS.items() if name not in hidden})
    rights = {
        "hidden": [graph(name) for name in sorted(hidden)],
        "others": [graph(name) for name in GRAPHS if name not in hidden],
    }
    everything = {"others": rights["others"]}
    for text in TEXTS:
        for typing in (False, True):
            asked: dict[str, Any] = {"typing": typing, "counted": not typing}
            here = ask(whole, Asked(text, **rights, **asked))
            there = ask(without, Asked(text, **everything, **asked))
            assert (here.total, here.fit, here.counts) == (there.total, there.fit, there.counts)
            assert shown(here.hits) == shown(there.hits)
    by = {"filters": {"kind": ["enterprise"]}, "by": ("region", "form")}
    assert ask(whole, Asked("", **rights, **by)).pairs == (
        ask(without, Asked("", **everything, **by)).pairs
    )


def test_a_thing_that_very_many_graphs_speak_of_is_hidden_with_any_of_them(
    indexed: Callable[[dict[str, str]], Index], graph: Callable[[str], str]
) -> None:
    thing = '<enterprise/fr-9> a vises:Enterprise ; legal:legalName "Partout" .'
    graphs = {f"g{n}": thing for n in range(MOST_GRAPHS + 1)}
    index = indexed(graphs)
    names = [graph(name) for name in graphs]
    assert ask(index, Asked("partout", others=names)).total == 1
    assert ask(index, Asked("partout", hidden=names[:1], others=names[1:])).total == 0


def shown(hits: Iterable[object]) -> list[str]:
    return sorted(map(str, hits))
