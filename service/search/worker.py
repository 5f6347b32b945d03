"""The process that asks indexes: ``python -m vises.service.search.worker MEBIBYTES PARENT``.

It seals itself as a query process does, then reads questions from standard input and writes their
answers to standard output, one after the other. So a search can be stopped, and a file that is cut
while it is mapped into memory ends this process and not the one where all requests meet.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vises.service.search.asking import Asked, ask
from vises.service.search.listing import Listing, listed
from vises.service.search.matching import Batch, match_all
from vises.service.search.schema import opened
from vises.store.frames import END, ERROR, READY, answer_stream, frame, read_frame
from vises.store.sealing import seal

if TYPE_CHECKING:
    from tantivy import Index

SEARCH, MATCH, LIST = ord("S"), ord("M"), ord("L")
"""The requests: a folder and the fields of `Asked`, of `Batch`, or of `Listing`."""

_MOST_INDEXES = 2


def main(mebibytes: int, parent: int) -> None:
    """Answer questions until standard input ends."""
    answers = answer_stream()
    answers.write(frame(READY, json.dumps(seal(mebibytes, parent)).encode()))
    indexes: dict[str, Index] = {}
    while message := read_frame(sys.stdin.buffer):
        asked = json.loads(message[1])
        try:
            found = _answer(_opened(indexes, asked["folder"]), message[0], asked["question"])
        except (OSError, ValueError) as error:
            indexes.clear()
            answers.write(frame(ERROR, str(error).encode()))
        else:
            answers.write(frame(END, found))


def _answer(index: Index, kind: int, question: dict[str, Any]) -> bytes:
    """Answer a request of a kind: a list with its lines, anything else in JSON."""
    if kind == LIST:
        return listed(index, Listing(**question))
    if kind == MATCH:
        return json.dumps(match_all(index, Batch.of(question))).encode()
    return json.dumps(asdict(ask(index, Asked(**question)))).encode()


def _opened(indexes: dict[str, Index], folder: str) -> Index:
    """Return an index, keeping those used last open."""
    index = indexes.pop(folder, None)
    if index is None:
        while len(indexes) >= _MOST_INDEXES:
            del indexes[next(iter(indexes))]
        index = opened(Path(folder))
    indexes[folder] = index
    return index


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
