"""`vises harvest` against our own service: what it publishes, and that twice is nothing new."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.ingest.sources.samples.table import write_sample

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

Run = Callable[..., tuple[int, str, str]]
HARVEST = """\
endpoint: {endpoint}
title: {{fr: Publications, nl: Publicaties, en: Publications}}
description: {{fr: D'un partenaire, nl: Van een partner, en: Of a partner}}
licence: https://creativecommons.org/licenses/by/4.0/
key: thing
page: 1
pause: 0
things: >-
  SELECT DISTINCT ?thing WHERE {{ ?thing a ?kind
    VALUES ?kind {{ <https://w3id.org/vises/ontology#Publication>
                    <http://www.w3.org/ns/org#Organization> }} }}
construct: CONSTRUCT {{ ?thing ?p ?o }} WHERE {{ ?thing ?p ?o }}
"""
PARTNERS = """\
[[partner]]
endpoint = "{endpoint}"
networks = ["127.0.0.0/8"]
"""


def test_our_own_service_is_harvested(
    run: Run,
    serve: Any,  # noqa: ANN401 (a fixture whose class a test module cannot import)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample = write_sample(tmp_path / "s")
    assert run("ingest", "table", *sample.files, "--max-refused", "9")[0] == 0
    command = ["harvest", "h.yml", "--dataset", "partner"]
    with serve(tmp_path / "data") as served:
        (tmp_path / "h.yml").write_text(HARVEST.format(endpoint=served.endpoint))
        (tmp_path / "p.toml").write_text(PARTNERS.format(endpoint=served.endpoint))
        status, _, said = run(*command)
        assert (status, "not one of the partners" in said) == (2, True)
        monkeypatch.setenv("VISES_PARTNERS", str(tmp_path / "p.toml"))
        monkeypatch.setenv("VISES_DATA", str(tmp_path / "other"))
        status, out, said = run(*command)
        assert status == 0, said
        assert "partner has 6 triples" in out
        assert "Nothing to do" in run(*command)[1]
        assert list((tmp_path / "other" / "harvest").iterdir()) == []
        made = "CONSTRUCT {{ ?thing a <https://w3id.org/vises/ontology#Enterprise> }}"
        wrong = HARVEST.replace("CONSTRUCT {{ ?thing ?p ?o }}", made)
        (tmp_path / "h.yml").write_text(wrong.format(endpoint=served.endpoint))
        assert run(*command)[0] == 1
        # The partner may correct it: the next harvest asks for all of it again.
        assert "are there already" not in run(*command)[2]
        assert list((tmp_path / "other" / "harvest").glob("*/127.0.0.1.nt"))
        (tmp_path / "h.yml").write_text(HARVEST.format(endpoint=served.endpoint))
    assert run(*command)[0] == 5
