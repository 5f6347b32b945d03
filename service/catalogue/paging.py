"""The pages of the list of datasets."""

from __future__ import annotations

from dataclasses import dataclass

PER_PAGE = 20


@dataclass(frozen=True)
class Paging:
    """One page of the list of datasets: its number from 1 on, how many there are, and of what.

    `document` is the absolute address of the first page in the form of this answer.
    """

    number: int
    pages: int
    total: int
    document: str

    def address(self, number: int) -> str:
        """Return the absolute address of a page."""
        if number == 1:
            return self.document
        return f"{self.document}{'&' if '?' in self.document else '?'}page={number}"

    @property
    def neighbours(self) -> dict[str, str]:
        """The addresses of the other pages by their relations; the walk ends at either end."""
        found = {"first": 1, "last": self.pages}
        if self.number > 1:
            found["previous"] = self.number - 1
        if self.number < self.pages:
            found["next"] = self.number + 1
        return {relation: self.address(number) for relation, number in found.items()}
