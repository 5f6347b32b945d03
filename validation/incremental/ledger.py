"""The results of a release, kept so that a change can patch them.

Two files, in lines of JSON: ``results.jsonl`` has what was found in all, and is shared by releases
(a hard link) for as long as ``changes.jsonl`` has little that is new against it. So the cost of
keeping is that of the change, whatever there is to keep.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vises.validation.report import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from vises.validation.incremental.pairs import Key

BASE, CHANGES = "results.jsonl", "changes.jsonl"
LEAST_CHANGES = 200
"""So many pairs may differ from the shared file in any case; above, an eighth of what it has."""

Results = tuple[Result, ...]


@dataclass(frozen=True)
class Ledger:
    """Results by pair: those of `base`, but for the pairs that `changes` has.

    `units` are the digests of the units whose results are all here. `counts` has the number of
    results by severity.
    """

    units: AbstractSet[str]
    base: Mapping[Key, Results] = field(default_factory=dict)
    changes: Mapping[Key, Results] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, key: Key) -> Results:
        """Return the results of a pair."""
        found = self.changes.get(key)
        return self.base.get(key, ()) if found is None else found

    def results(self) -> Iterator[Result]:
        """Yield all results."""
        for key, results in self.base.items():
            if key not in self.changes:
                yield from results
        for results in self.changes.values():
            yield from results

    def patched(
        self,
        units: AbstractSet[str],
        whole: AbstractSet[str],
        judged: Mapping[Key, Sequence[Result]],
    ) -> Ledger:
        """Return the results after a change.

        `units` are all there are now; of those in `whole` nothing is kept; `judged` has the pairs
        that were judged.
        """
        kept = units & self.units - whole
        if kept == self.units:
            base, changes = self.base, dict(self.changes)
            counts = Counter(self.counts)
        else:
            base = {key: self.of(key) for key in {*self.base, *self.changes} if key[0] in kept}
            changes = {}
            counts = _counted(base.values())
        for key, results in judged.items():
            counts.subtract(r.severity for r in changes.get(key, base.get(key, ())))
            counts.update(r.severity for r in results)
            if results or key in base:
                changes[key] = tuple(results)
            else:
                changes.pop(key, None)
        return Ledger(units, base, changes, {s: n for s, n in counts.items() if n})

    def folded(self) -> Ledger:
        """Return the same with all in `base`, where `changes` has become long."""
        if len(self.changes) <= max(LEAST_CHANGES, len(self.base) // 8):
            return self
        base = {k: v for k, v in {**self.base, **self.changes}.items() if v}
        return Ledger(self.units, base, {}, self.counts)


def _counted(results: Iterable[Results]) -> Counter[str]:
    return Counter(result.severity for found in results for result in found)


def write_base(path: Path, base: Mapping[Key, Results]) -> None:
    """Write results to a file. Raises `OSError`."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_lines(base))


def write_changes(path: Path, ledger: Ledger) -> None:
    """Write what differs from the shared file. Raises `OSError`."""
    header = {"units": sorted(ledger.units), "counts": dict(sorted(ledger.counts.items()))}
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(header) + "\n")
        file.writelines(_lines(ledger.changes))


def read_base(path: Path) -> Mapping[Key, Results]:
    """Read what `write_base` wrote. Raises `OSError`, `ValueError` where it is something else."""
    with path.open(encoding="utf-8") as file:
        return dict(_read(file))


def read_changes(path: Path, base: Mapping[Key, Results]) -> Ledger:
    """Read what `write_changes` wrote. Raises as `read_base`."""
    with path.open(encoding="utf-8") as file:
        header = json.loads(next(file, ""))
        return Ledger(frozenset(header["units"]), base, dict(_read(file)), header["counts"])


def _lines(pairs: Mapping[Key, Results]) -> Iterator[str]:
    """Yield a line for each pair, and before the first use of some messages one for these."""
    numbers: dict[tuple[tuple[str, str], ...], int] = {}
    for (unit, focus), results in pairs.items():
        rows = []
        for r in results:
            messages = tuple(sorted(r.messages.items()))
            if messages not in numbers:
                numbers[messages] = len(numbers)
                yield json.dumps(dict(messages), ensure_ascii=False) + "\n"
            number = numbers[messages]
            rows.append((r.focus, r.path, r.value, r.component, r.severity, r.shape, number))
        yield json.dumps((unit, focus, rows), ensure_ascii=False) + "\n"


def _read(lines: Iterable[str]) -> Iterator[tuple[Key, Results]]:
    messages: list[dict[str, str]] = []
    for line in lines:
        read = json.loads(line)
        if isinstance(read, dict):
            messages.append(read)
        else:
            unit, focus, rows = read
            yield (unit, focus), tuple(_result(row, messages) for row in rows)


def _result(row: tuple[Any, ...], messages: Sequence[Mapping[str, str]]) -> Result:
    focus, path, value, component, severity, shape, number = row
    return Result(focus, path, value, component, severity, shape, messages[number])
