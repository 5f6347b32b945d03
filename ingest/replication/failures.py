"""What can be wrong with a stream, with the way to it, and with the copy."""

from __future__ import annotations

from vises.errors import BadInput, Refused, Unavailable

FROM_START = "Begin again with `--from-start`."


class StreamUnreachable(Unavailable):
    """The event stream gives no whole answer."""

    kind = "stream-unreachable"
    title = "The event stream cannot be read now"


class StreamUnfit(BadInput):
    """What was sent is no event stream of this kind, or does not keep to its promises."""

    kind = "stream-unfit"
    title = "The event stream is not right"


class ReplicaDiffers(Refused):
    """The copy does not have the digest that the stream states; nothing was published."""

    kind = "replica-differs"
    title = "The copy differs from the original"


class GraphTaken(Refused):
    """The data folder has the dataset already, and not from this stream."""

    kind = "graph-taken"
    title = "The dataset is here already"


def unfit(address: str, detail: str, remedy: str = FROM_START) -> StreamUnfit:
    """Return the error for what an address sent."""
    return StreamUnfit(detail, place=address, remedy=remedy)
