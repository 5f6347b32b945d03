"""Group commit: many small changes that arrive together are published in one release."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.errors import TRY_LATER, Unavailable, VisesError, sentence
from vises.store.transaction import ChangeRefused, NotApplied, Transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.store.record import Release
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate

Work = Callable[[Transaction], object]
"""What changes a transaction; it raises `NotApplied` before it changes anything, or not at all."""

MOST_TOGETHER = 1000
"""How many changes one release takes."""

_MOST_MESSAGES = 3


class _WorkFailedError(Exception):
    """Some work raised an error, which is the cause of this one."""


class Closing(Unavailable):
    """No more changes are taken."""

    kind = "closing"
    title = "The service is stopping"


@dataclass(frozen=True)
class _Waiting:
    work: Work
    author: str
    message: str
    done: Future[Release | None]


class GroupCommit:
    """Publishes changes from any thread, those that wait together in one release.

    While a release is being published the next changes gather; they are applied in the order in
    which they came. Where the gate refuses a group it is halved until the changes that are refused
    stand alone, so nobody's change is refused for another's; so it is where work fails. Work that
    raises `NotApplied` is left out, and the others are published. `close` publishes what still
    waits.
    """

    def __init__(self, releases: ReleaseStore, gate: Gate) -> None:
        """Start the thread that publishes."""
        self._releases = releases
        self._gate = gate
        self._waiting: deque[_Waiting] = deque()
        self._woken = threading.Condition()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def submit(self, work: Work, *, author: str, message: str) -> Future[Release | None]:
        """Return the future of the release that has the change; None where it changed nothing.

        The future raises what the work does, `ChangeRefused` and whatever else a transaction does;
        this raises `Closing`. The work may be done more than once, each time from the beginning.
        """
        waiting = _Waiting(work, author, message, Future())
        waiting.done.set_running_or_notify_cancel()
        with self._woken:
            if not self._open:
                raise Closing(
                    sentence("no-more-changes", "No more changes are taken."),
                    remedy=TRY_LATER,
                )
            self._waiting.append(waiting)
            self._woken.notify()
        return waiting.done

    def close(self) -> None:
        """Publish what waits, and end."""
        with self._woken:
            self._open = False
            self._woken.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next():
            self._publish(group)

    def _next(self) -> Sequence[_Waiting]:
        """Wait for changes; return none of them when there will be no more."""
        with self._woken:
            self._woken.wait_for(lambda: self._waiting or not self._open)
            count = min(len(self._waiting), MOST_TOGETHER)
            return [self._waiting.popleft() for _ in range(count)]

    def _publish(self, group: Sequence[_Waiting]) -> None:
        try:
            release, left_out = self._committed(group)
        except (ChangeRefused, _WorkFailedError) as error:
            if len(group) == 1:
                refusal = error if isinstance(error, ChangeRefused) else error.__cause__
                group[0].done.set_exception(refusal)
                return
        except BaseException as error:  # noqa: BLE001 (it is given to those who wait)
            for waiting in group:
                waiting.done.set_exception(error)
            return
        else:
            for number, waiting in enumerate(group):
                if number in left_out:
                    waiting.done.set_exception(left_out[number])
                else:
                    waiting.done.set_result(release)
            return
        middle = len(group) // 2
        self._publish(group[:middle])
        self._publish(group[middle:])

    def _committed(
        self, group: Sequence[_Waiting]
    ) -> tuple[Release | None, Mapping[int, NotApplied]]:
        """Return the release, and the errors of the work that was left out, by its number."""
        authors = ", ".join(dict.fromkeys(waiting.author for waiting in group))
        left_out: dict[int, NotApplied] = {}
        with self._releases.transaction(
            author=authors, message=_message(group), gate=self._gate
        ) as transaction:
            for number, waiting in enumerate(group):
                try:
                    waiting.work(transaction)
                except NotApplied as error:
                    left_out[number] = error
                except VisesError as error:
                    raise _WorkFailedError from error
        return transaction.release, left_out


def _message(group: Sequence[_Waiting]) -> str:
    messages = list(dict.fromkeys(waiting.message for waiting in group))
    if len(messages) <= _MOST_MESSAGES:
        return "; ".join(messages)
    return f"{'; '.join(messages[:_MOST_MESSAGES])}; and {len(messages) - _MOST_MESSAGES} more"
