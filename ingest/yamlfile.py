"""YAML descriptions that people write, read so that each mistake has its line and column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from vises.errors import BadInput
from vises.ingest.files import open_file
from vises.ingest.yamltree import Entries, Items, Text, YamlReader

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from vises.ingest.yamltree import Value as Node

MOST_BYTES = 1 << 20


class BadDescription(BadInput):
    """A YAML description is not right; the place has its line and column."""

    kind = "bad-description"
    title = "The description is not right"


@dataclass(frozen=True)
class Value:
    """A value of a description, with the place where it stands."""

    node: Node
    path: Path

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return self.node.line

    @property
    def is_given(self) -> bool:
        """Whether anything stands there."""
        return not isinstance(self.node, Text) or bool(self.node.value)

    @property
    def _kind(self) -> str:
        if isinstance(self.node, Text):
            return "single value"
        return "list" if isinstance(self.node, Items) else "mapping"

    def fail(self, detail: str, remedy: str) -> NoReturn:
        """Raise `BadDescription` for this value."""
        place = f"{self.path}, line {self.line}, column {self.node.column}"
        raise BadDescription(detail, place=place, remedy=remedy)

    def text(self, pattern: str = r"(?s).*", wanted: str = "a text") -> str:
        """Return the text of a scalar that fits `pattern` as a whole; `wanted` says what it is."""
        if not isinstance(self.node, Text):
            self.fail(f"Here stands no single value but a {self._kind}.", f"Write {wanted}.")
        value = self.node.value
        if not re.fullmatch(pattern, value):
            self.fail(f"{value!r} is not {wanted}.", f"Write {wanted}.")
        return value

    def one_of(self, choices: Collection[str]) -> str:
        """Return the text of a scalar that is one of `choices`."""
        value = self.text()
        if value not in choices:
            self.fail(f"{value!r} is not known here.", f"Use one of: {', '.join(choices)}.")
        return value

    def texts(self) -> list[str]:
        """Return the texts of a list, or of the one scalar that stands in place of a list."""
        if isinstance(self.node, Text):
            return [self.text()]
        return [value.text() for value in self.items()]

    def items(self) -> list[Value]:
        """Return the values of a list."""
        if not isinstance(self.node, Items):
            self.fail(f"Here stands no list but a {self._kind}.", "Begin each entry with '- '.")
        return [Value(node, self.path) for node in self.node.items]

    def pairs(self) -> dict[str, Value]:
        """Return the values of a mapping by their keys, of which none comes twice."""
        if not isinstance(self.node, Entries):
            self.fail(f"Here stands no mapping but a {self._kind}.", "Write 'key: value' lines.")
        return {key: Value(node, self.path) for key, (_, node) in self.node.entries.items()}

    def fields(self, known: Collection[str], required: Collection[str] = ()) -> Mapping[str, Value]:
        """Return the values of a mapping of which the keys are known, and some required."""
        found = self.pairs()
        for name, value in found.items():
            if name not in known:
                value.fail(f"{name!r} is not known here.", f"Use one of: {', '.join(known)}.")
        for name in required:
            if name not in found:
                self.fail(f"{name!r} is missing here.", f"Add a line '{name}: ...'.")
        return found


def read_yaml(path: Path) -> Value:
    """Return the one document of a YAML file.

    Raises `InputMissing`, and `BadDescription` with line and column.
    """
    with open_file(path) as stream:
        data = stream.read(MOST_BYTES + 1)
    return Value(YamlReader(str(path), BadDescription, MOST_BYTES).read(data), path)
