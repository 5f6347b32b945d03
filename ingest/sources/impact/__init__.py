"""Impact: results of indicators and qualitative accounts, as enterprises report them."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vises.ingest.identifiers import misnumbered
from vises.ingest.provenance import DatasetDescription
from vises.ingest.rules import Refusal
from vises.ingest.sessions import RowByRow
from vises.ingest.source import OutOfScope, Part, Source
from vises.ingest.sources.impact import contracts
from vises.ingest.sources.impact.filled import find_filled
from vises.ingest.sources.impact.texts import EXAMPLE

if TYPE_CHECKING:
    from vises.ingest.contract import Row

HERE = Path(__file__).parent
LANGUAGES = ("fr", "nl", "de", "en")
KEY_DIGITS = 16
EMAIL = re.compile(r"[^ @]+@[^ @]+\.[a-zA-Z]+")

THE_EXAMPLE = OutOfScope("the example row of the template")
NO_CONSENT = OutOfScope("no consent to publication on file")

RESULTS = Part(
    "results",
    r"results",
    contracts.RESULTS,
    (
        "id",
        "enterprise",
        "indicator",
        "periodStart",
        "periodEnd",
        "value",
        *(f"method_{language}" for language in LANGUAGES),
        "evidenceKind",
        "status",
        "attestedBy",
    ),
    optional=True,
    may_be_empty=True,
)
ACCOUNTS = Part(
    "accounts",
    r"accounts",
    contracts.ACCOUNTS,
    (
        "id",
        "enterprise",
        "date",
        *(f"text_{language}" for language in LANGUAGES),
        "tellerGroup",
        "theme",
        "evidenceKind",
        "consent",
    ),
    optional=True,
    may_be_empty=True,
)


def _result(row: Row) -> Row | OutOfScope | Refusal:
    enterprise, indicator, start, end, value, method, language, evidence, status, attester = row
    if enterprise == EXAMPLE:
        return THE_EXAMPLE
    if refusal := misnumbered("enterprise", enterprise):
        return refusal
    if end < start:
        return Refusal("period", "period_end", end, "")
    if method and not language:
        return Refusal("required", "language", "", "")
    if EMAIL.search(method):
        return Refusal("personal-data", "method", "", "")
    return (
        _key(enterprise, indicator, start, end),
        enterprise,
        indicator,
        start,
        end,
        value,
        *_by_language(method, language),
        evidence,
        status,
        attester,
    )


def _account(row: Row) -> Row | OutOfScope | Refusal:
    enterprise, day, language, text, teller_group, theme, evidence, consent = row
    if enterprise == EXAMPLE:
        return THE_EXAMPLE
    if refusal := misnumbered("enterprise", enterprise):
        return refusal
    if consent != "true":
        return NO_CONSENT
    if EMAIL.search(text):
        return Refusal("personal-data", "text", "", "")
    return (
        _key(enterprise, day, language, text),
        enterprise,
        day,
        *_by_language(text, language),
        teller_group,
        theme,
        evidence,
        consent,
    )


def _by_language(text: str, language: str) -> list[str]:
    return [text.strip() if language == each else "" for each in LANGUAGES]


def _key(*parts: str) -> str:
    """Return a short name that follows from what identifies a row."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:KEY_DIGITS]


IMPACT = Source(
    name="impact",
    description=DatasetDescription(
        title={
            "fr": "Résultats et récits d'impact social",
            "nl": "Resultaten en verhalen over maatschappelijke impact",
            "en": "Results and accounts of social impact",
        },
        description={
            "fr": "Ce que des entreprises mesurent de leur impact, et ce qu'on en raconte.",
            "nl": "Wat ondernemingen van hun impact meten, en wat erover verteld wordt.",
            "en": "What enterprises measure of their impact, and what is told of it.",
        },
        themes=("SOCI",),
    ),
    parts=(RESULTS, ACCOUNTS),
    mapping=HERE / "mapping.ttl",
    begin=partial(RowByRow, {RESULTS.name: _result, ACCOUNTS.name: _account}),
    find=find_filled,
)
