"""Why a delivery of a partner is not even judged."""

from __future__ import annotations

from vises.errors import Refused


class ForeignGraph(Refused):
    """A delivery has statements in another graph than that of the partner who sends it."""

    kind = "foreign-graph"
    title = "The delivery names a graph of somebody else"
    status = 422


class ForgedProvenance(Refused):
    """A delivery says where data of others come from, or that the service did what it did not."""

    kind = "forged-provenance"
    title = "The delivery speaks for somebody else"
    status = 422
