"""YAML descriptions that people write, read so that each mistake has its line and column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from vises.errors import BadInput, Sentence, sentence
from vises.ingest.files import open_file
from vises.ingest.yamltree import Entries, Items, Text, YamlReader

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from vises.ingest.yamltree import Value as Node

MOST_BYTES = 1 << 20
WRITE_TEXT = sentence("write-text", "Write a text.")


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

    def fail(self, detail: str, remedy: str) -> NoReturn:
        """Raise `BadDescription` for this value."""
        place = f"{self.path}, line {self.line}, column {self.node.column}"
        raise BadDescription(detail, place=place, remedy=remedy)

    def text(self, pattern: str = r"(?s).*", wanted: str = WRITE_TEXT) -> str:
        """Return the text of a scalar that fits `pattern` whole; `wanted` says what to write."""
        if not isinstance(self.node, Text):
            self.fail(self._found(), wanted)
        value = self.node.value
        if not re.fullmatch(pattern, value):
            self.fail(sentence("value-unfit", "{value!r} cannot stand here.", value=value), wanted)
        return value

    def one_of(self, choices: Collection[str]) -> str:
        """Return the text of a scalar that is one of `choices`."""
        value = self.text()
        if value not in choices:
            self.fail(_unknown(value), _use_one_of(choices))
        return value

    def texts(self) -> list[str]:
        """Return the texts of a list, or of the one scalar that stands in place of a list."""
        if isinstance(self.node, Text):
            return [self.text()]
        return [value.text() for value in self.items()]

    def items(self) -> list[Value]:
        """Return the values of a list."""
        if not isinstance(self.node, Items):
            self.fail(
                self._found(),
                sentence("write-list", "Write a list: begin each entry with '- '."),
            )
        return [Value(node, self.path) for node in self.node.items]

    def pairs(self) -> dict[str, Value]:
        """Return the values of a mapping by their keys, of which none comes twice."""
        if not isinstance(self.node, Entries):
            self.fail(self._found(), sentence("write-pairs", "Write 'key: value' lines."))
        return {key: Value(node, self.path) for key, (_, node) in self.node.entries.items()}

    def fields(self, known: Collection[str], required: Collection[str] = ()) -> Mapping[str, Value]:
        """Return the values of a mapping of which the keys are known, and some required."""
        found = self.pairs()
        for name, value in found.items():
            if name not in known:
                value.fail(_unknown(name), _use_one_of(known))
        for name in required:
            if name not in found:
                self.fail(
                    sentence("key-missing", "{name!r} is missing here.", name=name),
                    sentence("add-key", "Add a line '{name}: ...'.", name=name),
                )
        return found

    def _found(self) -> Sentence:
        """Say what stands here, which is something else than what is wanted."""
        if isinstance(self.node, Text):
            return sentence("stands-value", "Here stands a single value.")
        if isinstance(self.node, Items):
            return sentence("stands-list", "Here stands a list.")
        return sentence("stands-mapping", "Here stands a mapping of keys to values.")


def _unknown(name: str) -> Sentence:
    return sentence("not-known-here", "{name!r} is not known here.", name=name)


def _use_one_of(known: Collection[str]) -> Sentence:
    return sentence("use-one", "Use one of: {known}.", known=", ".join(known))


def read_yaml(path: Path) -> Value:
    """Return the one document of a YAML file.

    Raises `InputMissing`, and `BadDescription` with line and column.
    """
    with open_file(path) as stream:
        data = stream.read(MOST_BYTES + 1)
    return Value(YamlReader(str(path), BadDescription, MOST_BYTES).read(data), path)
