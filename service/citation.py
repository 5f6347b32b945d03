"""How to cite what a page says: a sentence, and what reference managers read.

A citation names one release, so that whoever follows it finds what was read (FORCE11, Joint
Declaration of Data Citation Principles, 7: specificity and verifiability).
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.service.credits import Credit, Credits
from vises.service.iris import PAGE, Addresses, in_release, last_part
from vises.service.language import chosen_language, language
from vises.service.memento import Mementos
from vises.service.pages.labels import LABEL_PROPERTIES, best_label
from vises.service.pages.values import written_day
from vises.service.public import origin_of
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from vises.service.pages.mentions import Speaker
    from vises.service.pages.subject import Subject
    from vises.service.pages.visit import Visit
    from vises.service.texts import Texts

CITE = "/cite"
"""Where citations are: `/cite/enterprise/fr-1.bib` is that of `/enterprise/fr-1`."""

_SPACE = re.compile(r"\s+")
_NOT_IN_A_KEY = re.compile(r"[^a-z0-9]+")
_TEX = {c: f"\\{c}" for c in "&%$#_"} | {
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True)
class Citation:
    """What is cited: its title and IRI, and the release of which day it was read in.

    `credit` says whose it is, and `publisher` who publishes the release. `address` is where that
    state can be read for good; `path` is the path of the thing, without its first slash. `filed`
    says whether there are files for reference managers, and `language` in which one they are asked
    for (None: in the one that the visitor prefers).
    """

    title: str
    iri: str
    path: str
    address: str
    release: str
    day: date
    publisher: str
    sentence: str
    credit: Credit = field(default_factory=Credit)
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

    @property
    def authors(self) -> tuple[str, ...]:
        """Who is credited: whoever publishes the release where nobody else is known."""
        return self.credit.names or (self.publisher,)

    @property
    def notes(self) -> tuple[str, ...]:
        """What has no field of its own: the IRI, the source and the licences."""
        source = (f"Source: {self.credit.source}",) if self.credit.source else ()
        licences = (f"Licence of the data: {licence}" for licence in self.credit.licences)
        return (f"IRI: {self.iri}", *source, *licences)

    def bibtex(self) -> str:
        """Return a BibTeX entry (type `misc`, which every style knows)."""
        month = {} if self.credit.year else {"month": str(self.day.month)}
        fields = {
            "author": " and ".join(f"{{{_tex(name)}}}" for name in self.authors),
            "title": f"{{{_tex(self.title)}}}",
            "year": self.credit.year or str(self.day.year),
            **month,
            "version": self.release,
            "publisher": f"{{{_tex(self.publisher)}}}",
            "howpublished": f"Linked open data, release {self.release}",
            "url": _url(self.address),
            "note": _tex("; ".join(self.notes)),
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        return f"@misc{{{self.key},\n{lines}}}\n"

    def csl(self) -> str:
        """Return a list of one item of CSL-JSON 1.0, as citation processors read it."""
        item = {
            "id": self.key,
            "type": "dataset",
            "title": self.title,
            "author": [{"literal": name} for name in self.authors],
            "publisher": self.publisher,
            "version": self.release,
            "issued": {"date-parts": [[int(part) for part in self._issued()]]},
            "URL": self.address,
            "note": "; ".join(self.notes),
        }
        return json.dumps([item], ensure_ascii=False, indent=2) + "\n"

    def ris(self) -> str:
        """Return a record of RIS (2011): a line for each tag, of type DATA."""
        lines = [
            ("TY", "DATA"),
            ("ID", self.key),
            *(("AU", name) for name in self.authors),
            ("TI", self.title),
            ("PY", self._issued()[0]),
            ("DA", "/".join(self._issued())),
            ("ET", self.release),
            ("PB", self.publisher),
            ("UR", self.address),
            *(("N1", note) for note in self.notes),
            ("ER", ""),
        ]
        return "".join(f"{tag}  - {value}\r\n" for tag, value in lines)

    def _issued(self) -> Sequence[str]:
        """Return the year of a publication, else the year, month and day of the release."""
        return [self.credit.year] if self.credit.year else f"{self.day:%Y-%m-%d}".split("-")


FORMS: Mapping[str, tuple[str, Callable[[Citation], str]]] = {
    "bib": ("application/x-bibtex", Citation.bibtex),
    "csl.json": ("application/vnd.citationstyles.csl+json", Citation.csl),
    "ris": ("application/x-research-info-systems", Citation.ris),
}
"""The media type of each form and what writes it, by the ending of its address."""


def citation(subject: Subject, speaker: Speaker) -> Citation:
    """Return the citation of a thing, in the language of who asks for its page.

    `speaker` is one of `Subject.speaker`.
    """
    iri = subject.iri.value
    page = Addresses(subject.addresses.base).href(iri) or ""
    path = page.removesuffix(f".{PAGE}")
    title = _title(subject, speaker)
    credit = Credits.of(subject).named(speaker)
    plain = credit._replace(
        names=tuple(map(_plain, credit.names)),
        source=_plain(credit.source) if credit.source else None,
    )
    return _citation(subject.visit, title, iri, path, plain)


def page_citation(visit: Visit, title: str, path: str) -> Citation:
    """Return the citation of a page that stands for no thing of its own, such as a list."""
    return _citation(visit, title, Mementos.of(visit.request, path).original, path, None)


def _citation(visit: Visit, title: str, iri: str, path: str, credit: Credit | None) -> Citation:
    """Return a citation; one without credits is of a page of ours, and there are no files of it."""
    release, words = visit.reading.release, texts(language(visit.request))
    address = in_release(origin_of(visit.request) + path, release.id)
    day = release.created.date()
    cited = Citation(
        title,
        iri,
        path.removeprefix("/"),
        address,
        release.id,
        day,
        visit.site.settings.publisher,
        sentence="",
        credit=credit or Credit(),
        filed=credit is not None,
        language=chosen_language(visit.request),
    )
    return replace(cited, sentence=_sentence(cited, words))


def _sentence(cited: Citation, words: Texts) -> str:
    """Return the citation as a sentence, with the source in one of its own."""
    year = f" ({cited.credit.year})" if cited.credit.year else ""
    sentence = words(
        "cite.sentence" if cited.authors == (cited.publisher,) else "cite.sentence-of",
        authors=", ".join(cited.authors) + year,
        service=cited.publisher,
        title=cited.title,
        release=cited.release,
        day=written_day(cited.day, words),
        address=cited.address,
    )
    source = cited.credit.source
    return f"{sentence} {words('cite.source', source=source)}" if source else sentence


def _title(subject: Subject, speaker: Speaker) -> str:
    """Return the name of a thing, else what kind of thing it is and the end of its IRI."""
    labels = (
        (q.predicate, q.object)
        for q in subject.quads
        if q.subject == subject.iri
        and isinstance(q.predicate, NamedNode)
        and q.predicate in LABEL_PROPERTIES
        and isinstance(q.object, Literal)
    )
    found = best_label(labels, speaker.words.language)
    if found:
        return _plain(found.text)
    kinds = (speaker.thing(kind).name.text for kind in sorted(subject.types))
    return _plain(f"{next(kinds, '')} {last_part(subject.iri.value)}")


def _plain(text: str) -> str:
    r"""Return a text on one line, without what controls terminals, lines or directions.

    >>> _plain("L'Atelier\r\nER  - commun\u202e")
    "L'Atelier ER - commun"
    """
    shown = "".join(c if c.isspace() or unicodedata.category(c)[0] != "C" else "" for c in text)
    return _SPACE.sub(" ", shown).strip()


def _tex(text: str) -> str:
    """Return a text for a field of BibTeX, which counts braces with a backslash before them too."""
    return "".join(_TEX.get(c, c) for c in text)


def _url(address: str) -> str:
    """Return an address without the braces that would end a BibTeX field."""
    return address.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
