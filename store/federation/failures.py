"""What a partner's silence or nonsense is to the one who asked the query."""

from __future__ import annotations

from vises.errors import Sentence, Unavailable


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


def printable(text: str) -> str:
    """Return a text that a partner may have a hand in, as it can go into a log."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def reason_of(error: Exception) -> str:
    """Return what an error says without its full stop: a sentence of ours, or words of others."""
    said = error.args[0] if error.args else ""
    if isinstance(said, Sentence):
        return said
    return printable(str(error)[:300] or error.__class__.__name__).rstrip(".")
