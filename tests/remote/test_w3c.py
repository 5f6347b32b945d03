"""The W3C SPARQL 1.1 query suite, asked of the remote engines.

The cases, and what is expected of them, are those of tests/conformance/test_w3c_sparql_query.py.
w3c-differences.toml says of each engine which tests come out differently there, and why. A sample
of the suite is part of the tests; `make conformance-remote` asks all of it.
"""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vises.errors import VisesError
from vises.store.engine import QueryRequest
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from tests.conformance.test_w3c_sparql_query import Case
    from tests.remote.conftest import Server, World
    from vises.store.releases import Release

pytestmark = [pytest.mark.remote, pytest.mark.shared]

JSON, N_TRIPLES = "application/sparql-results+json", "application/n-triples"
HERE = Path(__file__).parent
SAMPLE_STEP = 12
"""Every how many-th test is in the sample."""


def suite() -> ModuleType:
    path = HERE.parent / "conformance" / "test_w3c_sparql_query.py"
    spec = importlib.util.spec_from_file_location("w3c_sparql_query", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


W3C = suite()
CASES = [c for c in W3C.cases() if c.kind != "NegativeSyntaxTest11"]
DIFFERENCES: dict[str, dict[str, str]] = tomllib.loads(
    (HERE / "w3c-differences.toml").read_text("utf-8")
)


def reason(engine: str, case: Case) -> str | None:
    return DIFFERENCES[engine].get(case.iri.removeprefix(W3C.BASE))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, make_world: type[World]) -> World:
    return make_world(ReleaseStore(tmp_path_factory.mktemp("w3c") / "data"))


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    found: Server = request.getfixturevalue(request.param)
    yield found
    found.clean()


@pytest.fixture(scope="module")
def filled(world: World, server: Server) -> Release:
    release = world.releases.current() or world.publish(W3C.data())
    world.push(server, release)
    return release


def test_the_differences_name_tests_of_the_suite() -> None:
    known = {case.iri.removeprefix(W3C.BASE) for case in CASES}
    assert set(DIFFERENCES) == {"oxigraph", "virtuoso"}
    for differences in DIFFERENCES.values():
        assert set(differences) <= known


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        step = 1 if metafunc.config.getoption("--whole-suite") else SAMPLE_STEP
        cases = CASES[::step]
        metafunc.parametrize("case", cases, ids=[c.iri.removeprefix(W3C.BASE) for c in cases])


def test_w3c(world: World, server: Server, filled: Release, case: Case) -> None:
    why = reason(server.name, case)
    try:
        as_expected = is_as_expected(world, server, filled, case)
    except VisesError:
        if why is None:
            raise
        return
    assert as_expected is (why is None), why


def is_as_expected(world: World, server: Server, release: Release, case: Case) -> bool:
    base = f"BASE <{W3C.BASE}{case.query.relative_to(W3C.SUITE)}>"
    query = f"{base}\n{case.query.read_text(encoding='utf-8')}"
    named = {"default_graphs": (case.data or W3C.NOWHERE,), "named_graphs": case.graphs}
    dataset: Any = {} if case.data is None and "FROM" in query else named
    results_type = W3C.RESULTS.get(case.result.suffix if case.result else "", JSON)
    request = QueryRequest(query, results_type, N_TRIPLES, **dataset)
    answer = world.ask(server.address.query, request, release)
    if case.kind == "PositiveSyntaxTest11":
        return True
    construct = W3C.expected(case)
    graph = isinstance(construct, frozenset)
    found: bool = W3C.comparable(N_TRIPLES if graph else results_type, answer) == construct
    return found
