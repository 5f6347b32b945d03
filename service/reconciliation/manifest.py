"""The manifests: what the service offers, as 0.2 (section 3.2) and 1.0-draft write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.namespaces import PREFIXES
from vises.service.reconciliation.batch import BATCH
from vises.service.reconciliation.terms import DRAFT_PATH, ENTERPRISE, PATH, TYPES

if TYPE_CHECKING:
    from vises.service.api.rows import Json
    from vises.service.texts import Texts

WIDTH, HEIGHT = 420, 260
"""The size of a preview in pixels."""

MOST_VALUES = 100
LITERAL, IRI = "literal", "iri"


def manifest(origin: str, base: str, words: Texts) -> dict[str, Json]:
    """Return the manifest of 0.2; `base` is that of the IRIs of our data."""
    here = origin + PATH
    return {
        "versions": ["0.2"],
        **_shared(origin, base, words),
        "schemaSpace": PREFIXES["vises"],
        "identifierSpace": base,
        "view": {"url": f"{here}/view?id={{{{id}}}}"},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "suggest": {name: _suggest(origin, name) for name in ("entity", "property", "type")},
        "extend": {
            "propose_properties": {
                "service_url": origin,
                "service_path": f"{PATH}/extend/propose",
            },
            "property_settings": [
                {**_renamed(setting), "label": setting["name"], "name": setting["id"]}
                for setting in _settings(words)
            ],
        },
        "batchSize": BATCH,
    }


def draft(origin: str, base: str, words: Texts) -> dict[str, Json]:
    """Return the manifest of 1.0-draft, whose services are where the draft says, below its base."""
    settings: list[Json] = [*_settings(words)]
    return {
        "versions": ["1.0-draft"],
        **_shared(origin, base, words),
        "view": {"url": f"{origin}{DRAFT_PATH}/view?id={{id}}"},
        "preview": {"width": WIDTH, "height": HEIGHT},
        "suggest": {"entity": True, "property": True, "type": True},
        "extend": {"proposeProperties": True, "propertySettings": settings},
        "standardizedScore": True,
        "batchSize": BATCH,
    }


def types(words: Texts) -> list[dict[str, Json]]:
    """Return the types as the manifests and the suggestions name them."""
    return [{"id": name, "name": words(text)} for name, (_, text) in TYPES.items()]


def _shared(origin: str, base: str, words: Texts) -> dict[str, Json]:
    default: list[Json] = [t for t in types(words) if t["id"] == ENTERPRISE]
    return {
        "name": words("reconcile.service", base=base),
        "documentation": f"{origin}{PATH}/guide",
        "logo": f"{origin}/static/icon.svg",
        "defaultTypes": default,
    }


def _suggest(origin: str, name: str) -> Json:
    return {
        "service_url": origin,
        "service_path": f"{PATH}/suggest/{name}",
        "flyout_service_url": origin,
        "flyout_service_path": f"{PATH}/flyout/{name}?id=${{id}}",
    }


def _settings(words: Texts) -> list[dict[str, Json]]:
    return [
        {
            "id": "limit",
            "name": words("reconcile.limit"),
            "type": "number",
            "default": MOST_VALUES,
            "helpText": words("reconcile.limit-help"),
        },
        {
            "id": "content",
            "name": words("reconcile.content"),
            "type": "select",
            "default": LITERAL,
            "helpText": words("reconcile.content-help"),
            "choices": [
                {"value": LITERAL, "name": words("reconcile.literal")},
                {"value": IRI, "name": words("reconcile.iri")},
            ],
        },
    ]


def _renamed(setting: dict[str, Json]) -> dict[str, Json]:
    kept = {name: value for name, value in setting.items() if name not in {"id", "helpText"}}
    return {**kept, "help_text": setting["helpText"]}
