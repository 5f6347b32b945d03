"""The description of a dataset as search engines for data read it: schema.org in JSON-LD."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Download:
    """A form of the data: its media type and its absolute address.

    `size` in bytes and `sha256` in hexadecimal digits are those of a file, None of what is made
    when it is asked for.
    """

    media_type: str
    address: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Described:
    """What schema.org is told of a dataset; addresses are absolute, absent things are None."""

    iri: str
    address: str
    home: str
    name: str
    description: str | None
    publisher: str | None
    licence: str | None
    modified: str | None
    release: str
    keywords: Sequence[str]
    places: Sequence[str]
    downloads: Sequence[Download]
    period: tuple[str, str] | None = None


def dataset_jsonld(described: Described) -> Markup:
    """Return the JSON-LD of a dataset, safe to stand in a script element.

    What could end the element or begin a comment in it is written as an escape of JSON (HTML,
    section 4.12.1.3). A browser does not run it: its type is that of data.
    """
    said: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": described.iri,
        "identifier": described.iri,
        "url": described.address,
        "name": described.name,
        "description": described.description,
        "license": described.licence,
        "dateModified": described.modified,
        "version": described.release,
        "isAccessibleForFree": True,
        "keywords": list(described.keywords) or None,
        "spatialCoverage": list(described.places) or None,
        "temporalCoverage": "/".join(described.period) if described.period else None,
        "creator": _organisation(described.publisher),
        "publisher": _organisation(described.publisher),
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "@id": f"{described.home}catalog#catalogue",
            "name": "VISES",
            "url": f"{described.home}catalog",
        },
        "distribution": [_download(d) for d in described.downloads],
    }
    stated = {name: value for name, value in said.items() if value is not None}
    text = json.dumps(stated, ensure_ascii=False, indent=1)
    return Markup(text.translate(_ESCAPES))  # noqa: S704 (nothing in it can end the element)


def _download(download: Download) -> dict[str, str]:
    said = {
        "@type": "DataDownload",
        "encodingFormat": download.media_type,
        "contentUrl": download.address,
    }
    if download.size is not None and download.sha256 is not None:
        said |= {"contentSize": f"{download.size} B", "sha256": download.sha256}
    return said


def _organisation(name: str | None) -> dict[str, str] | None:
    return None if name is None else {"@type": "Organization", "name": name}
