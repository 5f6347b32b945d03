"""The answer to a query as a table, in the form that a program works with."""

from __future__ import annotations

import importlib
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from vises.client.errors import LibraryMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_XSD = "http://www.w3.org/2001/XMLSchema#"
_INTEGERS = {
    _XSD + name
    for name in (
        *("integer", "long", "int", "short", "byte"),
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
}
_NUMBERS = _INTEGERS | {_XSD + name for name in ("decimal", "double", "float")}


class Table:
    """The rows of an answer, and the release that gave them.

    A column has the type that all its values have: whole numbers, numbers, booleans, dates, years
    (as whole numbers); else it is the text of the values, with IRIs as they are. `raw` keeps what
    this leaves out: five columns for each variable, with kind, datatype and language.
    """

    def __init__(self, raw: pa.Table, release: str) -> None:
        """Take the five columns of each variable, as the service sends them in Arrow."""
        self.raw = raw
        self.release = release

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [name for name in self.raw.column_names if "." not in name]

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.raw.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the rows."""
        return iter(self.rows())

    def rows(self) -> list[dict[str, Any]]:
        """Return each row as a dict of Python values; what is unbound is None."""
        rows: list[dict[str, Any]] = self.arrow().to_pylist()
        return rows

    def arrow(self) -> pa.Table:
        """Return a pyarrow Table with one typed column for each variable."""
        return self._typed

    def pandas(self) -> Any:  # noqa: ANN401 (pandas may not be there)
        """Return a pandas DataFrame. Raises `LibraryMissing`."""
        _library("pandas")
        return self.arrow().to_pandas(date_as_object=False)

    def polars(self) -> Any:  # noqa: ANN401 (Polars may not be there)
        """Return a Polars DataFrame. Raises `LibraryMissing`."""
        return _library("polars").from_arrow(self.arrow())

    @cached_property
    def _typed(self) -> pa.Table:
        return pa.table({name: self._column(name) for name in self.columns})

    def _column(self, name: str) -> pa.Array:
        texts = self.raw.column(name).to_pylist()
        if f"{name}.type" not in self.raw.column_names:
            return pa.array(texts)
        kinds = set(self.raw.column(f"{name}.type").to_pylist()) - {None}
        datatypes = self.raw.column(f"{name}.datatype").to_pylist()
        found = {d for d, text in zip(datatypes, texts, strict=True) if text is not None}
        if kinds != {"literal"} or None in found:
            return pa.array(texts, pa.string())
        return _array(texts, found)


def _array(texts: Sequence[str | None], datatypes: set[str]) -> pa.Array:
    """Return texts of some datatypes as values, or as they are where one of them is none."""
    readers: list[tuple[set[str], Callable[[str], object], pa.DataType]] = [
        (_INTEGERS, int, pa.int64()),
        (_NUMBERS, float, pa.float64()),
        ({_XSD + "gYear"}, int, pa.int64()),
        ({_XSD + "boolean"}, _boolean, pa.bool_()),
        ({_XSD + "date"}, date.fromisoformat, pa.date32()),
    ]
    for covered, read, kind in readers:
        if datatypes <= covered:
            try:
                return pa.array([None if t is None else read(t) for t in texts], kind)
            except (ValueError, OverflowError, pa.ArrowInvalid):
                break
    return pa.array(texts, pa.string())


def _boolean(text: str) -> bool:
    return text in {"true", "1"}


def _library(name: str) -> Any:  # noqa: ANN401 (it may not be there)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise LibraryMissing(
            f"The library {name} is not installed.", remedy=f"Run `pip install {name}`."
        ) from None
