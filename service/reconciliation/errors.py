"""What is not right in a request for reconciliation."""

from __future__ import annotations

from vises.errors import BadRequest, NotFound


class ReconciliationInvalid(BadRequest):
    """A request for reconciliation is not what the Reconciliation Service API says it is."""

    kind = "reconciliation"
    title = "The request for reconciliation is not right"


class NoSuchCandidate(NotFound):
    """The release has no thing with this identifier of the reconciliation service."""

    kind = "no-such-candidate"
    title = "There is no thing with this identifier"


def invalid(place: str, detail: str, remedy: str) -> ReconciliationInvalid:
    """Return the error for a place in a request, such as `queries.q0.limit`."""
    return ReconciliationInvalid(detail, place=place, remedy=remedy)
