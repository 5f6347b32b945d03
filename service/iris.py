"""Which path of the service stands for which IRI, and back."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pyoxigraph import NamedNode

from vises.namespaces import VOCABULARY_BASE

_SAFE = "!$%&'()*+,-./:;=@_~"


@dataclass(frozen=True)
class Addresses:
    """The paths of the IRIs under the base of the data and the fixed base of the vocabulary.

    The paths lead to the state in `release`, None for the current one.
    """

    base: str
    release: str | None = None

    def candidates(self, path: str) -> tuple[NamedNode, ...]:
        """Return the IRIs that a path such as `enterprise/fr-123456782` may stand for.

        The base of the data comes first. Characters that no IRI may hold are percent-encoded.
        """
        as_iri = "".join(c if c > "\x7f" else quote(c, safe=_SAFE) for c in path)
        as_uri = quote(path, safe=_SAFE)
        found = []
        for base in dict.fromkeys((self.base, VOCABULARY_BASE)):
            for local in dict.fromkeys((as_iri, as_uri)):
                try:
                    found.append(NamedNode(base + local))
                except ValueError:
                    continue
        return tuple(found)

    def href(self, iri: str) -> str | None:
        """Return where an IRI leads: a path of ours, the web, or None where it leads nowhere.

        >>> Addresses("https://example.org/").href("https://example.org/method/vises")
        '/method/vises'
        >>> Addresses("https://example.org/").href("javascript:alert(1)") is None
        True
        """
        for base in (self.base, VOCABULARY_BASE):
            if iri.startswith(base) and not iri.startswith(base + "/"):
                return in_release("/" + iri.removeprefix(base), self.release)
        return iri if urlsplit(iri).scheme in {"http", "https"} else None

    def is_ours(self, iri: str) -> bool:
        """Tell whether an IRI is under one of our bases."""
        return iri.startswith((self.base, VOCABULARY_BASE))


def in_release(address: str, release: str | None) -> str:
    """Return an address of ours with the parameter that names a release, None for no such one.

    >>> in_release("/ontology#Enterprise", "000003")
    '/ontology?release=000003#Enterprise'
    """
    if release is None:
        return address
    page, mark, fragment = address.partition("#")
    return f"{page}{'&' if '?' in page else '?'}release={release}{mark}{fragment}"


def last_part(iri: str) -> str:
    """Return the part of an IRI after its last `#` or `/`.

    >>> last_part("https://w3id.org/vises/enterprise/fr-123456782")
    'fr-123456782'
    """
    return iri.rstrip("/#").rpartition("#")[2].rpartition("/")[2] or iri
