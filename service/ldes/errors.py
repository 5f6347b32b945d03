"""What can be wrong with a request for an event stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import NotFound, Unavailable, sentence
from vises.service.ldes.description import PATH
from vises.service.resources.endpoint import BeyondEnd
from vises.service.sentences import TELL_OPERATOR

if TYPE_CHECKING:
    from vises.store.streams.pages import Index


class NoSuchStream(NotFound):
    """No dataset that is open to everyone has a stream of that name."""

    kind = "no-such-stream"
    title = "There is no such event stream"


class PageGone(NotFound):
    """The stream was begun anew, and no longer has its first pages."""

    kind = "stream-page-gone"
    title = "The page of the event stream is gone"
    status = 410


class StreamUnready(Unavailable):
    """The pages of the streams are being made; that is done once for each release."""

    kind = "stream-unready"
    title = "The event stream is not ready"
    retry_after = 10


class StreamNotMade(StreamUnready):
    """The pages of the streams could not be made; the next request has it tried again."""

    kind = "stream-not-made"
    title = "The event stream could not be made"
    retry_after = 60


def no_such_stream(name: str) -> NoSuchStream:
    """Return the error for a name that no stream has which is open to everyone."""
    return NoSuchStream(
        sentence(
            "no-such-stream", "No open dataset has a stream called {name!r}.", name=name[:100]
        ),
        place=PATH,
        remedy=sentence("streams-listed", "{address} lists the streams there are.", address=PATH),
    )


def missing(index: Index, number: int) -> NotFound:
    """Return the error for a page that is not there: not any more, or not yet."""
    if number <= index.before:
        return PageGone(
            sentence(
                "stream-anew",
                "The stream was begun anew; page {number} is not kept.",
                number=number,
            ),
            place=f"page {number}",
            remedy=sentence(
                "begin-again",
                "Begin again at its root; its first page is {first}.",
                first=index.before + 1,
            ),
        )
    return BeyondEnd(
        sentence("no-page-yet", "The stream has no page {number} yet.", number=number),
        place=f"page {number}",
        remedy=sentence(
            "ask-last-page",
            "Its last page is {last}; ask that one again later.",
            last=index.last,
        ),
    )


def unready(*, failed: bool) -> StreamUnready:
    """Return the error for streams that are not there yet, or could not be made."""
    if failed:
        return StreamNotMade(
            sentence("streams-unmade", "The pages of the event streams could not be made."),
            place=PATH,
            remedy=TELL_OPERATOR,
        )
    return StreamUnready(
        sentence("streams-unready", "The pages of the event streams are being made."),
        place=PATH,
        remedy=sentence("ask-soon", "Ask again in some seconds."),
    )
