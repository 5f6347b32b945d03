"""The languages in which people are spoken to: pages, questions, refusals, workbooks."""

from __future__ import annotations

LANGUAGES = ("en", "fr", "nl")
"""The first is what the others are translated from, and what is said where none is asked for."""
