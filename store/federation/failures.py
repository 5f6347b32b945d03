"""What a partner's silence or nonsense is to the one who asked the query."""

from __future__ import annotations

from vises.errors import Unavailable


class FederationFailed(Unavailable):
    """A partner was called and gave no answer that can be used."""

    kind = "federation-failed"
    title = "A partner endpoint did not answer as it should"
    status = 502


class FederationTimeout(FederationFailed):
    """A partner took too long."""

    kind = "federation-timeout"
    title = "A partner endpoint took too long"
    status = 504
