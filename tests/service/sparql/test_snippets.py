"""Code to paste: it runs as it stands, and a query stays a string whatever it holds."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vises.service.sparql.snippets import PinnedQuery, snippets
from vises.store.keywords import kind_of

NAMES = "SELECT ?e ?name {\n  ?e <http://www.w3.org/ns/legal#legalName> ?name }\nORDER BY ?name"
HOSTILE = (
    'SELECT ?e ("\\u001b" AS ?x) ("""\nEOF\ntouch pwned\n\'\'\'""" AS ?y) { ?e a ?c }\n'
    "# '; touch pwned; ' $(touch pwned) `touch pwned` )-\" and )--\" and \\\n"
    "# \x1b[201~touch pwned\r\n"
)
CODE = st.text(st.sampled_from("'\"\\)(-\n\r\t $`!#é😀\x1b\u2028\u202ex"), max_size=60)


def code(query: str, name: str, release: str = "000001") -> str:
    pinned = PinnedQuery("https://example.org/sparql", release, query)
    return {s.name: s.code for s in snippets(pinned, kind_of(query))}[name]


def plain(query: str) -> str:
    """Return the query as a snippet holds it: escapes for what is unseen, no carriage return."""
    text = query.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return re.sub("[\x1b\u2028\u202e]", lambda m: f"\\u{ord(m[0]):04X}", text)


def assigned(python: str) -> str:
    [value] = [
        node.value
        for node in ast.parse(python).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "query"
    ]
    text: str = ast.literal_eval(value)
    return text


@given(CODE)
def test_python_reads_the_query_back(query: str) -> None:
    for name in ("Python, pandas", "Python, SPARQLWrapper"):
        assert assigned(code(query, name)).strip("\n") == plain(query)


@given(CODE)
def test_a_shell_reads_the_query_back(query: str) -> None:
    words = shlex.split(code(query, "curl"))
    assert words[0] == "curl"
    assert words[words.index("--data-urlencode") + 1] == f"query={plain(query)}"
    assert words[-1] == "https://example.org/sparql?release=000001"


@given(CODE)
def test_a_raw_string_of_r_ends_where_it_should(query: str) -> None:
    found = re.match(r'# [^\n]*\nquery <- r"(-+)\(\n(.*?)\n\)\1"\n', code(query, "R"), re.DOTALL)
    assert found
    assert found[2] == plain(query)


@given(CODE)
def test_an_address_in_sql_has_no_quote(query: str) -> None:
    sql = code(query, "DuckDB")
    assert sql.count("'") == 2


def test_nothing_unseen_is_pasted() -> None:
    for name in ("Python, pandas", "Python, SPARQLWrapper", "R", "curl", "DuckDB", "DuckDB, curl"):
        assert "\x1b" not in code(HOSTILE, name)
        assert "\r" not in code(HOSTILE, name)


def test_the_dataset_is_kept_and_the_release_is_last() -> None:
    pinned = PinnedQuery("https://e.org/sparql", "000001", "ASK {}", ("x:a",), ("x:b", "x:c"))
    dataset = "default-graph-uri=x%3Aa&named-graph-uri=x%3Ab&named-graph-uri=x%3Ac"
    assert pinned.link == f"https://e.org/sparql?{dataset}&release=000001&query=ASK+%7B%7D"
    for snippet in snippets(pinned, "boolean"):
        assert f"https://e.org/sparql?{dataset}&release=000001" in snippet.code


def run(name: str, text: str, folder: Path) -> str:
    """Run a snippet as it stands, in an empty folder, and return what it printed and wrote."""
    tool = {"Python": sys.executable, "R": "Rscript", "curl": "curl", "DuckDB": "duckdb"}[
        name.partition(",")[0]
    ]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if shutil.which(tool, path=path) is None:
        pytest.skip(f"there is no {tool}")
    if name == "Python, pandas":
        pytest.importorskip("pandas")
    file = folder / "pasted"
    file.write_text(text, "utf-8")
    command = [tool, str(file)] if tool in {sys.executable, "Rscript"} else ["sh", str(file)]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = [f.read_text("utf-8") for f in folder.iterdir() if f != file]
    return done.stdout + "".join(written)


def shared(client: httpx.Client, query: str) -> dict[str, str]:
    answer = client.post("/sparql/snippets", data={"query": query}).json()
    return {snippet["name"]: snippet["code"] for snippet in answer["snippets"]}


@pytest.mark.parametrize(
    "name", ["Python, pandas", "Python, SPARQLWrapper", "R", "curl", "DuckDB, curl"]
)
@pytest.mark.parametrize("query", [NAMES, HOSTILE], ids=["names", "hostile"])
def test_a_table_runs_as_pasted(
    client: httpx.Client, tmp_path: Path, name: str, query: str
) -> None:
    printed = run(name, shared(client, query)[name], tmp_path)
    assert "://" in printed
    assert "Atelier commun" in printed or query == HOSTILE
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("name", ["Python, rdflib", "R", "curl"])
def test_a_graph_runs_as_pasted(client: httpx.Client, tmp_path: Path, name: str) -> None:
    query = "CONSTRUCT { ?e a <x:Found> } { ?e <http://www.w3.org/ns/legal#legalName> ?n }"
    printed = run(name, shared(client, query)[name], tmp_path)
    assert "2 statements" in printed or "x:Found" in printed


@pytest.mark.parametrize("name", ["Python, SPARQLWrapper", "R", "curl"])
def test_a_boolean_runs_as_pasted(client: httpx.Client, tmp_path: Path, name: str) -> None:
    printed = run(name, shared(client, "ASK {}")[name], tmp_path)
    assert "true" in printed.lower()


def test_sharing_pins_to_the_release_that_answers_now(past: str) -> None:
    with httpx.Client(base_url=past) as client:
        now = client.get("/sparql/snippets", params={"query": "ASK {}"}).json()
        assert now["release"] == "000003"
        assert now["link"] == f"{past}/sparql?release=000003&query=ASK+%7B%7D"
        then = client.get("/sparql/snippets", params={"query": "ASK {}", "release": "000001"})
        assert then.json()["release"] == "000001"
        unknown = client.get("/sparql/snippets", params={"query": "ASK {}", "release": "9"})
        assert unknown.status_code == 404


def test_sharing_nothing_is_refused(client: httpx.Client) -> None:
    refused = client.get("/sparql/snippets")
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
    assert "field `query`" in refused.json()["remedy"]
    twice = client.get("/sparql/snippets?query=ASK%7B%7D&query=ASK%7B%7D")
    assert twice.status_code == 400
