"""The description is valid, complete in each language, and the service does what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from vises.languages import LANGUAGES
from vises.service.api.kinds import KINDS
from vises.service.api.paging import columns_of
from vises.service.api.questions import asked_parameters
from vises.service.questions import heading, parameter_heading, questions
from vises.service.texts import texts

if TYPE_CHECKING:
    import httpx

MOST_CHARACTERS = 5000
"""The HTTP server refuses longer addresses before the service sees them."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_description_is_valid_in_each_language(client: httpx.Client, language: str) -> None:
    document = client.get("/api/openapi.json", params={"lang": language}).json()
    validate(document)
    for question in questions().values():
        operation = document["paths"][f"/api/v1/questions/{question.id}"]["get"]
        assert operation["summary"] == question.wording[language]
        assert operation["description"].startswith(question.summary[language])
        for name in columns_of(question.sparql):
            assert f"`{name}` ({heading(name, texts(language))})" in operation["description"]
        told = {p["name"]: p["description"].lower() for p in operation["parameters"] if "name" in p}
        for name in asked_parameters(question):
            assert told[name].startswith(f"{parameter_heading(name, texts(language))}. ".lower())
    assert {f"/api/v1/{kind}" for kind in (*KINDS, "search")} < set(document["paths"])


def test_the_yaml_says_the_same(client: httpx.Client) -> None:
    answer = client.get("/api/openapi.yaml")
    assert answer.headers["content-type"] == "application/yaml"
    assert yaml.safe_load(answer.text) == client.get("/api/openapi.json").json()


def test_the_addresses_are_those_of_the_service(client: httpx.Client) -> None:
    document = client.get("/api/openapi.json").json()
    assert document["servers"] == [{"url": str(client.base_url).rstrip("/")}]


def test_the_description_is_asked_again_only_when_it_changed(client: httpx.Client) -> None:
    tag = client.get("/api/openapi.json?lang=en").headers["etag"]
    again = client.get("/api/openapi.json?lang=en", headers={"If-None-Match": tag})
    assert again.status_code == 304
    other = client.get("/api/openapi.json?lang=fr", headers={"If-None-Match": tag})
    assert other.status_code == 200


@pytest.mark.parametrize("mode", GenerationMode)
def test_what_is_made_up_from_the_description_is_answered(
    service: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_url(f"{service}/api/openapi.json")
    checks = CHECKS.get_by_names(
        [
            "not_a_server_error",
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
        ]
    )
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 50
    others = [o for o in operations if "/questions/" not in o.path]
    some = [o for o in operations if "/questions/" in o.path][::-5]

    for operation in (*others, *some):

        @settings(
            max_examples=1,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def attempt(case: schemathesis.Case) -> None:
            shorter = {k: v[:3] if isinstance(v, list) else v for k, v in case.query.items()}
            case.query = {k: v[:300] if isinstance(v, str) else v for k, v in shorter.items()}
            assume(len(str(case.query)) < MOST_CHARACTERS)
            case.validate_response(case.call(), checks=checks)

        attempt()


def test_the_page_leads_to_answers_without_a_script(browser: httpx.Client) -> None:
    page = browser.get("/api")
    assert page.status_code == 200
    assert len(page.content) < 60_000
    assert page.text.count("<script") == 1, "the suggestions of the search, on every page"
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/api[^"]*)"', page.text)}
    assert len(links) > 100
    for link in sorted(links)[:: max(1, len(links) // 25)]:
        assert browser.get(link).status_code == 200, link


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_each_language(browser: httpx.Client, language: str) -> None:
    page = browser.get("/api", params={"lang": language})
    assert f'<html lang="{language}">' in page.text
    assert next(iter(questions().values())).wording[language] in page.text.replace("&#39;", "'")


def test_a_program_is_led_to_the_description(client: httpx.Client) -> None:
    answer = client.get("/api", headers={"Accept": "application/json"}, follow_redirects=True)
    assert answer.json()["openapi"].startswith("3.1")
    (way,) = answer.history
    assert way.headers["Access-Control-Allow-Origin"] == "*", "scripts of other sites follow it"
