"""The pages of the method: its path, its trials, and what became of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

STAGES = [f"/method/vises/1/stage-{n}" for n in (1, 2, 3)]


def path_of(page: str) -> str:
    """Return the first path of a page."""
    found = re.search(
        r'<ol class="path[^"]*">.*?</ol>\s*(?:</nav>|</section>|<details)', page, re.DOTALL
    )
    return found[0] if found else ""


def test_the_method_has_its_stages_in_order_with_steps_and_tools(visitor: httpx.Client) -> None:
    page = visitor.get("/method/vises").text
    links = re.findall(r'href="(/method/vises/1/stage-\d)(?:\.html)?"', path_of(page))
    assert links == STAGES
    assert page.index("stage-1/step-1") < page.index("stage-1/step-4")
    assert "Framework of analysis" in page
    for heading in ("Key principles", "Who tried it", "How it was refined", "Where it comes from"):
        assert re.search(rf"<h2[^>]*>{heading}</h2>", page)
    assert "Development of activities" in page
    assert "DESIR" in page


def test_trials_show_how_far_they_came(visitor: httpx.Client) -> None:
    page = visitor.get("/method/vises").text
    trials = page[page.index('id="trials"') :]
    row = re.search(r"<tr>(?:(?!</tr>).)*/trial/fr-000003574-2025.*?</tr>", trials, re.DOTALL)
    assert row
    assert 'aria-label="3 of 3 stages completed"' in row[0]
    stopped = re.search(r"<tr>(?:(?!</tr>).)*/trial/be-0000000196-2025.*?</tr>", trials, re.DOTALL)
    assert stopped
    assert "stopped on the way" in stopped[0]
    assert "trials: 4 began it, 3 completed it" in page


def test_a_version_has_its_own_trials_and_path(visitor: httpx.Client) -> None:
    page = visitor.get("/method/vises/2").text
    assert "/method/vises/2/stage-4" in path_of(page)
    assert "/method/vises/1/stage-1" not in path_of(page)
    assert "/trial/be-0000000196-2025" not in page
    assert "A preliminary stage now comes before the three stages." in page


@pytest.mark.parametrize(
    ("path", "stage"),
    [
        ("/method/vises/1/stage-2", 2),
        ("/method/vises/1/stage-1/step-3", 1),
        ("/method/vises/tool-surveys", 2),
        ("/method/vises/tool-framework-of-analysis", 1),
    ],
)
def test_a_part_has_its_place_in_the_path(visitor: httpx.Client, path: str, stage: int) -> None:
    found = path_of(visitor.get(path).text)
    assert re.findall(r'href="([^".]*)[^"]*" aria-current="step"', found) == [STAGES[stage - 1]]


def test_a_trial_shows_its_progress(visitor: httpx.Client) -> None:
    page = visitor.get("/trial/fr-000000059-2025").text
    found = path_of(page)
    assert [found.index(word) for word in ("completed", "begun", "not begun")] == sorted(
        found.index(word) for word in ("completed", "begun", "not begun")
    )
    assert "VISES method, version 1</bdi></h1>" in page


def test_a_stopped_trial_is_told_as_stopped(visitor: httpx.Client) -> None:
    page = visitor.get("/trial/be-0000000196-2025").text
    assert "This trial was stopped on the way." in page
    states = re.findall(r'class="stage-state">([^<]+?) *<', path_of(page))
    assert states == ["begun, not completed", "not begun", "not begun"]
    assert "stopped" not in visitor.get("/trial/fr-000000059-2025").text


def test_what_informed_a_version_is_called_by_its_enterprise(visitor: httpx.Client) -> None:
    page = visitor.get("/method/vises").text
    trials = re.findall(r'<a href="/trial/[^"]*">(?:<bdi>)?([^<]*)', page)
    assert trials
    assert not [name for name in trials if re.fullmatch(r"(fr|be)-\d+-\d+", name)]


@pytest.mark.parametrize(
    "path", ["/method/vises", "/method/vises/1", "/method/vises/2", "/trial/fr-000003574-2025"]
)
def test_pages_are_small(visitor: httpx.Client, path: str) -> None:
    page = visitor.get(path)
    assert page.status_code == 200
    assert len(page.content) < 60_000


def test_a_method_of_which_nothing_is_known(browser: httpx.Client) -> None:
    assert browser.get("/method/vises").status_code == 404
