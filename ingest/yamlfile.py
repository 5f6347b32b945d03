"""YAML descriptions that people write, read so that each mistake has its line and column.

Every scalar is the text that stands there: `2020`, `no` and `017` stay what was written, whatever
YAML 1.1 would make of them. No tag has an effect, and an alias is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import yaml

from vises.errors import BadInput
from vises.ingest.files import open_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

MOST_BYTES = 1 << 20
_PLAIN_TAG = "tag:yaml.org,2002:"


class BadDescription(BadInput):
    """A YAML description is not right; the place has its line and column."""

    kind = "bad-description"
    title = "The description is not right"


@dataclass(frozen=True)
class Value:
    """A value of a description, with the place where it stands."""

    node: yaml.Node
    path: Path

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return int(self.node.start_mark.line) + 1

    @property
    def is_given(self) -> bool:
        """Whether anything stands there."""
        return not isinstance(self.node, yaml.ScalarNode) or bool(self.node.value)

    @property
    def _kind(self) -> str:
        if isinstance(self.node, yaml.ScalarNode):
            return "single value"
        return "list" if isinstance(self.node, yaml.SequenceNode) else "mapping"

    def fail(self, detail: str, remedy: str) -> NoReturn:
        """Raise `BadDescription` for this value."""
        column = self.node.start_mark.column + 1
        place = f"{self.path}, line {self.line}, column {column}"
        raise BadDescription(detail, place=place, remedy=remedy)

    def text(self, pattern: str = r"(?s).*", wanted: str = "a text") -> str:
        """Return the text of a scalar that fits `pattern` as a whole; `wanted` says what it is."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.fail(f"Here stands no single value but a {self._kind}.", f"Write {wanted}.")
        value = str(self.node.value)
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
        if isinstance(self.node, yaml.ScalarNode):
            return [self.text()]
        return [value.text() for value in self.items()]

    def items(self) -> list[Value]:
        """Return the values of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail(f"Here stands no list but a {self._kind}.", "Begin each entry with '- '.")
        return [Value(node, self.path) for node in self.node.value]

    def pairs(self) -> dict[str, Value]:
        """Return the values of a mapping by their keys, of which none comes twice."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail(f"Here stands no mapping but a {self._kind}.", "Write 'key: value' lines.")
        found: dict[str, Value] = {}
        for key, node in self.node.value:
            name = Value(key, self.path).text(wanted="a key")
            if name in found:
                Value(key, self.path).fail(f"{name!r} comes twice.", "Remove one of the two.")
            found[name] = Value(node, self.path)
        return found

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
    """Return the one document of a YAML file (YAML 1.1, as PyYAML reads it).

    Raises `InputMissing`, and `BadDescription` with line and column.
    """
    with open_file(path) as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadDescription(
            f"The description has more than {MOST_BYTES:,} bytes.",
            place=str(path),
            remedy="Name the description before the table.",
        )
    try:
        node = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
        for each in _nodes(node):
            if not each.tag.startswith(_PLAIN_TAG):
                Value(each, path).fail(f"The tag {each.tag} has no meaning here.", "Remove it.")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise _not_yaml(f"{path}{where}", error.problem or "it cannot be read") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise _not_yaml(str(path), str(error).partition("\n")[0]) from None
    if node is None:
        raise _not_yaml(f"{path}, line 1", "it is empty")
    return Value(node, path)


def _nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Yield every node once; one that comes again is an alias.

    Raises `yaml.MarkedYAMLError` there.
    """
    waiting = [node] if node else []
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            problem = "an alias repeats what stands here; write it out"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=each.start_mark)
        seen.add(id(each))
        yield each
        if isinstance(each, yaml.SequenceNode):
            waiting += each.value
        elif isinstance(each, yaml.MappingNode):
            waiting += [part for pair in each.value for part in pair]


def _not_yaml(place: str, why: str) -> BadDescription:
    return BadDescription(
        f"This is not YAML that can be read: {why.rstrip('.')}.",
        place=place,
        remedy="`vises template table` writes a description that can be filled in.",
    )
