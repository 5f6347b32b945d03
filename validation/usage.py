"""What a data graph uses of vocabularies and code lists, said in RDF so that shapes can judge it.

The focus nodes of SHACL are things, so no shape sees that a property is misspelt. A description of
the data beside the data makes its terms things: void:property and void:class name them (VoID,
section 4.5), and dcterms:references the codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple

from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vises.validation.validator import Term

DATA = NamedNode("urn:vises:incoming")
CODES = "vises/code"


def usage(
    properties: Iterable[NamedNode], classes: Iterable[Term], referred: Iterable[NamedNode]
) -> Iterator[Triple]:
    """Yield the description of a data graph: its properties, classes and codes, each once.

    Of what the data refers to, the codes are the IRIs that look like ours, however their beginning
    is written.
    """
    for prop in properties:
        yield Triple(DATA, term("void:property"), prop)
    for cls in classes:
        if isinstance(cls, NamedNode):
            yield Triple(DATA, term("void:class"), cls)
    for node in referred:
        if CODES in node.value.lower():
            yield Triple(DATA, term("dcterms:references"), node)
