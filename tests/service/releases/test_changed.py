"""What a change is about, and the change as a patch."""

from __future__ import annotations

from vises.service.releases import changed as module
from vises.service.releases.changed import changed, patch_lines
from vises.store.difference import ADD, DELETE

G, H = "https://data.example/graph/a", "https://data.example/graph/b"


def line(subject: str, graph: str = G) -> bytes:
    return f'{subject} <https://data.example/p> "x > y" <{graph}> .\n'.encode()


def test_things_are_counted_and_blank_nodes_are_not() -> None:
    found = changed(
        [
            (DELETE, [line("<urn:a>"), line("_:b")]),
            (ADD, [line("<urn:a>"), line("<urn:a>", H), line("<urn:c>")]),
        ],
        (),
    )
    assert found.entities == {"urn:a": (1, 2), "urn:c": (0, 1)}
    assert found.datasets == {G: (2, 2), H: (0, 1)}
    assert (found.more, found.whole) == (0, True)


def test_hidden_graphs_are_not_told_of() -> None:
    operations = [(ADD, [line("<urn:a>"), line("<urn:secret>", H)])]
    found = changed(operations, {H})
    assert list(found.entities) == ["urn:a"]
    assert list(found.datasets) == [G]
    patch = b"".join(patch_lines(operations, {"id": "000002", "prev": None}, {H}))
    assert patch == b'H id "000002" .\nTX .\nA ' + line("<urn:a>") + b"TC .\n"


def test_a_long_change_is_read_as_far_as_a_page_needs(monkeypatch) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    monkeypatch.setattr(module, "MOST_LINES", 150)
    handed: list[int] = []

    def operations():  # type: ignore[no-untyped-def]  # noqa: ANN202
        for part in range(100):
            handed.append(part)
            yield ADD, [line(f"<urn:{part * 100 + n:05}>") for n in range(100)]

    found = changed(operations(), ())
    assert not found.whole
    assert len(handed) == 2
    assert len(found.entities) == 100
    assert found.more == 50
