"""What may go wrong with a delivery before it is judged."""

from __future__ import annotations

from vises.errors import NotFound
from vises.store.transaction import NotApplied


class NoSuchPartner(NotFound):
    """No partner of this name has an inbox here."""

    kind = "no-such-partner"
    title = "There is no inbox of this name"


class NoSuchDelivery(NotFound):
    """No delivery of a partner has this name, or its report is not kept any more."""

    kind = "no-such-delivery"
    title = "The delivery is not there"


class StaleDelivery(NotApplied):
    """A delivery came before, and a newer one after it."""

    kind = "stale-delivery"
    title = "A newer delivery came after this one"
