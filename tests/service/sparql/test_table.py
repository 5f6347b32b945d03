"""The first rows of an answer, however it comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from vises.service.sparql.table import RESULTS, first_terms
from vises.store.engine import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

HEAD = b"?a\n"
ROWS = [b'"one"\n', b'"two"\n', b'"three"\n']
BODY = HEAD + b"".join(ROWS)
TWO = len(HEAD) + len(ROWS[0]) + len(ROWS[1])


async def told(size: int) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(BODY), size):
        yield BODY[start : start + size]


@pytest.mark.parametrize("size", [1, 7, len(BODY)])
@pytest.mark.parametrize(
    ("most", "most_bytes", "rows"),
    [(3, len(BODY), 3), (2, len(BODY), 2), (3, TWO, 2), (3, TWO + 3, 2), (3, TWO - 1, 1)],
)
def test_the_rows_are_those_that_the_bounds_hold(
    size: int, most: int, most_bytes: int, rows: int
) -> None:
    found = asyncio.run(first_terms(Answer(RESULTS, told(size), None), most, most_bytes))
    assert [str(a).encode() + b"\n" for (a,) in found.rows] == ROWS[:rows]
    assert found.cut == (rows < len(ROWS))
