"""How to cite what a page says: a sentence, and what reference managers read.

A citation names one release, so that whoever follows it finds what was read (FORCE11, Joint
Declaration of Data Citation Principles, 7: specificity and verifiability).
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.service.iris import PAGE, Addresses, in_release, last_part
from vises.service.language import chosen_language, language
from vises.service.memento import Mementos
from vises.service.pages.labels import LABEL_PROPERTIES, best_label
from vises.service.pages.values import written_day
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from vises.service.pages.subject import Subject
    from vises.service.pages.visit import Visit

CITE = "/cite"
"""Where citations are: `/cite/enterprise/fr-1.bib` is that of `/enterprise/fr-1`."""

SERVICE = "VISES"
_SPACE = re.compile(r"\s+")
_NOT_IN_A_KEY = re.compile(r"[^a-z0-9]+")
_TEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True)
class Citation:
    """What is cited: its title and IRI, and the release of which day it was read in.

    `address` is where that state can be read for good; `path` is the path of the thing, without
    its first slash. `filed` says whether there are files for reference managers, and `language` in
    which one they are asked for (None: in the one that the visitor prefers).
    """

    title: str
    iri: str
    path: str
    address: str
    release: str
    day: date
    sentence: str
    filed: bool = True
    language: str | None = None

    @property
    def files(self) -> Mapping[str, str]:
        """The addresses of the forms, by their endings; none for a page that is no thing."""
        if not self.filed:
            return {}
        path = f"{CITE}/{self.path}"
        return {f: in_release(f"{path}.{f}", self.release, self.language) for f in FORMS}

    @property
    def key(self) -> str:
        """A name for the citation: ASCII, the same each time."""
        return _NOT_IN_A_KEY.sub("-", f"vises-{self.path}-{self.release}".lower()).strip("-")

    def bibtex(self) -> str:
        """Return a BibTeX entry (type `misc`, which every style knows)."""
        fields = {
            "author": f"{{{SERVICE}}}",
            "title": f"{{{_tex(self.title)}}}",
            "year": str(self.day.year),
            "month": str(self.day.month),
            "version": self.release,
            "publisher": SERVICE,
            "howpublished": f"Linked open data, release {self.release}",
            "url": _url(self.address),
            "note": f"IRI: {_tex(self.iri)}",
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        return f"@misc{{{self.key},\n{lines}}}\n"

    def csl(self) -> str:
        """Return a list of one item of CSL-JSON 1.0, as citation processors read it."""
        item = {
            "id": self.key,
            "type": "dataset",
            "title": self.title,
            "author": [{"literal": SERVICE}],
            "publisher": SERVICE,
            "version": self.release,
            "issued": {"date-parts": [[self.day.year, self.day.month, self.day.day]]},
            "URL": self.address,
            "note": f"IRI: {self.iri}",
        }
        return json.dumps([item], ensure_ascii=False, indent=2) + "\n"

    def ris(self) -> str:
        """Return a record of RIS (2011): a line for each tag, of type DATA."""
        lines = [
            ("TY", "DATA"),
            ("ID", self.key),
            ("AU", SERVICE),
            ("TI", self.title),
            ("PY", str(self.day.year)),
            ("DA", f"{self.day:%Y/%m/%d}"),
            ("ET", self.release),
            ("PB", SERVICE),
            ("UR", self.address),
            ("N1", f"IRI: {self.iri}"),
            ("ER", ""),
        ]
        return "".join(f"{tag}  - {value}\r\n" for tag, value in lines)


FORMS: Mapping[str, tuple[str, Callable[[Citation], str]]] = {
    "bib": ("application/x-bibtex", Citation.bibtex),
    "csl.json": ("application/vnd.citationstyles.csl+json", Citation.csl),
    "ris": ("application/x-research-info-systems", Citation.ris),
}
"""The media type of each form and what writes it, by the ending of its address."""


def citation(subject: Subject) -> Citation:
    """Return the citation of a thing, in the language of who asks for its page."""
    iri = subject.iri.value
    page = Addresses(subject.addresses.base).href(iri) or ""
    path = page.removesuffix(f".{PAGE}")
    title = _title(subject, language(subject.visit.request))
    return _citation(subject.visit, title, iri, path, filed=True)


def page_citation(visit: Visit, title: str, path: str) -> Citation:
    """Return the citation of a page that stands for no thing of its own, such as a list."""
    return _citation(visit, title, Mementos.of(visit.request, path).original, path, filed=False)


def _citation(visit: Visit, title: str, iri: str, path: str, *, filed: bool) -> Citation:
    release, words = visit.reading.release, texts(language(visit.request))
    address = in_release(Mementos.of(visit.request, "").origin + path, release.id)
    day = release.created.date()
    sentence = words(
        "cite.sentence",
        service=SERVICE,
        title=title,
        release=release.id,
        day=written_day(day, words),
        address=address,
    )
    path = path.removeprefix("/")
    chosen = chosen_language(visit.request)
    return Citation(title, iri, path, address, release.id, day, sentence, filed, chosen)


def _title(subject: Subject, wanted: str) -> str:
    labels = (
        (q.predicate, q.object)
        for q in subject.quads
        if q.subject == subject.iri
        and isinstance(q.predicate, NamedNode)
        and q.predicate in LABEL_PROPERTIES
        and isinstance(q.object, Literal)
    )
    found = best_label(labels, wanted)
    return _plain(found.text) if found else last_part(subject.iri.value)


def _plain(text: str) -> str:
    r"""Return a text on one line, without what controls terminals, lines or directions.

    >>> _plain("L'Atelier\r\nER  - commun\u202e")
    "L'Atelier ER - commun"
    """
    shown = "".join(c if c.isspace() or unicodedata.category(c)[0] != "C" else "" for c in text)
    return _SPACE.sub(" ", shown).strip()


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in text)


def _url(address: str) -> str:
    """Return an address without the braces that would end a BibTeX field."""
    return address.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
