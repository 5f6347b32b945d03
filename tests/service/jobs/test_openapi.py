"""The description of uploads is valid, and says what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from vises.service.jobs.upload import TYPES

if TYPE_CHECKING:
    from tests.service.jobs.conftest import Counter


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_it_is_valid_in_each_language(counter: Counter, language: str) -> None:
    address = f"{counter.address}/ingest/openapi.json"
    document = httpx.get(address, headers={"Accept-Language": language}).json()
    OpenAPIV31SpecValidator(document).validate()
    upload = document["paths"]["/ingest/{source}"]["post"]
    assert set(TYPES) < set(upload["requestBody"]["content"])
    summaries = {"fr": "Envoyer", "nl": "Bestanden", "en": "Send"}
    assert upload["summary"].startswith(summaries[language])
