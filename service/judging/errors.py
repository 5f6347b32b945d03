"""What may go wrong when data that was sent is judged."""

from __future__ import annotations

from vises.errors import BadRequest, NotFound, Unavailable, sentence
from vises.service.sentences import TELL_OPERATOR

_MEMORY = sentence("judging-memory", "Judging met the memory limit of its process and was stopped.")
_PARTS = sentence(
    "judge-parts", "Send the data in several parts, or judge it with `vises validate`."
)
_NO_ROOM = sentence(
    "judging-no-room", "The data folder of the service cannot be written, and judging needs room."
)


class JudgingRequestError(BadRequest):
    """The request does not say what is to be judged, or by what."""

    kind = "judging-request"
    title = "What is to be judged is not clear"


class JudgingTimeout(Unavailable):
    """Judging met its deadline: the process was killed."""

    kind = "judging-timeout"
    title = "Judging took too long"


class JudgingMemory(Unavailable):
    """Judging met the memory limit of its process."""

    kind = "judging-memory"
    title = "Judging needs too much memory"

    def __init__(
        self,
        detail: str = _MEMORY,
        *,
        place: str | None = None,
        remedy: str | None = _PARTS,
    ) -> None:
        """Say the same wherever the limit was met."""
        super().__init__(detail, place=place, remedy=remedy)


class JudgingFailed(BadRequest):
    """The process that judged died of what it was given."""

    kind = "judging-failed"
    title = "This cannot be judged"
    status = 422


class JudgingUnwritable(Unavailable):
    """What is judged has to be kept meanwhile, and the data folder does not allow it now."""

    kind = "judging-unwritable"
    title = "Nothing can be judged now"

    def __init__(
        self,
        detail: str = _NO_ROOM,
        *,
        place: str | None = None,
        remedy: str | None = TELL_OPERATOR,
    ) -> None:
        """Say the same wherever it was met."""
        super().__init__(detail, place=place, remedy=remedy)


class ReportGone(NotFound):
    """A validation report is not kept, or not any more."""

    kind = "report-gone"
    title = "The report is not there"
