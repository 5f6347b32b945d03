"""What can go wrong between a program and the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import BadRequest, Unavailable, VisesError

if TYPE_CHECKING:
    from collections.abc import Mapping


class ServiceProblem(VisesError):
    """The service refused a request, or failed.

    `problem` is its problem document (RFC 9457), `problem_type` the last part of the type's IRI,
    such as `parameter`, and `status_code` the HTTP status.
    """

    kind = "service-problem"
    title = "The service answered with a problem"

    def __init__(self, status_code: int, problem: Mapping[str, object]) -> None:
        """Take what the service said."""
        texts = {name: value for name, value in problem.items() if isinstance(value, str)}
        super().__init__(
            texts.get("detail") or texts.get("title") or f"The service answered {status_code}.",
            place=texts.get("place"),
            remedy=texts.get("remedy"),
        )
        self.status_code = status_code
        self.problem = dict(problem)
        self.problem_type = texts.get("type", "").rpartition("/")[2]


class Unreachable(Unavailable):
    """The service could not be reached, its answer broke off, or something else answered."""

    kind = "service-unreachable"
    title = "The service could not be reached"


class LibraryMissing(BadRequest):
    """The form that was asked for needs a library that is not installed."""

    kind = "library-missing"
    title = "A library is missing"
