"""What several parts of the service say in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from vises.errors import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.errors import Sentence, VisesError

Error = TypeVar("Error", bound="VisesError")

TELL_OPERATOR = sentence("tell-operator", "Tell the operator of the service, whose log says why.")
GIVE_ONCE = sentence("give-once", "Give it once.")


def give_one_of(known: Iterable[str]) -> Sentence:
    """Return the remedy that names the values there are."""
    return sentence("give-one-of", "Give one of {known}.", known=", ".join(known))


def end_with(endings: Iterable[str]) -> Sentence:
    """Return the remedy that names what an address may end with."""
    return sentence(
        "end-with", "End the address with one of {endings}.", endings=", ".join(endings)
    )


def no_page_number(text: str) -> Sentence:
    """Return what is said of a text that numbers no page."""
    return sentence("no-page-number", "{text!r} is not the number of a page.", text=text[:40])


def lists(address: str) -> Sentence:
    """Return the remedy that names the address where all that there is stands."""
    return sentence("lists", "{address} lists what there is.", address=address)


def given_twice(kind: type[Error], name: str) -> Error:
    """Return the error of a kind for a parameter that can have one value only."""
    return kind(
        sentence("given-twice", "The parameter is given more than once."),
        place=f"parameter {name}",
        remedy=GIVE_ONCE,
    )


def report_closed(kind: type[Error], address: str) -> Error:
    """Return the error of a kind for a validation report that may tell of what is hidden."""
    return kind(
        sentence(
            "report-closed",
            "The validation report is not for this request: it may tell of closed datasets.",
        ),
        place=address,
        remedy=sentence("send-token-for-all", "Send a token that reads all datasets."),
    )
