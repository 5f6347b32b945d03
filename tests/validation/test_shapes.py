"""The shapes and vocabularies of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat

from vises.namespaces import term
from vises.validation import shapes as module
from vises.validation.shapes import (
    ShapesError,
    UnknownProfile,
    package_shapes,
    package_vocabulary,
)
from vises.validation.syntax import RdfSyntaxError, read

if TYPE_CHECKING:
    from pathlib import Path


def test_all_files_are_in_one_graph() -> None:
    kinds = {q.object for q in read(package_shapes()) if q.predicate == term("rdf:type")}
    assert {term("sh:NodeShape"), term("sh:PropertyShape")} <= kinds
    assert list(read(package_shapes(), RdfFormat.TURTLE))


def test_a_profile_is_beside_the_core() -> None:
    core = set(package_shapes().splitlines())
    for profile, shape in (
        ("exchange", "shapes:ExchangeSirenShape"),
        ("publication", "shapes:PublishedDatasetShape"),
    ):
        added = set(package_shapes(profile).splitlines()) - core
        assert any(line.startswith(str(term(shape)).encode()) for line in added)
        assert not any(line.startswith(str(term(shape)).encode()) for line in core)


def test_an_unknown_profile_names_those_there_are() -> None:
    with pytest.raises(UnknownProfile, match="secret") as caught:
        package_shapes("secret")
    assert "exchange, personal-data, publication" in caught.value.remedy


def test_the_vocabulary_has_classes_and_codes() -> None:
    typed = {(q.subject, q.object) for q in read(package_vocabulary())}
    assert (term("vises:Enterprise"), term("owl:Class")) in typed
    assert (term("code:nuts/FRE11"), term("vises:Region")) in typed


def test_blank_nodes_of_two_files_stay_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shapes" / "more").mkdir(parents=True)
    for name in ("a.ttl", "more/b.ttl"):
        (tmp_path / "shapes" / name).write_text("_:x <http://e/p> 1 .")
    monkeypatch.setattr(module, "files", lambda _package: tmp_path)
    assert len({quad.subject for quad in read(package_shapes())}) == 2


@pytest.mark.parametrize(
    ("turtle", "error", "place"),
    [
        ("<http://e/S>\n a nothing:at-all .", RdfSyntaxError, "shapes/a.ttl, line 2, column 4"),
        ("<http://e/S> a <http://www.w3.org/ns/shacl#NodeShap> .", ShapesError, "<http://e/S>"),
        ("<http://e/S> <http://www.w3.org/ns/shacl#minCout> 1 .", ShapesError, "<http://e/S>"),
    ],
)
def test_mistakes_name_the_place(
    turtle: str,
    error: type[Exception],
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "a.ttl").write_text(turtle)
    monkeypatch.setattr(module, "files", lambda _package: tmp_path)
    with pytest.raises(error) as caught:
        package_shapes()
    assert caught.value.place == place  # type: ignore[attr-defined]
