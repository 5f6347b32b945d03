"""What a request wants judged, and by what."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, NoReturn

from vises.service.bodies import (
    UnsupportedMediaType,
    body,
    media_type,
    parameters,
    spool,
    unsupported,
)
from vises.service.formats import GRAPH_ALIASES, GRAPH_TYPES
from vises.service.judging.errors import JudgingRequestError
from vises.service.judging.work import Sent
from vises.service.multipart import MOST_MULTIPART, MULTIPART, in_field, parts
from vises.validation.files import SYNTAXES
from vises.validation.shapes import CORE, profiles

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from vises.service.multipart import Part
    from vises.store.federation.documents import DocumentReader

FORM = "application/x-www-form-urlencoded"
TEXT, DATA, SHAPES, URL, PROFILE, SYNTAX = "text", "data", "shapes", "url", "profile", "syntax"
"""The fields of a form; those that are no file are parameters of the address, too."""

_PARAMETERS = {URL, PROFILE}
_FIELDS = {TEXT, URL, PROFILE, SYNTAX}
_FILES = {DATA, SHAPES}
_SPLIT = "Send it in several parts, or judge it with `vises validate`."
_UNKNOWN = {None, "application/octet-stream", "text/plain"}
"""Media types that browsers give a file when they know nothing of it."""


@dataclass
class Asked:
    """What a request wants: documents, shapes that came along, else a profile."""

    documents: list[Sent] = field(default_factory=list)
    shapes: list[Sent] = field(default_factory=list)
    profile: str = CORE


async def read_asked(request: Request, place: Path, most: int, reader: DocumentReader) -> Asked:
    """Read a request, with a body of at most `most` bytes, into files in the folder `place`.

    Raises `JudgingRequestError`, what `vises.service.bodies.chunks` raises, and what
    `DocumentReader.read` does.
    """
    given = parameters(request.url.query.encode(), "address")
    query = _fields(given, _PARAMETERS | {"lang"}, "parameter")
    asked, fields = Asked(), query
    header = request.headers.get("content-type")
    found = media_type(header)
    if found == MULTIPART:
        whole = await body(request, min(most, MOST_MULTIPART), _SPLIT)
        sent = list(parts(header or "", whole))
        given = [(p.field, _text(p)) for p in sent if not _is_file(p)]
        fields = query | _fields(given, _FIELDS)
        _take_files([p for p in sent if _is_file(p)], fields, asked, place)
    elif found == FORM:
        whole = await body(request, min(most, MOST_MULTIPART), _SPLIT)
        fields = query | _fields(parameters(whole, "body"), _FIELDS)
    elif found is not None or not fields.get(URL):
        path = place / "body"
        length = await spool(request, path, most, _SPLIT)
        if length or not fields.get(URL):
            asked.documents.append(Sent("body", str(path), _type_of_body(found)))
    if pasted := fields.get(TEXT, "").strip():
        path = place / "pasted"
        path.write_text(pasted, encoding="utf-8", newline="")
        asked.documents.append(Sent(TEXT, str(path), _chosen_type(fields, TEXT)))
    if address := fields.get(URL, "").strip():
        asked.documents.append(await _read(address, place, reader))
    profile = fields.get(PROFILE) or CORE
    kind = "parameter" if query.get(PROFILE) == profile else "field"
    return _checked(asked, profile, f"{kind} {PROFILE}")


def _checked(asked: Asked, profile: str, place: str) -> Asked:
    if not asked.documents:
        raise JudgingRequestError(
            "There is nothing to judge.",
            place="body",
            remedy=f"Send a file (field {DATA}), a text (field {TEXT}), or the address of a "
            f"document (field {URL}).",
        )
    if profile not in profiles():
        raise JudgingRequestError(
            f"There is no profile {profile[:40]!r}.",
            place=place,
            remedy=f"Choose one of: {', '.join(profiles())}.",
        )
    if asked.shapes and profile != CORE:
        raise JudgingRequestError(
            "Shapes came along, and a profile is named.",
            place=place,
            remedy="Leave one of them out: data is judged by shapes of yours or by ours.",
        )
    asked.profile = profile
    return asked


def _take_files(files: list[Part], fields: dict[str, str], asked: Asked, place: Path) -> None:
    """Write files into the folder. An empty file without a name is a field left empty."""
    for number, part in enumerate(files):
        if not part.file and not part.content:
            continue
        kind = {DATA: asked.documents, SHAPES: asked.shapes}.get(part.field)
        if kind is None:
            raise _unknown(part.field, _FIELDS, "field")
        path = place / f"part-{number}"
        path.write_bytes(part.content)
        name = PurePath(part.file.replace("\\", "/")).name or part.field
        if name == TEXT:
            name = f"./{name}"  # what was pasted is called so
        kind.append(Sent(name, str(path), _file_type(part, name, fields)))


def _file_type(part: Part, name: str, fields: dict[str, str]) -> str:
    if part.media_type not in _UNKNOWN:
        place = in_field(part.field)
        return _known(part.media_type) or _refused(part.media_type, f"file {name[:80]!r}", place)
    syntax = SYNTAXES.get(PurePath(name).suffix.lower())
    return _chosen_type(fields, f"file {name[:80]!r}") if syntax is None else syntax.media_type


async def _read(address: str, place: Path, reader: DocumentReader) -> Sent:
    path = place / "read"
    found = media_type(await reader.read(address, ", ".join(GRAPH_TYPES.values()), path))
    by_name = SYNTAXES.get(PurePath(address.partition("?")[0]).suffix.lower())
    if found in _UNKNOWN and by_name is not None:
        return Sent(address, str(path), by_name.media_type)
    known = _known(found) or _refused(found, "document at the address", f"field {URL}")
    return Sent(address, str(path), known)


def _known(found: str | None) -> str | None:
    """Return the media type of RDF that is meant, None for any other."""
    known = GRAPH_ALIASES.get(found or "", found or "")
    return known if known in GRAPH_TYPES.values() else None


def _refused(found: str | None, what: str, place: str) -> NoReturn:
    raise unsupported(found, list(GRAPH_TYPES.values()), what=what, place=place)


def _type_of_body(found: str | None) -> str:
    known = _known(found)
    if known is None:
        parts = f"Or send {MULTIPART} with the fields {DATA} and {SHAPES}."
        raise unsupported(found, list(GRAPH_TYPES.values()), otherwise=parts)
    return known


def _chosen_type(fields: dict[str, str], what: str) -> str:
    """Return the media type that the field for it names."""
    chosen = fields.get(SYNTAX) or None
    known = _known(chosen)
    if known is None:
        raise UnsupportedMediaType(
            f"The {what} is {chosen[:100] if chosen else 'of no stated type'}.",
            place=f"field {SYNTAX}",
            remedy=f"Name one of these in that field: {', '.join(GRAPH_TYPES.values())}.",
        )
    return known


def _is_file(part: Part) -> bool:
    return part.field in _FILES or bool(part.file)


def _text(part: Part) -> str:
    return part.content.decode("utf-8", "replace")


def _fields(pairs: list[tuple[str, str]], known: set[str], kind: str = "field") -> dict[str, str]:
    """Return fields, or parameters, by name; each comes once. Raises `JudgingRequestError`."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise _unknown(name, known, kind)
        if name in found:
            raise JudgingRequestError(
                f"The {kind} {name} is given more than once.",
                place=f"{kind} {name}",
                remedy="Give it once.",
            )
        found[name] = value
    return found


def _unknown(name: str, known: set[str], kind: str) -> JudgingRequestError:
    files = f"; files are the fields {DATA} and {SHAPES} of {MULTIPART}" if kind == "field" else ""
    return JudgingRequestError(
        f"There is no {kind} {name[:40]!r}.",
        place=f"{kind} {name[:40]}",
        remedy=f"Use {', '.join(sorted(known))}{files}.",
    )
