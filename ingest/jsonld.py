"""JSON-LD 1.1 by the contexts of the package: nothing is fetched, and nothing is lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse

from vises.decimals import with_decimals
from vises.errors import BadInput, Sentence, sentence
from vises.ingest.compaction import Compactor
from vises.ingest.rdf import BOMS
from vises.namespaces import VOCABULARY_BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import Triple

CONTEXTS = f"{VOCABULARY_BASE}contexts/"
Json = Any
"""What `json.loads` returns."""


@dataclass(frozen=True)
class Number:
    """A number of JSON in the digits that it was written in, of which a float keeps 15."""

    text: str

    def __str__(self) -> str:
        """Return its digits."""
        return self.text


class BadJsonLd(BadInput):
    """A document is not JSON, or not JSON-LD that can be read without loss."""

    kind = "bad-json-ld"
    title = "The JSON-LD cannot be read"


class RemoteContext(BadJsonLd):
    """A document refers to a context that the package does not have."""

    kind = "remote-context"
    title = "The JSON-LD refers to a context elsewhere"


@cache
def context_document(file: str) -> str:
    """Return the text of a file of ontology/contexts. Raises `OSError`."""
    folder = Path(str(resources.files("vises"))) / "ontology" / "contexts"
    return (folder / file).read_text(encoding="utf-8")


def package_context(name: str) -> dict[str, Json]:
    """Return one of the contexts of the package, `vises` or `cids-bridge`, as its term definitions.

    Its IRI is `CONTEXTS` and the name of its file.
    """
    content: dict[str, Json] = json.loads(context_document(f"{name}.jsonld"))["@context"]
    return content


def package_contexts() -> dict[str, Json]:
    """Return the contexts of the package by their IRIs."""
    return {f"{CONTEXTS}{n}.jsonld": package_context(n) for n in ("vises", "cids-bridge")}


def read_json(data: bytes, place: str) -> Json:
    """Parse JSON strictly (RFC 8259): UTF-8, no key twice, no NaN.

    A number with a fraction or an exponent is a `Number`. Raises `BadJsonLd` with the line and
    column, naming `place`.
    """
    text = _decoded(data, place)

    def object_of(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key, value in pairs:
            if key in found:
                raise BadJsonLd(
                    _given_twice(key, dict(pairs).get("@id")),
                    place=place,
                    remedy=sentence("key-once", "Give the key once, with a list of both values."),
                )
            found[key] = value
        return found

    def constant(name: str) -> NoReturn:
        raise BadJsonLd(
            sentence("no-json-number", "{name} is not a JSON number.", name=name),
            place=place,
            remedy=sentence("leave-out", "Leave it out."),
        )

    try:
        return json.loads(
            text, object_pairs_hook=object_of, parse_float=Number, parse_constant=constant
        )
    except json.JSONDecodeError as error:
        early = not text[error.pos :].strip() or error.msg.startswith("Unterminated string")
        raise BadJsonLd(
            sentence("not-json", "This is not JSON: {why}.", why=error.msg),
            place=f"{place}, line {error.lineno}, column {error.colno}",
            remedy=sentence("ends-early", "The file ends too early: is it complete?")
            if early
            else sentence("correct-it-there", "Correct it there."),
        ) from None
    except RecursionError:
        raise BadJsonLd(
            sentence("objects-nested", "The objects are nested too deeply."),
            place=place,
            remedy=sentence("write-flatter", "Write a flatter document."),
        ) from None


def _decoded(data: bytes, place: str) -> str:
    """Return the text of a document in UTF-8. Raises `BadJsonLd` for another encoding."""
    if encoding := BOMS.get(data[:2]):
        raise BadJsonLd(
            sentence("file-in", "The file is in {encoding}.", encoding=encoding),
            place=f"{place}, line 1",
            remedy=sentence(
                "convert-file",
                "Convert it: iconv -f {encoding} -t UTF-8 old > new.",
                encoding=encoding,
            ),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadJsonLd(
            sentence(
                "byte-no-utf-8", "The byte 0x{byte:02x} is not UTF-8.", byte=data[error.start]
            ),
            place=f"{place}, line {line}",
            remedy=sentence("save-utf-8", "Save the file in UTF-8."),
        ) from None


def _given_twice(key: str, identifier: Json) -> Sentence:
    """Say that an object has a key twice, and which object it is if that is known."""
    if identifier is None:
        return sentence(
            "key-twice", "An object has the key {key!r} twice, so one value would be lost.", key=key
        )
    return sentence(
        "key-twice-in",
        "The object {id} has the key {key!r} twice, so one value would be lost.",
        id=str(identifier),
        key=key,
    )


def localise(document: Json, known: Mapping[str, Json], place: str) -> Json:
    """Return a document with each context IRI replaced by the context that `known` has for it.

    Contexts within nodes and within term definitions are replaced too. Raises `RemoteContext`.
    """
    if isinstance(document, list):
        return [localise(item, known, place) for item in document]
    if not isinstance(document, dict) or "@value" in document:
        return document
    return {
        key: _local_context(value, known, place)
        if key == "@context"
        else localise(value, known, place)
        for key, value in document.items()
    }


def _local_context(context: Json, known: Mapping[str, Json], place: str) -> Json:
    if isinstance(context, list):
        return [_local_context(item, known, place) for item in context]
    if isinstance(context, str) or (isinstance(context, dict) and "@import" in context):
        iri = context if isinstance(context, str) else context["@import"]
        if isinstance(context, dict) or iri not in known:
            raise RemoteContext(
                sentence(
                    "context-unknown",
                    "The context {context} is not one that the package has, and nothing is"
                    " fetched.",
                    context=str(iri),
                ),
                place=place,
                remedy=sentence(
                    "write-terms",
                    "Write its term definitions into the document under @context, or use one"
                    " of {known}.",
                    known=", ".join(known),
                ),
            )
        return known[iri]
    return localise(context, known, place)


def statements(document: Json, place: str, base_iri: str) -> list[Quad]:
    """Return the triples of a document whose contexts are all inside it.

    Relative IRIs are resolved against `base_iri`, unless the document has a base of its own.
    Raises `BadJsonLd` where the document is not JSON-LD, or has a named graph.
    """
    form = RdfFormat.JSON_LD
    try:
        read = parse(_json(document), form, base_iri=base_iri, rename_blank_nodes=True)
        quads = list(with_decimals(read, form))
    except (SyntaxError, ValueError) as error:
        raise BadJsonLd(
            sentence("not-json-ld", "This is not JSON-LD: {why}.", why=str(error).rstrip(".")),
            place=place,
            remedy=sentence("correct-document", "Correct the document, its contexts first."),
        ) from None
    if named := next((q for q in quads if not isinstance(q.graph_name, DefaultGraph)), None):
        raise BadJsonLd(
            sentence(
                "own-named-graph",
                "The document has a named graph of its own, {graph}.",
                graph=str(named.graph_name),
            ),
            place=place,
            remedy=sentence(
                "leave-id-out", "A dataset is one graph: leave out the @id beside @graph."
            ),
        )
    return quads


def _json(value: Json) -> str:
    """Return JSON with its numbers in the digits that they were written in."""
    if isinstance(value, dict):
        members = [f"{_ENCODED(key)}:{_json(member)}" for key, member in value.items()]
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join([_json(item) for item in value])}]"
    return value.text if isinstance(value, Number) else _ENCODED(value)


_ENCODED = json.JSONEncoder(ensure_ascii=False).encode


def read(data: bytes, place: str, base_iri: str) -> list[Quad]:
    """Return the triples of a JSON-LD document by the contexts of the package.

    Raises `BadJsonLd` and `RemoteContext`, naming `place`.
    """
    document = localise(read_json(data, place), package_contexts(), place)
    return statements(document, place, base_iri)


def write(quads: Iterable[Quad | Triple], context: str) -> str:
    """Write triples as compact JSON-LD, by a context of the package.

    Nodes are in the order of their names, and the same triples give the same text. The document
    holds the definitions of the terms in use, so that its reader needs no other file.
    """
    compactor = Compactor(package_context(context))
    nodes = compactor.nodes(quads)
    document = {"@context": compactor.used(), "@graph": nodes}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
