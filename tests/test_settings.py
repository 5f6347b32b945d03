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
    assert settings.workers >= 1


def test_values() -> None:
    settings = Settings.from_env(
        {"VISES_PORT": "0", "VISES_BASE_IRI": "http://data.example/x/", "VISES_DATA": "/srv/vises"}
    )
    assert settings.port == 0
    assert settings.base_iri == "http://data.example/x/"
    assert settings.data == Path("/srv/vises")


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
        ("VISES_WORKER_MEMORY", "1"),
    ],
)
def test_wrong_values_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings.from_env({name: value})
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)
    assert "must be" in (caught.value.remedy or "")
