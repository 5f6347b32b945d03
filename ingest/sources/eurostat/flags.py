"""Eurostat's flags and confidentiality statuses, as codes of SDMX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.ingest.rules import Refusal
from vises.ingest.source import OutOfScope

if TYPE_CHECKING:
    from vises.ingest.contract import Row

FLAGS = {code.lower(): code for code in "BDEFNPU"} | {"a": "", "r": "", "s": "E"}
"""Eurostat's flags as codes of SDMX's CL_OBS_STATUS, which has none for a revised value.

Others have the code itself, and say of a normal value that it is one.
"""
WITHOUT_VALUE = "z"
CONFIDENTIAL = "c"
NORMAL = "A"
FREE = "F"
MOST_STATUSES = 3
NO_VALUE = OutOfScope("no value")
HIDDEN = OutOfScope("a confidential value")


def status_of(value: str, flag: str, confidentiality: str) -> Row | OutOfScope | Refusal:
    """Return the codes of the flags for the columns of the mapping, or why there is no value."""
    letters = [each for each in flag.lower() if each.isalpha()]
    if unknown := set(letters) - {*FLAGS, WITHOUT_VALUE, CONFIDENTIAL}:
        return Refusal("enum", "flag", "".join(sorted(unknown)), ", ".join((*FLAGS, "c", "z")))
    if CONFIDENTIAL in letters or confidentiality.upper() not in {"", FREE}:
        return HIDDEN
    if not value or WITHOUT_VALUE in letters:
        return NO_VALUE
    statuses = list(dict.fromkeys(FLAGS[each] for each in letters if FLAGS[each])) or [NORMAL]
    if len(statuses) > MOST_STATUSES:
        return Refusal("enum", "flag", flag, f"≤ {MOST_STATUSES}: {', '.join(FLAGS)}")
    return (*statuses, *[""] * (MOST_STATUSES - len(statuses)))
