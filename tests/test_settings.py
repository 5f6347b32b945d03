"""Settings: defaults, values, and an error that names the wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from vises.settings import SettingError, Settings


def test_defaults() -> None:
    settings = Settings.from_env({})
    assert settings.data == Path("data")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.base_iri == "https://w3id.org/vises/"
    assert settings.query_seconds == 60
    assert settings.workers >= 4
    assert settings.partners is None
    assert settings.processes == 1
    assert (settings.client_seconds, settings.client_errors) == ((60, 120), (30, 60))
    assert settings.trusted_proxies == ()
    assert (settings.log, settings.log_clients, settings.log_queries) == (
        "requests",
        "network",
        False,
    )


def test_values() -> None:
    settings = Settings.from_env(
        {
            "VISES_PARTNERS": "/etc/vises/partners.toml",
            "VISES_PORT": "0",
            "VISES_BASE_IRI": "http://data.example/x/",
            "VISES_DATA": "/srv/vises",
        }
    )
    assert settings.port == 0
    assert settings.public_url == ""
    assert settings.base_iri == "http://data.example/x/"
    assert settings.data == Path("/srv/vises")
    assert settings.partners == Path("/etc/vises/partners.toml")


def test_values_of_operation() -> None:
    settings = Settings.from_env(
        {
            "VISES_PROCESSES": "3",
            "VISES_CLIENT_SECONDS": "6.5/10",
            "VISES_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1 2001:db8::/32",
            "VISES_LOG_QUERIES": "yes",
        }
    )
    assert settings.processes == 3
    assert settings.client_seconds == (6.5, 10)
    assert [str(network) for network in settings.trusted_proxies] == [
        "10.0.0.0/8",
        "192.0.2.1/32",
        "2001:db8::/32",
    ]
    assert settings.log_queries


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VISES_DATA", ""),
        ("VISES_HOST", "a b"),
        ("VISES_HOST", ""),
        ("VISES_PORT", "http"),
        ("VISES_PORT", "65536"),
        ("VISES_PORT", "-1"),
        ("VISES_BASE_IRI", "https://w3id.org/vises"),
        ("VISES_BASE_IRI", "urn:vises/"),
        ("VISES_BASE_IRI", "https://x/?a=/"),
        ("VISES_BASE_IRI", "https://x/<script>/"),
        ("VISES_QUERY_SECONDS", "0"),
        ("VISES_QUERY_SECONDS", "nan"),
        ("VISES_QUERY_SECONDS", "soon"),
        ("VISES_WORKERS", "0"),
        ("VISES_ENGINE", "localhost:8890/sparql"),
        ("VISES_ENGINE", "http://x/sparql?graph=y"),
        ("VISES_ENGINE_UPDATE", "ftp://x/"),
        ("VISES_ENGINE_GRAPHS", "http://"),
        ("VISES_WORKER_MEMORY", "1"),
        ("VISES_PROCESSES", "0"),
        ("VISES_CLIENT_SECONDS", "60"),
        ("VISES_CLIENT_SECONDS", "0/120"),
        ("VISES_CLIENT_ERRORS", "30/inf"),
        ("VISES_CLIENT_ERRORS", "30/60/90"),
        ("VISES_TRUSTED_PROXIES", "localhost"),
        ("VISES_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("VISES_METRICS_CLIENTS", "::1/129"),
        ("VISES_LOG", "all"),
        ("VISES_LOG_CLIENTS", "yes"),
        ("VISES_LOG_QUERIES", "true"),
        ("VISES_BASE_IRI", "http://data.example/%zz/"),
        ("VISES_BASE_IRI", "http://data.example:port/"),
        ("VISES_BASE_IRI", "http://data.example/\udcff/"),
        ("VISES_ENGINE", "http://engine.example:port/sparql"),
        ("VISES_ENGINE", "http://engine.example:0/sparql"),
        ("VISES_PUBLIC_URL", "https://vises.example:99999"),
        ("VISES_PUBLIC_URL", "example.org"),
        ("VISES_PUBLIC_URL", "https://example.org/lod"),
    ],
)
def test_wrong_values_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings.from_env({name: value})
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)
    assert "must be" in (caught.value.remedy or "")


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingError) as caught:
        Settings.from_env({"VISES_ENGINE": "http://dba:secret@127.0.0.1:8890/sparql"})
    assert "secret" not in str(caught.value)
    assert "http://...@127.0.0.1:8890/sparql" in str(caught.value)


def test_a_remote_engine() -> None:
    none = Settings.from_env({})
    assert (none.engine, none.engine_update, none.engine_graphs, none.engine_login) == (
        "",
        "",
        "",
        None,
    )
    some = Settings.from_env({"VISES_ENGINE": "http://x/q", "VISES_ENGINE_LOGIN": "/run/login"})
    assert (some.engine, some.engine_login) == ("http://x/q", Path("/run/login"))


def test_the_public_address_has_no_path() -> None:
    settings = Settings.from_env({"VISES_PUBLIC_URL": "https://vises.example/"})
    assert settings.public_url == "https://vises.example"


def test_values_of_the_catalogue() -> None:
    plain = Settings.from_env({})
    assert (plain.dumps, plain.publisher, plain.contact) == (True, "VISES", "")
    settings = Settings.from_env(
        {
            "VISES_DUMPS": "no",
            "VISES_PUBLISHER": " Observatoire de l'ES ",
            "VISES_PUBLISHER_TYPE": "RegionalAuthority",
            "VISES_CONTACT": "mailto:data@example.org",
        }
    )
    assert not settings.dumps
    assert settings.publisher == "Observatoire de l'ES"
    assert settings.publisher_type == "RegionalAuthority"
    assert settings.contact == "mailto:data@example.org"
    page = "https://data.example.org/contact"
    assert Settings.from_env({"VISES_CONTACT": page}).contact == page


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VISES_DUMPS", "maybe"),
        ("VISES_PUBLISHER", ""),
        ("VISES_PUBLISHER", "two\nlines"),
        ("VISES_PUBLISHER_TYPE", "Friend"),
        ("VISES_CONTACT", "data@example.org"),
        ("VISES_CONTACT", "mailto:nobody"),
        ("VISES_CONTACT", "mailto:a@b.example\nExpires: never"),
        ("VISES_CONTACT", "mailto:a@b.example?bcc=c@d.example"),
        ("VISES_CONTACT", "mailto:a@b@c"),
        ("VISES_CONTACT", "mailto:@b.example"),
        ("VISES_CONTACT", "mailto:a@"),
        ("VISES_CONTACT", "http://data.example.org/contact"),
        ("VISES_CONTACT", "javascript:alert(1)"),
        ("VISES_CONTACT", "https://user:secret@data.example.org/"),
    ],
)
def test_values_of_the_catalogue_that_cannot_be(variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=variable) as refused:
        Settings.from_env({variable: value})
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("name", "meant"),
    [("VISES_PROT", "VISES_PORT"), ("VISES_TRUSTED_PROXY", "VISES_TRUSTED_PROXIES")],
)
def test_a_misspelt_setting_is_refused_and_the_nearest_one_named(name: str, meant: str) -> None:
    with pytest.raises(SettingError, match=f"no setting {name}") as caught:
        Settings.from_env({name: "18500", "PATH": "/bin"})
    assert f"Did you mean {meant}?" in str(caught.value)


def test_a_name_like_none_of_ours_is_refused_too() -> None:
    with pytest.raises(SettingError) as caught:
        Settings.from_env({"VISES_XYZZY": "1"})
    assert "Did you mean" not in str(caught.value)


def test_variables_of_the_notebook_and_the_tests_are_let_be() -> None:
    assert Settings.from_env({"VISES_URL": "http://x/", "VISES_TEST_PICTURES": "p"}).port == 8000
