"""JSON-LD contexts that are elsewhere: whoever parses a document says the same of them."""

from __future__ import annotations

from vises.errors import sentence

DETAIL = sentence("context-elsewhere", "The document names a context that is elsewhere.")
REMEDY = sentence(
    "write-context",
    "Write its definitions into the document, under @context: nothing is fetched from elsewhere.",
)
_CALLBACK = "LoadDocumentCallback"
"""What the parser names where it would have to fetch one."""


def is_elsewhere(message: str) -> bool:
    """Tell whether the parser refused a document since a context of it is elsewhere."""
    return _CALLBACK in message
