"""Which address of the service stands for which IRI, and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from pyoxigraph import NamedNode

from vises.namespaces import VOCABULARY_BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Scope

VOCABULARIES = {VOCABULARY_BASE + name: name for name in ("ontology", "shapes")}
"""The documents whose terms are parts of them (hash IRIs), with the graphs that hold them."""


_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
"""The number of a version (Semantic Versioning 2.0.0, section 2)."""


def vocabulary_of(iri: str) -> str | None:
    """Return the vocabulary that an IRI names, as such or in one version; None for no such IRI.

    A version is named by its number after that of the vocabulary (OWL 2, section 3.1).

    >>> vocabulary_of("https://w3id.org/vises/ontology/0.1.0")
    'https://w3id.org/vises/ontology'
    >>> vocabulary_of("https://w3id.org/vises/ontology/Enterprise") is None
    True
    """
    before, _, version = iri.rpartition("/")
    whole = before if _VERSION.fullmatch(version) else iri
    return whole if whole in VOCABULARIES else None


PAGE = "html"
"""The ending of the address of a page."""

ROUTES = frozenset({"api", "dumps", "graphs", "ldes", "sparql"})
"""The first parts of the paths of ours that answer by themselves, where no thing has its page."""

_RELEASE = re.compile(r"release/[0-9]+")
"""The path of the IRI of a release, whose page the release store makes, not the graph."""

_SAFE = "!$%&'()*+,-./:;=@_~"
_PLAIN = re.compile(r"[A-Za-z0-9_.~/-]*")
"""A path that can be spelled in one way only."""

_AFTER_FIRST = re.compile(r"[/?#]")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_ESCAPED_TEXT = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


@dataclass(frozen=True)
class Addresses:
    """The addresses of the IRIs under the base of the data and the fixed base of the vocabulary.

    They lead to the state in `release` (None: the current one), and to pages in `language` (None:
    in the one that the visitor prefers).
    """

    base: str
    release: str | None = None
    language: str | None = None

    def candidates(self, path: str) -> tuple[NamedNode, ...]:
        """Return the IRIs that a path such as `enterprise/fr-123456782` may stand for.

        The path is as it was sent, with its percent-encoding. The base of the data comes first; of
        the spellings of an IRI that mean the same path, the one that was sent.

        >>> [iri.value for iri in Addresses("https://example.org/").candidates("caf%C3%A9")][:2]
        ['https://example.org/caf%C3%A9', 'https://example.org/café']
        """
        found = []
        for base in dict.fromkeys((self.base, VOCABULARY_BASE)):
            for local in dict.fromkeys(_spellings(path)):
                try:
                    found.append(NamedNode(base + local))
                except ValueError:
                    continue
        return tuple(found)

    def href(self, iri: str) -> str | None:
        """Return where an IRI leads: a page of ours, the web, or None where it leads nowhere.

        The page of a thing has an address of its own, so that a click costs one request. An address
        of a query or of a file (`ROUTES`) stays what it is, query and all.

        >>> Addresses("https://example.org/").href("https://example.org/method/vises")
        '/method/vises.html'
        >>> Addresses("https://example.org/").href("https://example.org/sparql?query=ASK%7B%7D")
        '/sparql?query=ASK%7B%7D'
        >>> Addresses("https://example.org/").href("javascript:alert(1)") is None
        True
        """
        for base in (self.base, VOCABULARY_BASE):
            if iri.startswith(base) and not iri.startswith(base + "/"):
                local = iri.removeprefix(base)
                if _first_part(local) in ROUTES:
                    return f"/{local}"
                return in_release(page_path(base, local), self.release, self.language)
        return iri if urlsplit(iri).scheme in {"http", "https"} else None

    def is_ours(self, iri: str) -> bool:
        """Tell whether an IRI is under one of our bases."""
        return iri.startswith((self.base, VOCABULARY_BASE))


def page_path(base: str, local: str) -> str:
    """Return the path of the page about an IRI, given as a base of ours and the rest.

    A term of a vocabulary has its place on the page of the whole, a release its page among the
    releases. Of any other IRI, what separates a query or a fragment is percent-encoded, since it is
    part of the name; so are the escapes of one that has text beyond ASCII besides, which would be
    read as such text.

    >>> page_path("https://w3id.org/vises/", "ontology#Enterprise")
    '/ontology#Enterprise'
    >>> page_path("https://w3id.org/vises/", "release/000003")
    '/releases/000003'
    """
    if _RELEASE.fullmatch(local):
        return f"/releases/{local.rpartition('/')[2]}"
    if not local or base + local.partition("#")[0] in VOCABULARIES:
        return f"/{local}"
    if not local.isascii():
        local = local.replace("%", "%25")
    return f"/{local.replace('?', '%3F').replace('#', '%23')}.{PAGE}"


def as_iri(text: str) -> str:
    """Return a text with those characters percent-encoded that no IRI may hold.

    >>> as_iri("a <é>?")
    'a%20%3Cé%3E%3F'
    """
    return "".join(c if c > "\x7f" else quote(c, safe=_SAFE) for c in text)


def raw_path(scope: Scope) -> str:
    """Return the path of a request as it was sent, without its first slash."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.decode("utf-8", "replace")[1:]


def in_release(address: str, release: str | None, language: str | None = None) -> str:
    """Return an address of ours with the parameters that name a release and a language.

    None stands for no such parameter.

    >>> in_release("/ontology#Enterprise", "000003")
    '/ontology?release=000003#Enterprise'
    >>> in_release("/codes", "000003", "fr")
    '/codes?release=000003&lang=fr'
    """
    if release is None and language is None:
        return address
    named = (("release", release), ("lang", language))
    parameters = "&".join(f"{name}={value}" for name, value in named if value is not None)
    page, mark, fragment = address.partition("#")
    return f"{page}{'&' if '?' in page else '?'}{parameters}{mark}{fragment}"


def last_part(iri: str) -> str:
    """Return the part of an IRI after its last `#` or `/`.

    >>> last_part("https://w3id.org/vises/enterprise/fr-123456782")
    'fr-123456782'
    """
    return iri.rstrip("/#").rpartition("#")[2].rpartition("/")[2] or iri


def _first_part(local: str) -> str:
    """Return what stands before the first `/`, `?` or `#`."""
    return _AFTER_FIRST.split(local, maxsplit=1)[0]


def _spellings(path: str) -> Iterator[str]:
    """Yield the local parts that a path may mean, from what was sent to what it decodes to.

    These are: as it was sent, and with text beyond ASCII in place of its escapes (RFC 3987, section
    3.2); the same with escapes in capitals (RFC 3986, section 6.2.2.1); with only those escapes
    that an IRI needs; and without any, for names with `?` and `#`.
    """
    yield path
    if _PLAIN.fullmatch(path):
        return
    yield _ESCAPED_TEXT.sub(_text, path)
    capital = _ESCAPED.sub(lambda escape: escape[0].upper(), path)
    yield capital
    yield _ESCAPED_TEXT.sub(_text, capital)
    decoded = unquote(path)
    yield as_iri(decoded)
    yield quote(decoded, safe=_SAFE)
    yield decoded


def _text(escaped: re.Match[str]) -> str:
    """Return the text that some escapes stand for; themselves where they are not UTF-8."""
    try:
        return unquote_to_bytes(escaped[0]).decode("utf-8")
    except UnicodeDecodeError:
        return escaped[0]
