"""The errors a user can do something about; mapped once to exit codes and RFC 9457 problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sentence(str):
    """A sentence of an error, in English, that can be said in other languages too.

    `reason` names it in the texts of those languages, and `values` are what it speaks of, which may
    be sentences, too.
    """

    __slots__ = ("reason", "values")
    reason: str
    values: Mapping[str, object]

    def __new__(cls, english: str, reason: str, values: Mapping[str, object]) -> Self:
        """Keep the reason and the values beside the sentence, which is filled in already."""
        made = super().__new__(cls, english)
        made.reason, made.values = reason, values
        return made

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, str, Mapping[str, object]]]:
        """Survive the way back from a worker process."""
        return Sentence, (str(self), self.reason, self.values)


def sentence(reason: str, english: str, **values: object) -> Sentence:
    """Return a sentence with the `{places}` of its English filled.

    >>> sentence("no-such-token", "There is no token {token}.", token="t1")
    'There is no token t1.'
    """
    return Sentence(english.format(**values), reason, values)


TRY_LATER = sentence("try-later", "Try again in a while.")
"""The way out where something is busy."""


class VisesError(Exception):
    """An error with a place and a way out.

    `detail` is one sentence for this occurrence, `place` names the file, line or setting it
    concerns, and `remedy` says what to do about it; what is a `Sentence` can be said in another
    language. The class gives the rest: `kind` is the last part of the problem type's IRI (RFC 9457,
    section 3.1.1), `title` its short summary, `status` the HTTP status, `exit_code` what the
    command line ends with, `retry_after` in how many seconds the same may succeed (RFC 9110,
    section 10.2.3; None: nobody knows).
    """

    kind: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 70
    retry_after: int | None = None

    def __init__(self, detail: str, *, place: str | None = None, remedy: str | None = None) -> None:
        """Keep the three sentences apart, so that each edge can lay them out its own way."""
        super().__init__(detail)
        self.detail = detail
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        """Place, detail and remedy on one line."""
        place = f"{self.place}: " if self.place else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.detail}{remedy}"


class Refused(VisesError):
    """The input was read and judged, and may not be published."""

    kind = "refused"
    title = "The data was refused"
    status = 422
    exit_code = 1


class BadRequest(VisesError):
    """The call itself is wrong: an argument, a setting, a query."""

    kind = "bad-request"
    title = "The request is not right"
    status = 400
    exit_code = 2


class BadInput(VisesError):
    """A file or a body cannot be read as what it should be."""

    kind = "bad-input"
    title = "The input cannot be read"
    status = 400
    exit_code = 3


class NotFound(VisesError):
    """What was asked for is not here."""

    kind = "not-found"
    title = "Not found"
    status = 404
    exit_code = 4


class Unavailable(VisesError):
    """The machine or the data folder does not allow it now."""

    kind = "unavailable"
    title = "Not possible now"
    status = 503
    exit_code = 5
