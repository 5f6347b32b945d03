"""The shapes and vocabularies of the package, and what a shapes graph must be before it is used."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, RdfFormat

from vises.errors import BadInput, NotFound, sentence
from vises.namespaces import term
from vises.validation.incremental.description import Description
from vises.validation.prebinding import losing_this
from vises.validation.syntax import n_triples, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.resources.abc import Traversable


PROFILES = "profiles"
"""The folder, in that of the shapes, of what certain uses demand beyond the core."""

CORE = "core"
"""The profile that demands nothing beyond the core."""

TYPE, PROPERTY_SHAPE = term("rdf:type"), term("sh:PropertyShape")
ONE_PATH = sentence("give-one-path", "Give each property shape exactly one sh:path.")


class ShapesError(BadInput):
    """A shapes graph that does not mean anything, or not what its author thinks."""

    kind = "shapes"
    title = "The shapes are ill-formed"


class UnknownProfile(NotFound):
    """A profile that the package does not have."""

    kind = "profile"
    title = "There is no such profile"


def profiles() -> tuple[str, ...]:
    """Return the names of the profiles of the package, the core first."""
    folder = files("vises") / "shapes" / PROFILES
    return CORE, *sorted(entry.name.removesuffix(".ttl") for entry in folder.iterdir())


def package_shapes(profile: str | None = None) -> bytes:
    """Return the shapes of the package as one N-Triples document.

    They are the core, which all data must meet, and those of a stricter profile if one of
    `profiles` is named. Raises `UnknownProfile` with the profiles there are, `RdfSyntaxError` with
    the name of the file and the line, and `ShapesError` for a term that SHACL does not define:
    every engine ignores one, so ``sh:minCout`` would judge nothing.
    """
    folder = files("vises") / "shapes"
    more: Iterable[Quad] = ()
    if profile is not None and profile != CORE:
        more = _file(_profile(folder / PROFILES, profile), PROFILES)
    return n_triples(_known(chain(_statements(folder), more)))


def package_vocabulary() -> bytes:
    """Return the ontology and the code lists of the package as one N-Triples document.

    Raises `RdfSyntaxError` with the name of the file and the line.
    """
    return n_triples(_statements(files("vises") / "ontology"))


def well_formed(shapes: bytes, place: str) -> list[Quad]:
    """Parse a shapes graph (Turtle) and refuse what an engine passes over in silence.

    A property shape has exactly one sh:path (section 2.3.1); one without would judge nothing. A
    SELECT within a query returns $this (appendix A), else it would be about other nodes.
    Returns the statements. Raises `RdfSyntaxError` and `ShapesError`, naming `place`.
    """
    statements = list(dict.fromkeys(read(shapes, RdfFormat.TURTLE, place=place)))
    _demand_paths(statements, place)
    if (query := losing_this(Description(statements))) is not None:
        raise ShapesError(
            sentence(
                "this-lost", "A sub-select of {query} does not return $this.", query=str(query)
            ),
            place=place,
            remedy=sentence(
                "name-this", "Name $this in each SELECT within the query (SHACL, appendix A)."
            ),
        )
    return statements


def _demand_paths(statements: Sequence[Quad], place: str) -> None:
    """Raise `ShapesError` for a property shape without a path, or with several."""
    paths: Counter[object] = Counter(
        s.subject for s in statements if s.predicate == term("sh:path")
    )
    for statement in statements:
        if statement.predicate == term("sh:property") and paths[statement.object] != 1:
            raise ShapesError(
                sentence(
                    "paths-of-shape",
                    "The property shape {shape} of {of} has {count} values of sh:path.",
                    shape=str(statement.object),
                    of=str(statement.subject),
                    count=paths[statement.object],
                ),
                place=place,
                remedy=ONE_PATH,
            )
    for statement in statements:
        node = statement.subject
        typed = (statement.predicate, statement.object) == (TYPE, PROPERTY_SHAPE)
        if paths[node] > 1 or (typed and not paths[node]):
            raise ShapesError(
                sentence(
                    "paths-of-property-shape",
                    "The property shape {shape} has {count} values of sh:path.",
                    shape=str(node),
                    count=paths[node],
                ),
                place=place,
                remedy=ONE_PATH,
            )


def _known(statements: Iterable[Quad]) -> Iterator[Quad]:
    from rdflib import SH  # noqa: PLC0415 (20 MiB that processes which judge pieces do without)

    for statement in statements:
        for node in (statement.predicate, statement.object):
            if (
                isinstance(node, NamedNode)
                and node.value.startswith(str(SH))
                and node.value not in SH
            ):
                raise ShapesError(
                    sentence("no-shacl-term", "{term} is not a term of SHACL.", term=str(node)),
                    place=str(statement.subject),
                    remedy=sentence("correct-spelling", "Correct the spelling."),
                )
        yield statement


def unaccepted(why: str, place: str) -> ShapesError:
    """Return the error for shapes that an engine refuses, with what it says of them."""
    return ShapesError(
        sentence("shapes-unaccepted", "The engine does not accept them: {why}.", why=why),
        place=place,
        remedy=sentence("correct-shapes", "Correct the shapes."),
    )


def _profile(folder: Traversable, profile: str) -> Traversable:
    if profile not in profiles():
        raise UnknownProfile(
            sentence("no-profile", "There is no profile {profile!r}.", profile=profile),
            place=profile,
            remedy=sentence("give-one-of", "Give one of {known}.", known=", ".join(profiles())),
        )
    return folder / f"{profile}.ttl"


def _statements(folder: Traversable) -> Iterator[Quad]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != PROFILES:
            yield from _statements(entry)
        elif entry.name.endswith(".ttl"):
            yield from _file(entry, folder.name)


def _file(file: Traversable, folder: str) -> Iterator[Quad]:
    return read(
        file.read_bytes(),
        RdfFormat.TURTLE,
        place=f"{folder}/{file.name}",
        rename_blank_nodes=True,
    )
