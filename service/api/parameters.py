"""The parameters of a query of ours: their type, their default, and reading what a client gives.

A parameter is a line ``VALUES ?name { ... }`` of the query, and its default says of what type it
is. What a client gives becomes an RDF term, and the terms are written into the block by the library
that parses it (`bound`). No text of a client is ever put into a query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.errors import sentence
from vises.namespaces import PREFIXES, VOCABULARY_BASE, compact
from vises.service.api.errors import nearest, not_iri, not_whole, quoted, wrong

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.errors import Sentence
    from vises.service.api.codes import Codes
    from vises.service.api.errors import ParameterInvalid

Value = NamedNode | Literal

CODES = VOCABULARY_BASE + "code/"
LANGUAGE = "language"
"""The parameter that no client gives by its name: `lang` is that of every address."""

ENDPOINT = "endpoint"
MOST_VALUES = 100
MOST_CHARACTERS = 1000

_BLOCK = re.compile(r"^( *)VALUES \?(\w+) \{ (.*) \}$", re.MULTILINE)
_PREFIX = re.compile(r"^PREFIX ([\w.-]*): <([^>]*)>$", re.MULTILINE)
_TOKEN = re.compile(r'<[^>]*>|"(?:[^"\\]|\\.)*"(?:\^\^\S+)?|\S+')
_TYPED = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\^\^(\S+))?')
_ABSOLUTE = re.compile(r"(?:https?://|urn:)\S+", re.IGNORECASE)
_XSD = PREFIXES["xsd"]
_LEXICAL = {
    "integer": (re.compile(r"[+-]?[0-9]{1,18}"), not_whole),
    "boolean": (
        re.compile(r"true|false"),
        partial(sentence, "not-boolean", "{value} is not true or false."),
    ),
    "date": (
        re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"),
        partial(sentence, "not-date", "{value} is not a date."),
    ),
    "gYear": (
        re.compile(r"[0-9]{4}"),
        partial(sentence, "not-year", "{value} is not a year of four digits."),
    ),
}


@dataclass(frozen=True)
class Parameter:
    """A parameter: its name, the terms that are its default, and the prefixes its query declares.

    `kind` is ``iri``, ``text``, or the local name of an XSD type.
    """

    name: str
    default: tuple[Value, ...]
    prefixes: Mapping[str, str]

    @cached_property
    def kind(self) -> str:
        """The type of its values."""
        first = self.default[0]
        if isinstance(first, NamedNode):
            return "iri"
        local = first.datatype.value.removeprefix(_XSD)
        return local if local in _LEXICAL else "text"

    @cached_property
    def schemes(self) -> tuple[str, ...]:
        """The code lists (or the ontology) that the default is of; what a bare code is sought in.

        >>> nuts = NamedNode("https://w3id.org/vises/code/nuts/FRE")
        >>> Parameter("area", (nuts,), {}).schemes
        ('https://w3id.org/vises/code/nuts',)
        """
        iris = [value.value for value in self.default if isinstance(value, NamedNode)]
        found = [iri.rpartition("#")[0] or iri.rpartition("/")[0] for iri in iris]
        return tuple(dict.fromkeys(found))

    @property
    def is_thing(self) -> bool:
        """Whether it names a thing of the data, whose IRIs lie in a folder of its name."""
        return self.schemes == (VOCABULARY_BASE + self.name,)

    @property
    def examples(self) -> list[str]:
        """The default as a client would write it."""
        return [self.written(value) for value in self.default]

    def written(self, value: Value) -> str:
        """Return a term as a client would write it."""
        if isinstance(value, Literal):
            return value.value
        if self.is_thing:
            return value.value.rpartition(f"/{self.name}/")[2]
        for prefix, namespace in self.prefixes.items():
            local = value.value.removeprefix(namespace)
            if local not in {value.value, ""} and "/" not in local:
                return f"{prefix}:{local}"
        return compact(value.value)

    def choices(self, codes: Codes) -> list[NamedNode]:
        """Return the concepts of the code lists that the default is of."""
        return [concept for scheme in self.schemes for concept in codes.concepts(scheme)]

    def read(self, texts: Sequence[str], codes: Codes) -> list[Value]:
        """Return the terms that a client means. Raises `ParameterInvalid`."""
        if len(texts) > MOST_VALUES:
            raise self.refused(
                sentence("too-many-values", "There are more than {most} values.", most=MOST_VALUES)
            )
        return list(dict.fromkeys(self._one(text, codes) for text in texts))

    def refused(self, detail: Sentence, *near: str) -> ParameterInvalid:
        """Return the error for a value; `near` are some that may be meant."""
        example = self.examples[0] or "…"
        remedy = sentence("give-such", "Give one such as {example}.", example=example)
        if near:
            remedy = sentence(
                "give-such-meant",
                "Give one such as {example}. Is {near} meant?",
                example=example,
                near=", ".join(near),
            )
        return wrong(self.name, detail, remedy)

    def _one(self, text: str, codes: Codes) -> Value:
        if len(text) > MOST_CHARACTERS:
            raise self.refused(
                sentence(
                    "value-too-long",
                    "A value has more than {most} characters.",
                    most=MOST_CHARACTERS,
                )
            )
        if any(c < " " or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff" for c in text):
            raise self.refused(sentence("control-characters", "A value has control characters."))
        if self.kind == "iri":
            return self._iri(text.strip(), codes)
        if self.kind == "text":
            return Literal(text)
        pattern, it_is_not = _LEXICAL[self.kind]
        if not pattern.fullmatch(text.strip()):
            raise self.refused(it_is_not(value=quoted(text)))
        return Literal(text.strip(), datatype=NamedNode(_XSD + self.kind))

    def _iri(self, text: str, codes: Codes) -> NamedNode:
        """Read an IRI, a name with a prefix, or a bare code of the list that the default is of."""
        bare = text.removeprefix("<").removesuffix(">")
        prefix, colon, local = bare.partition(":")
        if _ABSOLUTE.fullmatch(bare):
            return self._known(bare, text, codes)
        namespaces = {**PREFIXES, **codes.prefixes, **self.prefixes}
        if colon and prefix in namespaces:
            return self._known(namespaces[prefix] + local, text, codes)
        if not colon:
            if found := next(filter(None, (codes.find(s, bare) for s in self.schemes)), None):
                return found
            if self.is_thing:
                return self._known(codes.base + f"{self.name}/{bare}", text, codes)
        raise self.refused(
            sentence(
                "no-iri-or-code",
                "{value} is no IRI and no code that this parameter knows.",
                value=quoted(text),
            ),
            *self._near(bare, codes),
        )

    def _known(self, iri: str, text: str, codes: Codes) -> NamedNode:
        """Return an IRI; one of our own code lists must be in the release."""
        try:
            node = NamedNode(iri)
        except ValueError:
            raise self.refused(not_iri(value=quoted(text))) from None
        scheme = iri.rpartition("/")[0]
        if iri.startswith(CODES) and codes.has_list(scheme) and not codes.has(scheme, iri):
            code = iri.rpartition("/")[2]
            raise self.refused(
                sentence(
                    "not-in-list",
                    "The code list {list} has no {code}.",
                    list=scheme.removeprefix(CODES),
                    code=quoted(code),
                ),
                *self._near(code, codes),
            )
        return node

    def _near(self, code: str, codes: Codes) -> list[str]:
        known = [c for scheme in self.schemes for c in codes.notations(scheme)]
        return nearest(code, known)


def parameters_of(query: str) -> dict[str, Parameter]:
    """Return the parameters of a query, by name, in their order."""
    prefixes = dict(_PREFIX.findall(query))
    return {
        name: Parameter(name, tuple(_term(t, prefixes) for t in _TOKEN.findall(values)), prefixes)
        for _, name, values in _BLOCK.findall(query)
    }


def bound(query: str, values: Mapping[str, Sequence[Value]]) -> str:
    """Return a query with the blocks of some parameters made of other terms.

    The terms are written by pyoxigraph, which escapes what a literal holds and lets no IRI hold
    what would end it. Each block of the query is replaced once, and what is put in is not looked at
    again.
    """

    def block(match: re.Match[str]) -> str:
        indent, name, there = match.groups()
        terms = " ".join(map(str, values[name])) if name in values else there
        return f"{indent}VALUES ?{name} {{ {terms} }}"

    return _BLOCK.sub(block, query)


def calling(query: str, endpoint: Value) -> str:
    """Return a query of ours that calls an endpoint by its IRI where it calls ``?endpoint``.

    SERVICE with a variable says too late whom it calls to be found in the list of partners. The
    IRI is written as in `bound`; call this first, so that nothing that was put in is looked at.
    """
    return query.replace(f"SERVICE ?{ENDPOINT} {{", f"SERVICE {endpoint} {{")


def _term(token: str, prefixes: Mapping[str, str]) -> Value:
    """Return the term that a token of one of our own queries is."""
    if token.startswith("<"):
        return NamedNode(token[1:-1])
    if match := _TYPED.fullmatch(token):
        if match[2] is None:
            return Literal(match[1])
        local = match[2].strip("<>").removeprefix(_XSD).removeprefix("xsd:")
        return Literal(match[1], datatype=NamedNode(_XSD + local))
    if token.isdecimal():
        return Literal(token, datatype=NamedNode(_XSD + "integer"))
    if token in {"true", "false"}:
        return Literal(token, datatype=NamedNode(_XSD + "boolean"))
    prefix, _, local = token.partition(":")
    return NamedNode(prefixes[prefix] + local)
