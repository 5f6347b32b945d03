"""Clients of whom something was noted a short while ago."""

from __future__ import annotations

import asyncio

_MOST = 4096


class Lately:
    """Clients noted within the last `seconds`: the 4,096 noted last at most.

    The service itself ("") is never among them.
    """

    def __init__(self, seconds: float) -> None:
        """Begin with none."""
        self._seconds = seconds
        self._until: dict[str, float] = {}

    def note(self, client: str) -> None:
        """Note a client, from now on."""
        if client:
            self._until.pop(client, None)
            self._until[client] = asyncio.get_running_loop().time() + self._seconds
            if len(self._until) > _MOST:
                del self._until[next(iter(self._until))]

    def __contains__(self, client: str) -> bool:
        """Tell whether a client was noted lately."""
        until = self._until.get(client)
        return until is not None and until > asyncio.get_running_loop().time()
