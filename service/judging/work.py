"""What a process that judges is given, and what it leaves behind."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

PATH = "/validate"
JSON = "application/json"
FORMS = {"json": JSON, "ttl": "text/turtle", "jsonld": "application/ld+json"}
"""The forms in which a report is kept, by the ending of their files."""


@dataclass(frozen=True)
class Sent:
    """A document that was sent: what to call it, its file, and its media type."""

    name: str
    path: str
    media_type: str


@dataclass(frozen=True)
class Work:
    """Documents to be judged by shapes, else by a profile of the package.

    `folder` is where the report is written: as `report.ENDING` for each media type in `forms`, by
    its ending.
    """

    documents: tuple[Sent, ...]
    shapes: tuple[Sent, ...]
    profile: str
    base_iri: str
    folder: str
    forms: dict[str, str]

    def to_json(self) -> bytes:
        """Write it for the process."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Work:
        """Read what `to_json` wrote."""
        fields = json.loads(data)
        for name in ("documents", "shapes"):
            fields[name] = tuple(Sent(**sent) for sent in fields[name])
        return cls(**fields)
