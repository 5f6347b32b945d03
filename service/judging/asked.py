"""What a request wants judged, and by what."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, NoReturn

from vises.errors import sentence
from vises.service.bodies import (
    UnsupportedMediaType,
    body,
    is_of_type,
    media_type,
    parameters,
    spool,
    text,
    unsupported,
)
from vises.service.formats import GRAPH_TYPES, syntax_of
from vises.service.judging.errors import JudgingRequestError
from vises.service.judging.work import Sent
from vises.service.multipart import MOST_MULTIPART, MULTIPART, in_field, parts
from vises.service.sentences import GIVE_ONCE, give_one_of
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
_SPLIT = sentence("judge-less", "Send it in several parts, or judge it with `vises validate`.")
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

    Raises `JudgingRequestError`, `ProtocolError` for a field that is not UTF-8, what
    `vises.service.bodies.chunks` raises, and what `DocumentReader.read` does.
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
        fields = _joined(query, _fields(given, _FIELDS))
        _take_files([p for p in sent if _is_file(p)], fields, asked, place)
    elif found == FORM:
        whole = await body(request, min(most, MOST_MULTIPART), _SPLIT)
        fields = _joined(query, _fields(parameters(whole, "body"), _FIELDS))
    elif found is not None or not fields.get(URL):
        path = place / "body"
        length = await spool(request, path, most, _SPLIT)
        if length or not fields.get(URL):
            asked.documents.append(Sent("body", str(path), _type_of_body(found)))
    if pasted := fields.get(TEXT, "").strip():
        path = place / "pasted"
        path.write_text(pasted, encoding="utf-8", newline="")
        named = _chosen_type(fields, f"field {TEXT}, field {SYNTAX}")
        asked.documents.append(Sent(TEXT, str(path), named))
    if address := fields.get(URL, "").strip():
        asked.documents.append(await _read(address, place, reader))
    profile = fields.get(PROFILE) or CORE
    kind = "parameter" if query.get(PROFILE) == profile else "field"
    return _checked(asked, profile, f"{kind} {PROFILE}")


def _checked(asked: Asked, profile: str, place: str) -> Asked:
    if not asked.documents:
        raise JudgingRequestError(
            sentence("nothing-to-judge", "There is nothing to judge."),
            place="body",
            remedy=sentence(
                "send-to-judge",
                "Send a file (field {data}), a text (field {text}), or the address of a document"
                " (field {url}).",
                data=DATA,
                text=TEXT,
                url=URL,
            ),
        )
    if profile not in profiles():
        raise JudgingRequestError(
            sentence("no-profile", "There is no profile {profile!r}.", profile=profile[:40]),
            place=place,
            remedy=give_one_of(profiles()),
        )
    if asked.shapes and profile != CORE:
        raise JudgingRequestError(
            sentence("shapes-and-profile", "Shapes came along, and a profile is named."),
            place=place,
            remedy=sentence(
                "shapes-or-profile",
                "Leave one of them out: data is judged by shapes of yours or by ours.",
            ),
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
        place = f"file {name[:80]!r}, {place}"
        return syntax_of(part.media_type) or _refused(part.media_type, place)
    syntax = SYNTAXES.get(PurePath(name).suffix.lower())
    place = f"file {name[:80]!r}, field {SYNTAX}"
    return _chosen_type(fields, place) if syntax is None else syntax.media_type


async def _read(address: str, place: Path, reader: DocumentReader) -> Sent:
    path = place / "read"
    found = media_type(await reader.read(address, ", ".join(GRAPH_TYPES.values()), path))
    by_name = SYNTAXES.get(PurePath(address.partition("?")[0]).suffix.lower())
    if found in _UNKNOWN and by_name is not None:
        return Sent(address, str(path), by_name.media_type)
    known = syntax_of(found) or _refused(found, f"field {URL}")
    return Sent(address, str(path), known)


def _refused(found: str | None, place: str) -> NoReturn:
    raise unsupported(found, list(GRAPH_TYPES.values()), place=place)


def _type_of_body(found: str | None) -> str:
    known = syntax_of(found)
    if known is None:
        wanted = list(GRAPH_TYPES.values())
        way_out = sentence(
            "send-type-or-parts",
            "Send one of {wanted}, in UTF-8, or {multipart} with the fields {data} and {shapes}.",
            wanted=", ".join(wanted),
            multipart=MULTIPART,
            data=DATA,
            shapes=SHAPES,
        )
        raise unsupported(found, wanted, remedy=way_out)
    return known


def _chosen_type(fields: dict[str, str], place: str) -> str:
    """Return the media type that the field for it names; `place` says what it is of."""
    chosen = fields.get(SYNTAX) or None
    known = syntax_of(chosen)
    if known is None:
        raise UnsupportedMediaType(
            is_of_type(chosen),
            place=place,
            remedy=sentence(
                "name-in-field",
                "Name one of these in that field: {known}.",
                known=", ".join(GRAPH_TYPES.values()),
            ),
        )
    return known


def _is_file(part: Part) -> bool:
    return part.field in _FILES or bool(part.file)


def _text(part: Part) -> str:
    return text(part.content, f"field {part.field[:40]}")


def _fields(pairs: list[tuple[str, str]], known: set[str], kind: str = "field") -> dict[str, str]:
    """Return fields, or parameters, by name; each comes once. Raises `JudgingRequestError`."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise _unknown(name, known, kind)
        if name in found:
            raise _given_again(f"{kind} {name}")
        found[name] = value
    return found


def _joined(query: dict[str, str], fields: dict[str, str]) -> dict[str, str]:
    """Return parameters of the address with fields. Raises `JudgingRequestError` for one of both.

    One that is empty, as forms send what was not filled in, is none.
    """
    asked, sent = ({n: v for n, v in each.items() if v.strip()} for each in (query, fields))
    if twice := sorted(asked.keys() & sent.keys()):
        raise _given_again(f"field {twice[0]}")
    return asked | sent


def _given_again(place: str) -> JudgingRequestError:
    return JudgingRequestError(
        sentence("given-again", "It is given more than once."), place=place, remedy=GIVE_ONCE
    )


def _unknown(name: str, known: set[str], kind: str) -> JudgingRequestError:
    names = ", ".join(sorted(known))
    if kind == "parameter":
        return JudgingRequestError(
            sentence(
                "no-such-parameter",
                "There is no parameter {name} here.",
                name=repr(name[:40]),
            ),
            place=f"parameter {name[:40]}",
            remedy=sentence("parameters-are", "The parameters are {known}.", known=names),
        )
    return JudgingRequestError(
        sentence("no-such-field", "There is no field {name!r}.", name=name[:40]),
        place=f"field {name[:40]}",
        remedy=sentence(
            "fields-are",
            "The fields are {known}; files are the fields {data} and {shapes} of {multipart}.",
            known=names,
            data=DATA,
            shapes=SHAPES,
            multipart=MULTIPART,
        ),
    )
