"""Functions of YARRRML with their parameters, and the conditions of joins, which look alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal

from vises.errors import sentence
from vises.ingest.rml.errors import supported
from vises.ingest.rml.functions import IDLAB
from vises.ingest.rml.yarrrml.keys import lacks, listed, opened, text
from vises.ingest.rml.yarrrml.templates import IRI
from vises.ingest.yamltree import Entries, Items, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vises.ingest.rml.yarrrml.templates import Templates
    from vises.ingest.yamltree import Value, YamlReader

_EQUAL = {"equal", "idlab-fn:equal", f"{IDLAB}equal"}
_CHILD = re.compile(r"(?:.*[:#/])?(?:str1|valueParam(?:eter)?)")
_PARENT = re.compile(r"(?:.*[:#/])?(?:str2|valueParam(?:eter)?2)")
_MOST_NESTED = 10


@dataclass(frozen=True)
class CallWriter:
    """Writes function executions, and reads the conditions of joins."""

    reader: YamlReader
    templates: Templates

    def execution(self, content: Mapping[str, Value], owner: Value, depth: int = 0) -> str:
        """Return the function execution of a function with its parameters."""
        if depth > _MOST_NESTED:
            raise self.reader.error(
                owner,
                sentence(
                    "functions-nested",
                    "Functions are nested more than {most} deep, or in a circle.",
                    most=_MOST_NESTED,
                ),
            )
        name = text(self.reader, content["function"])
        if "(" in name.value:
            raise self.reader.error(
                name,
                sentence("call-in-line", "A call in one line is not supported."),
                sentence("write-call", "Write the function, and its parameters as a list."),
            )
        inputs = [
            f"rml:input [ rml:parameter {parameter} ; rml:inputValueMap [ {value} ] ]"
            for parameter, value in self._parameters(content, depth)
        ]
        stated = [f"rml:function {self.templates.constant_iri(name)}", *inputs]
        return f"rml:functionExecution [ {' ; '.join(stated)} ]"

    def _parameters(self, content: Mapping[str, Value], depth: int) -> Iterator[tuple[str, str]]:
        if "parameters" not in content:
            return
        for each in listed(content["parameters"]):
            name, value = self._parameter(each, 2)[:2]
            if isinstance(value, Entries):
                nested = opened(self.reader, value, "function", "parameters")
                if "function" not in nested:
                    raise lacks(self.reader, value, "function")
                made = self.execution(nested, value, depth + 1)
            else:
                stated = text(self.reader, value)
                if stated.value.endswith(IRI):
                    parts = self.templates.iri(stated, stated.value.removesuffix(IRI))
                else:
                    parts = self.templates.parts(stated)
                made = self.templates.expression(parts, iri=stated.value.endswith(IRI))
            yield self.templates.constant_iri(name), made

    def _parameter(self, stated: Value, most: int) -> tuple[Text, Value, str]:
        """Return the name of a parameter, its value, and which side of a join it comes from."""
        if isinstance(stated, Items):
            items = stated.items
        else:
            content = opened(self.reader, stated, "parameter", "value")
            items = tuple(content[key] for key in ("parameter", "value") if key in content)
        if not 1 < len(items) <= most:
            raise self.reader.error(
                stated, sentence("parameter-pair", "A parameter is [its name, its value].")
            )
        side = text(self.reader, items[2]).value if len(items) > 2 else ""  # noqa: PLR2004
        if side not in {"", "s", "o"}:
            raise self.reader.error(
                items[2], sentence("side-of-join", "The side of a join is s or o.")
            )
        return text(self.reader, items[0]), items[1], side

    def condition(self, stated: Value) -> tuple[str, str]:
        """Return the references that must be equal: of the child, and of the parent."""
        content = opened(self.reader, stated, "function", "parameters")
        for needed in ("function", "parameters"):
            if needed not in content:
                raise lacks(self.reader, stated, needed)
        name = text(self.reader, content["function"])
        if name.value not in _EQUAL:
            raise self.reader.error(
                name,
                sentence(
                    "no-such-condition", "The condition {name!r} is not supported.", name=name.value
                ),
                supported(["equal"]),
            )
        sides: dict[str, str] = {}
        for each in listed(content["parameters"]):
            parameter, value, side = self._parameter(each, 3)
            if not side and _CHILD.fullmatch(parameter.value):
                side = "s"
            elif not side and _PARENT.fullmatch(parameter.value):
                side = "o"
            parts = self.templates.parts(text(self.reader, value))
            if side in sides or not side or len(parts) != 1 or isinstance(parts[0], str):
                raise self.reader.error(
                    each,
                    sentence(
                        "join-references",
                        "A join compares one reference str1 of the child with one str2 of the"
                        " other.",
                    ),
                )
            sides[side] = str(Literal(parts[0].column))
        if len(sides) < 2:  # noqa: PLR2004 (two sides)
            raise self.reader.error(
                stated, sentence("join-compares", "A join compares str1 with str2.")
            )
        return sides["s"], sides["o"]
