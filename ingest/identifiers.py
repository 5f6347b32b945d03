"""The official numbers by which tables name enterprises of either country."""

from __future__ import annotations

from vises.ingest.checks import is_kbo_digits, is_siren
from vises.ingest.rules import Refusal


def misnumbered(column: str, enterprise: str) -> Refusal | None:
    """Refuse an enterprise, fr- with a SIREN or be- with ten digits, with wrong check digits.

    >>> misnumbered("enterprise", "fr-356000000"), misnumbered("enterprise", "be-0872480059")
    (None, None)
    >>> misnumbered("enterprise", "be-0872480060").rule
    'kbo-check-digit'
    """
    country, _, number = enterprise.partition("-")
    if country == "fr":
        rule, right = "siren-check-digit", is_siren(number)
    else:
        rule, right = "kbo-check-digit", is_kbo_digits(number)
    return None if right else Refusal(rule, column, enterprise, "")
