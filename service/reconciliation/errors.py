"""What is not right in a request for reconciliation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import BadRequest, NotFound, sentence

if TYPE_CHECKING:
    from vises.errors import Sentence

GIVE_ONE = sentence("give-one", "Give one of them.")


class ReconciliationInvalid(BadRequest):
    """A request for reconciliation is not what the Reconciliation Service API says it is."""

    kind = "reconciliation"
    title = "The request for reconciliation is not right"


class NoSuchCandidate(NotFound):
    """The release has no thing with this identifier of the reconciliation service."""

    kind = "no-such-candidate"
    title = "There is no thing with this identifier"


def invalid(place: str, detail: Sentence, remedy: Sentence) -> ReconciliationInvalid:
    """Return the error for a place in a request, such as `queries.q0.limit`."""
    return ReconciliationInvalid(detail, place=place, remedy=remedy)


def not_at_least(place: str, least: int) -> ReconciliationInvalid:
    """Return the error for a place where a whole number should stand."""
    return invalid(
        place,
        sentence("not-at-least", "This is not a whole number of {least} or more.", least=least),
        sentence("send-such-as-5", "Send one, such as 5."),
    )
