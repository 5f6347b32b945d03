from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.pages.outline import LAST, Outline

if TYPE_CHECKING:
    from vises.service.graph import Row

CLASS = term("vises:Enterprise")


def row(shape: str, path: str, order: int, name: str, group: str | None = None) -> Row:
    found = {
        "class": CLASS,
        "shape": term(f"shapes:{shape}"),
        "property": NamedNode(f"https://x.example/{shape}-{path}-{order}"),
        "path": term(path),
        "name": Literal(name, language="en"),
        "order": Literal(order),
    }
    if group:
        found |= {
            "group": term(f"shapes:{group}"),
            "groupName": Literal(group, language="en"),
            "groupOrder": Literal(3),
        }
    return found


def test_the_shape_of_the_class_goes_before_others_and_the_lowest_order_first() -> None:
    outline = Outline.read(
        [
            row("PrivacyShape", "legal:legalName", 1, "refused name", "Privacy"),
            row("EnterpriseShape", "legal:legalName", 7, "French name", "Identity"),
            row("EnterpriseShape", "legal:legalName", 5, "legal name", "Identity"),
        ]
    )
    entry = outline.entry([CLASS.value], term("legal:legalName").value)
    assert entry is not None
    assert entry.name("nl") == "legal name"
    assert entry.order == 5
    assert entry.group is not None
    assert (entry.group.name("en"), entry.group.order) == ("Identity", 3)


def test_a_property_that_no_shape_of_the_class_names() -> None:
    outline = Outline.read([row("EnterpriseShape", "legal:legalName", 1, "legal name")])
    prop = term("legal:legalName").value
    assert outline.entry(["https://x.example/Other"], prop) is None
    assert outline.any_name(prop, "fr") == "legal name"
    entry = outline.entry([CLASS.value], prop)
    assert entry is not None
    assert entry.group is None
    assert entry.order < LAST
