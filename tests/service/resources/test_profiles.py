"""Content negotiation by profile (W3C): headers, the query string, and what is in each profile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from vises.ingest.cids.standard import iri as cids
from vises.namespaces import term
from vises.service.formats import GRAPH_TYPES
from vises.service.resources.profiles import (
    ALTERNATES,
    CIDS,
    CORE_BUSINESS,
    LABELS,
    PROFILES,
    SCHEMA,
    VISES,
    offered,
)
from vises.service.texts import texts
from vises.validation.rust import shacl_validator
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from pathlib import Path


PATH = "/enterprise/fr-1"
ENTERPRISE = NamedNode("https://data.example/enterprise/fr-1")
ALTR = "http://www.w3.org/ns/dx/connegp/altr#"
TYPE = term("rdf:type")


def graph(client: httpx.Client, path: str, **headers: str) -> set[Triple]:
    answer = client.get(path, headers=headers, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    form = RdfFormat.from_media_type(answer.headers["content-type"].partition(";")[0])
    return {quad.triple for quad in parse(answer.content, form)}


def values(found: set[Triple], subject: NamedNode, name: str) -> set[str]:
    return {t.object.value for t in found if t.subject == subject and t.predicate == term(name)}


@pytest.mark.parametrize(
    ("header", "profile"),
    [
        ("<https://schema.org/>", SCHEMA),
        ("<http://schema.org/>", SCHEMA),
        ("<urn:unknown>;q=0.9, <https://schema.org/>;q=0.2", SCHEMA),
        ("<https://schema.org/>;q=0.2, <https://ontology.commonapproach.org/cids>", CIDS),
        ("labels", LABELS),
        (CORE_BUSINESS.content_profile, CORE_BUSINESS),
        ("<urn:unknown>", VISES),
        ("<https://schema.org/>;q=0", VISES),
        ("<", VISES),
    ],
)
def test_the_header_names_profiles_and_an_unknown_one_gives_the_default(
    client: httpx.Client, header: str, profile: object
) -> None:
    assert isinstance(profile, type(VISES))
    wish = {"Accept": "text/turtle", "Accept-Profile": header}
    way = client.get(PATH, headers=wish)
    assert way.status_code == 303
    assert way.headers["content-profile"] == profile.content_profile
    for answer in (client.get(way.headers["location"]), client.get(f"{PATH}.ttl", headers=wish)):
        assert answer.status_code == 200
        assert answer.headers["content-profile"] == profile.content_profile
        assert f'<{profile.iri}>; rel="profile"' in answer.headers["link"]


def test_a_profile_outweighs_the_form_but_what_is_not_acceptable_is_not_given(
    client: httpx.Client,
) -> None:
    browser = {"Accept": "text/html, */*;q=0.1", "Accept-Profile": SCHEMA.content_profile}
    assert client.get(PATH, headers=browser).headers["location"] == f"{PATH}.ttl?_profile=schema"
    page = {"Accept": "text/html", "Accept-Profile": SCHEMA.content_profile}
    assert client.get(PATH, headers=page).headers["location"] == f"{PATH}.html"
    assert client.get(f"{PATH}?_profile=schema", headers=page).status_code == 406
    assert client.get(f"{PATH}.html?_profile=schema").status_code == 406


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("_profile=schema&_mediatype=application/ld%2Bjson", ".jsonld?_profile=schema"),
        ("_profile=nope,%3Chttps://schema.org/%3E,cids", ".ttl?_profile=schema"),
        ("_profile=vises&_mediatype=text/turtle", ".ttl"),
        ("_profile=all", ".html?_profile=alt"),
        ("_profile=alt&_mediatype=text/turtle", ".ttl?_profile=alt"),
        ("_mediatype=application/n-triples", ".nt?_profile=labels"),
    ],
)
def test_the_query_string_goes_before_headers(
    client: httpx.Client, query: str, location: str
) -> None:
    headers = {"Accept": "text/turtle, */*;q=0.1", "Accept-Profile": LABELS.content_profile}
    if "all" in query:
        headers["Accept"] = "text/html"
    assert client.get(f"{PATH}?{query}", headers=headers).headers["location"] == PATH + location


@pytest.mark.parametrize("name", ["nope", "", "%3Curn:x%3E", "<", "a" * 3000])
def test_a_profile_that_there_is_not_is_refused_with_the_list(
    client: httpx.Client, name: str
) -> None:
    answer = client.get(f"{PATH}.ttl", params={"_profile": name})
    if not name:
        assert answer.status_code == 200
        return
    assert answer.status_code == 406
    problem = answer.json()
    assert problem["type"].endswith("/unknown-profile")
    for profile in PROFILES:
        assert f"{profile.token} <{profile.iri}>" in problem["remedy"]
    assert len(answer.content) < 3000


def test_only_what_can_be_given_is_listed(client: httpx.Client) -> None:
    assert CORE_BUSINESS not in offered((term("vises:Indicator").value,))
    assert CIDS in offered((term("vises:Indicator").value,))
    assert offered(()) == (VISES, SCHEMA, LABELS, ALTERNATES)
    refused = client.get("/indicator/volunteer-hours.ttl?_profile=core-business")
    assert refused.status_code == 406
    assert "core-business <" not in refused.json()["remedy"]
    wish = {"Accept-Profile": CORE_BUSINESS.content_profile}
    given = client.get("/indicator/volunteer-hours.ttl", headers=wish)
    assert given.headers["content-profile"] == VISES.content_profile


def test_the_head_fits_the_buffers_that_the_documentation_asks_of_proxies(past: str) -> None:
    """The section "Behind a proxy" of docs/operations.md names 8 KiB."""
    page = httpx.get(f"{past}/enterprise/fr-1.html", params={"release": "000002"})
    assert page.is_success
    head = sum(len(name) + len(value) + 4 for name, value in page.headers.raw)
    rest = page.headers["link"].count("/enterprise/fr-1") * (150 - len("/enterprise/fr-1"))
    assert head + rest < 8 * 1024, "also where a path has 150 characters"


def test_the_links_name_each_profile_with_its_token(client: httpx.Client) -> None:
    links = client.get(f"{PATH}.ttl").headers["link"]
    for profile in PROFILES:
        token = f'token="{profile.token}"; anchor="{profile.iri}"'
        assert f'<http://www.w3.org/ns/dx/prof/Profile>; rel="type"; {token}' in links
    found = re.findall(r'<([^>]*)>; rel="alternate"; type="([^"]*)"; profile="([^"]*)"', links)
    assert {profile for _, _, profile in found} == {profile.iri for profile in PROFILES}
    for address, media_type, profile in found:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media_type
        assert answer.headers["content-profile"] == f"<{profile}>"
    assert len(links) < 4000


def test_the_list_of_forms_is_a_graph_and_a_page(client: httpx.Client) -> None:
    found = graph(client, f"{PATH}?_profile=alt", Accept="text/turtle")
    forms = {t.object.value for t in found if t.predicate.value == f"{ALTR}hasRepresentation"}
    default = [t for t in found if t.predicate.value == f"{ALTR}hasDefaultRepresentation"]
    assert [t.subject for t in default] == [ENTERPRISE]
    assert len(forms) == 7 + 4 * 6 + 7 - 1
    for address in forms:
        assert client.get(address).status_code == 200
    page = client.get(f"{PATH}.html?_profile=alt")
    assert page.headers["content-profile"] == ALTERNATES.content_profile
    for address in forms:
        assert address.partition("/enterprise")[2].replace("&", "&amp;") in page.text
    assert page.headers["etag"] != client.get(f"{PATH}.html").headers["etag"]


@pytest.mark.parametrize("form", GRAPH_TYPES)
@pytest.mark.parametrize("profile", PROFILES[1:], ids=lambda p: p.token)
def test_every_profile_comes_in_every_form(
    client: httpx.Client, profile: object, form: str
) -> None:
    assert isinstance(profile, type(VISES))
    first = client.get(f"{PATH}.{form}?_profile={profile.token}")
    assert first.status_code == 200
    assert list(parse(first.content, RdfFormat.from_media_type(GRAPH_TYPES[form])))
    known = {"If-None-Match": first.headers["etag"]}
    assert client.get(f"{PATH}.{form}?_profile={profile.token}", headers=known).status_code == 304
    other = client.get(f"{PATH}.{form}", headers=known)
    assert other.status_code == 200
    head = client.head(f"{PATH}.{form}?_profile={profile.token}")
    assert head.headers["etag"] == first.headers["etag"]
    assert head.content == b""


def test_schema_org(client: httpx.Client) -> None:
    found = graph(client, f"{PATH}.ttl?_profile=schema")
    address = NamedNode("https://data.example/address/fr-1")
    assert values(found, ENTERPRISE, "rdf:type") == {"https://schema.org/Organization"}
    assert values(found, ENTERPRISE, "schema:legalName") == {"L'Atelier commun"}
    assert values(found, address, "schema:postalCode") == {"59000"}
    assert not values(found, ENTERPRISE, "schema:areaServed"), "its head office is in the region"
    identifier = NamedNode("https://data.example/identifier/siren-1")
    assert values(found, identifier, "schema:value") == {"123456782"}
    assert {t.predicate for t in found if not t.predicate.value.startswith("https://schema")} == {
        TYPE
    }
    indicator = graph(client, "/indicator/volunteer-hours.ttl?_profile=schema")
    names = {t.object for t in indicator if t.predicate == term("schema:name")}
    assert Literal("Heures de bénévolat", language="fr") in names


def test_labels(client: httpx.Client) -> None:
    found = graph(client, f"{PATH}.ttl?_profile=labels")
    assert Triple(ENTERPRISE, term("legal:legalName"), Literal("L'Atelier commun")) in found
    assert values(found, term("vises:region"), "rdfs:label") >= {"région", "region"}
    assert values(found, term("vises:Enterprise"), "rdfs:label") >= {"Entreprise"}
    assert all(isinstance(t.object, Literal) for t in found)


def test_cids_takes_the_language_that_the_address_names(client: httpx.Client) -> None:
    path = "/indicator/volunteer-hours.ttl?_profile=cids"
    name = NamedNode(cids("org:hasName"))
    for query, expected in (("", "Hours of volunteering"), ("&lang=fr", "Heures de bénévolat")):
        found = graph(client, path + query)
        assert {t.object.value for t in found if t.predicate == name} == {expected}
    document = client.get("/indicator/volunteer-hours.jsonld?_profile=cids").json()
    assert "cids" in document["@context"]


@pytest.mark.shared
def test_core_business_is_what_its_own_shapes_ask_for(client: httpx.Client, shared: Path) -> None:
    found = graph(client, f"{PATH}.ttl?_profile=core-business")
    assert values(found, ENTERPRISE, "rdf:type") == {
        term("legal:LegalEntity").value,
        term("org:FormalOrganization").value,
    }
    assert values(found, ENTERPRISE, "legal:legalName") == {"L'Atelier commun"}
    assert values(found, ENTERPRISE, "legal:companyType")
    assert not [t for t in found if t.predicate.value.startswith("https://w3id.org/vises/")]
    shapes = shared / "data" / "semic" / "core-business-ap-SHACL.ttl"
    report = shacl_validator(shapes.read_bytes(), str(shapes)).validate(n_triples(found))
    assert [r for r in report.results if r.severity == term("sh:Violation").value] == []
    wrong = {t for t in found if t.predicate != TYPE}
    wrong |= {Triple(t.subject, t.predicate, Literal("x")) for t in found if t.predicate != TYPE}
    spoilt = n_triples(wrong | {t for t in found if t.predicate == TYPE})
    assert shacl_validator(shapes.read_bytes(), str(shapes)).validate(spoilt).results


@pytest.mark.shared
def test_cids_is_what_its_basic_tier_asks_of_an_organisation(
    client: httpx.Client, shared: Path
) -> None:
    found = graph(client, f"{PATH}.ttl?_profile=cids")
    shapes = shared / "data" / "cids" / "cids.basictier.shacl.ttl"
    validator = shacl_validator(shapes.read_bytes(), str(shapes))

    def faults(triples: set[Triple]) -> list[str | None]:
        results = validator.validate(n_triples(triples)).results
        return [r.path for r in results if r.severity != "Info"]

    assert faults(found) == []
    unnamed = {t for t in found if t.predicate.value != cids("org:hasLegalName")}
    assert faults(unnamed) == [f"<{cids('org:hasLegalName')}>"]


def test_profiles_are_described_where_their_iris_lead(client: httpx.Client) -> None:
    page = client.get("/profiles", headers={"Accept": "text/html", "Accept-Language": "fr"})
    for profile in PROFILES:
        assert f'id="{profile.token}"' in page.text
        assert profile.iri in page.text
    found = graph(client, "/profiles", Accept="text/turtle")
    tokens = {t.object.value for t in found if t.predicate.value.endswith("hasToken")}
    assert tokens == {profile.token for profile in PROFILES}
    for language in ("en", "fr", "nl"):
        for profile in PROFILES:
            assert texts(language)(f"profile-name.{profile.token}")
            assert texts(language)(f"profile-about.{profile.token}")
