"""What a session begins with, in this process or in another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.ingest.checking import compile_check
from vises.ingest.source import Divisible, Reading, Session, Source
from vises.ingest.vocabulary import code_lists

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.ingest.checking import Check
    from vises.ingest.keys import KeySet, Members
    from vises.ingest.parallel.memory import PieceMemory
    from vises.ingest.source import Part, Selector


@dataclass(frozen=True)
class State:
    """What a session begins with: the sets of what was read before, and what it noted.

    `live` is the session itself where the source has none that can begin in another process, with
    the check of its rows.
    """

    source: Source
    sets: Mapping[str, Members]
    noted: Sequence[str]
    live: tuple[Session, Mapping[str, Check]] | None = None


def begin(state: State, part: Part, memory: PieceMemory) -> tuple[Session, Check]:
    """Return a session as it is after what was read before, and the check of a part's rows.

    `memory` has the sets that it adds to.
    """
    if state.live:
        session, checks = state.live
        return session, checks[part.name]
    session, seen = _session(state, memory)
    keys = seen.get(part.name) or memory.texts(f"seen {part.name}")
    return session, compile_check(part.contract, code_lists().notations, keys)


def selector_aside(state: State, part: Part, memory: PieceMemory) -> Selector:
    """Return a selector of which the session and what is read later know nothing.

    It decides on rows that are not taken; `memory` is one for it alone.
    """
    return _session(state, memory)[0].selector(part.name)


def _session(state: State, memory: PieceMemory) -> tuple[Session, Mapping[str, KeySet]]:
    """Return a session of its own, with the keys of each part that has some."""
    seen = {
        each.name: memory.numbers(f"seen {each.name}", unique=True)
        if each.contract.has_number_key
        else memory.texts(f"seen {each.name}")
        for each in state.source.parts
        if each.contract.key
    }
    session = state.source.begin(Reading(code_lists(), seen, memory.numbers))
    if isinstance(session, Divisible):
        session.take(state.noted)
    return session, seen
