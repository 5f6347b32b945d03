"""Invented impact results and qualitative accounts, in French and Dutch, for given enterprises."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING, NamedTuple

from vises.ingest.samples import Defect, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

RESULTS_FILE = "results.csv"
ACCOUNTS_FILE = "accounts.csv"
RESULT_COLUMNS = (
    *("enterprise", "indicator", "period_start", "period_end", "value", "method", "language"),
    *("evidence_kind", "status", "attested_by"),
)
ACCOUNT_COLUMNS = (
    *("enterprise", "date", "language", "text", "teller_group", "theme", "evidence_kind"),
    "consent",
)
INDICATORS = {
    "full-time-equivalents": (1, 60),
    "volunteer-hours": (200, 9000),
    "people-in-insertion": (2, 80),
    "positive-exits": (20, 85),
    "training-hours": (40, 4000),
    "people-served": (50, 6000),
    "reduced-price-users": (5, 70),
    "new-social-ties": (30, 95),
    "general-assembly-turnout": (15, 80),
    "women-on-the-board": (20, 80),
    "local-purchases": (20, 90),
}
METHODS = {
    "fr": (
        "Registre du personnel et des bénévoles.",
        "Enquête auprès des participants, deux fois par an.",
        "Entretiens avec dix personnes accompagnées.",
    ),
    "nl": (
        "Personeels- en vrijwilligersregister.",
        "Enquête bij de deelnemers, twee keer per jaar.",
        "Gesprekken met tien begeleide personen.",
    ),
}
EVIDENCE = ("administrative-data", "survey", "interview")
STATUSES = (("attested", "vises-contributors"), ("attested", "vises-contributors"), ("draft", ""))


class Telling(NamedTuple):
    """An invented account: who tells it, what of, and the words."""

    group: str
    theme: str
    text: str


ACCOUNTS = {
    "fr": (
        Telling(
            "insertion-participants",
            "social-inclusion",
            "Je ne parlais à personne dans le quartier. Maintenant, le mardi, j'ouvre l'atelier.",
        ),
        Telling(
            "insertion-participants",
            "skills",
            "J'ai appris à réparer des vélos. On m'a laissé le temps de me tromper.",
        ),
        Telling(
            "relatives",
            "well-being",
            "Ce que ça nous apporte, c'est une soirée par semaine où l'on peut souffler.",
        ),
        Telling(
            "public-authorities",
            "local-development",
            "L'épicerie avait fermé ; le camion du jeudi a remis du monde sur la place.",
        ),
        Telling(
            "members",
            "democratic-governance",
            "On décide ensemble, même quand c'est long. Je comprends mieux les comptes.",
        ),
    ),
    "nl": (
        Telling(
            "volunteers",
            "social-inclusion",
            "Ik kende niemand in de straat. Nu sta ik elke dinsdag mee achter de toog.",
        ),
        Telling(
            "insertion-participants",
            "skills",
            "Ik heb hier leren lassen. De eerste maanden lukte niets, en toch mocht ik blijven.",
        ),
        Telling(
            "relatives",
            "well-being",
            "Mijn moeder vertelt 's avonds weer wat ze overdag heeft gedaan.",
        ),
        Telling(
            "residents",
            "access-to-services",
            "De bus van de coöperatie is de enige die nog tot bij ons rijdt.",
        ),
    ),
}
CONSENT = 0.9


def write_sample(
    folder: Path,
    enterprises: Sequence[str],
    *,
    results: int = 60,
    accounts: int = 30,
    seed: int = 1,
) -> Sample:
    """Write both files into `folder`, for some of `enterprises` (such as `fr-000000018`).

    One row of each file is spoilt. The same arguments give the same files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)  # noqa: S311 (a sample, not a secret)
    cases = [(e, i) for e in sorted(enterprises) for i in INDICATORS]
    result_rows = [
        _result(draw, enterprise, indicator)
        for enterprise, indicator in draw.sample(cases, min(results, len(cases)))
    ]
    tellings = [(e, telling) for e in sorted(enterprises) for telling in range(2)]
    account_rows = [
        _account(draw, enterprise, telling)
        for enterprise, telling in draw.sample(tellings, min(accounts, len(tellings)))
    ]
    result_rows[-1][RESULT_COLUMNS.index("period_end")] = "2023-02-30"
    account_rows[-1][ACCOUNT_COLUMNS.index("teller_group")] = "neighbours"
    files = folder / RESULTS_FILE, folder / ACCOUNTS_FILE
    _write(files[0], RESULT_COLUMNS, result_rows)
    _write(files[1], ACCOUNT_COLUMNS, account_rows)
    defects = (
        Defect(RESULTS_FILE, len(result_rows) + 1, "date"),
        Defect(ACCOUNTS_FILE, len(account_rows) + 1, "unknown-code"),
    )
    return Sample(files, tuple(sorted({row[0] for row in result_rows[:-1]})), defects)


def _result(draw: random.Random, enterprise: str, indicator: str) -> list[str]:
    year = draw.choice(("2022", "2023", "2024"))
    language = _language(draw, enterprise)
    choice = draw.randrange(len(EVIDENCE))
    period = (f"{year}-01-01", f"{year}-12-31")
    value = str(draw.randint(*INDICATORS[indicator]))
    described = (METHODS[language][choice], language, EVIDENCE[choice])
    return [enterprise, indicator, *period, value, *described, *draw.choice(STATUSES)]


def _account(draw: random.Random, enterprise: str, telling: int) -> list[str]:
    language = _language(draw, enterprise)
    group, theme, text = draw.choice(ACCOUNTS[language][telling::2])
    day = f"202{draw.randint(3, 5)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
    consent = "true" if draw.random() < CONSENT else "false"
    return [enterprise, day, language, text, group, theme, "testimony", consent]


def _language(draw: random.Random, enterprise: str) -> str:
    return "fr" if enterprise.startswith("fr-") else draw.choice(("fr", "nl"))


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows((columns, *rows))
