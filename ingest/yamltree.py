"""YAML as a tree of text with its places: no types are guessed, and nothing is made of tags.

Every scalar is the text that stands there: `2020`, `no` and `017` stay what was written, whatever
YAML 1.1 would make of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from vises.errors import sentence
from vises.ingest.rml.encoding import SURROGATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from yaml._yaml import Mark as CMark
    from yaml.error import Mark

    from vises.errors import BadInput, Sentence

MOST_NESTED = 30
_SAVE_PLAIN = sentence("save-plain", "Save it as plain text in UTF-8.")


@dataclass(frozen=True)
class Text:
    """A value without parts, as it is written; `null` where nothing is."""

    value: str
    null: bool
    line: int
    column: int


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Value, ...]
    line: int
    column: int


@dataclass(frozen=True)
class Entries:
    """A collection of keys and values; each key comes once."""

    entries: Mapping[str, tuple[Text, Value]]
    line: int
    column: int


Value = Text | Items | Entries


@dataclass(frozen=True)
class YamlReader:
    """Reads YAML; `place` names the file in messages, `kind` is the class of errors."""

    place: str
    kind: type[BadInput]
    most_bytes: int

    def read(self, data: bytes) -> Value:
        """Return the one document in a file.

        Raises an error of its kind where it is no YAML, and for what nobody needs and what can make
        a small file large: aliases, tags, deep nesting, more than `most_bytes`.
        """
        if len(data) > self.most_bytes:
            raise self.kind(
                sentence(
                    "file-long",
                    "The file has {size:,} bytes, more than {most:,}.",
                    size=len(data),
                    most=self.most_bytes,
                ),
                place=self.place,
                remedy=sentence(
                    "check-or-shorten",
                    "Check that it is the file that you mean, or write it shorter.",
                ),
            )
        text = self._text(data)
        try:
            self._judge(text)
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self.kind(
                _not_yaml(str(error.problem)),
                place=self.place if mark is None else self._place_of(mark),
                remedy=sentence(
                    "correct-yaml",
                    "Correct it there: lines of 'key: value' that are indented alike.",
                ),
            ) from None
        except yaml.YAMLError as error:
            raise self.kind(
                _not_yaml(str(error).splitlines()[0]), place=self.place, remedy=_SAVE_PLAIN
            ) from None
        if node is None:
            raise self.kind(sentence("file-empty", "The file is empty."), place=self.place)
        return self._value(node)

    def error(self, value: Value, detail: str, remedy: str | None = None) -> BadInput:
        """Return the error for something that stands at a value."""
        place = f"{self.place}, line {value.line}, column {value.column}"
        return self.kind(detail, place=place, remedy=remedy)

    def _text(self, data: bytes) -> str:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise self.kind(
                sentence(
                    "yaml-not-utf-8",
                    "The file is not valid YAML: the byte 0x{byte:02X} is not UTF-8.",
                    byte=data[error.start],
                ),
                place=f"{self.place}, line {line}",
                remedy=_SAVE_PLAIN,
            ) from None

    def _judge(self, data: str) -> None:
        """Go through the events of the parser, which builds nothing, and refuse what is hostile."""
        depth = 0
        for event in yaml.parse(data, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise self._refused(
                    event,
                    sentence("yaml-alias", "An alias (*name) is not supported."),
                    sentence("write-out", "Write it out."),
                )
            if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
                self._refuse_tag(event)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_NESTED:
                raise self._refused(
                    event,
                    sentence(
                        "nested-more", "It is nested more than {most} deep.", most=MOST_NESTED
                    ),
                    sentence("write-flat", "Write it flat."),
                )

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag and event.tag != "!":
            raise self._refused(
                event,
                sentence("yaml-tag", "The tag {tag} is not supported.", tag=event.tag),
                sentence("leave-out", "Leave it out."),
            )

    def _refused(self, event: yaml.Event, detail: str, remedy: str | None) -> BadInput:
        return self.kind(detail, place=self._place_of(event.start_mark), remedy=remedy)

    def _place_of(self, mark: Mark | CMark | None) -> str:
        assert mark is not None  # the parser in Python always knows
        return f"{self.place}, line {mark.line + 1}, column {mark.column + 1}"

    def _value(self, node: yaml.Node) -> Value:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if isinstance(node, yaml.ScalarNode):
            found = Text(node.value, node.tag == "tag:yaml.org,2002:null", line, column)
            if SURROGATE.search(node.value):
                raise self.error(
                    found,
                    sentence("text-not-unicode", "The text is not valid Unicode."),
                    sentence("write-anew", "Write it anew."),
                )
            return found
        if isinstance(node, yaml.SequenceNode):
            return Items(tuple(self._value(each) for each in node.value), line, column)
        entries: dict[str, tuple[Text, Value]] = {}
        for key, value in self._pairs(node):
            if key.value in entries:
                raise self.error(
                    key,
                    sentence("key-comes-twice", "The key {key!r} comes twice.", key=key.value),
                    sentence("remove-one", "Remove one of the two."),
                )
            entries[key.value] = key, value
        return Entries(entries, line, column)

    def _pairs(self, node: yaml.Node) -> Iterator[tuple[Text, Value]]:
        for key, value in node.value:
            name = self._value(key)
            if not isinstance(name, Text) or name.value == "<<":
                raise self.error(
                    name,
                    sentence("key-plain", "A key is a plain name here."),
                    sentence("write-pairs", "Write 'key: value' lines."),
                )
            yield name, self._value(value)


def _not_yaml(why: str) -> Sentence:
    return sentence("not-yaml", "The file is not valid YAML: {why}.", why=why)
