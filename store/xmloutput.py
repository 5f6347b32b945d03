"""What goes out as XML, so that whoever reads it gets what was said.

The engine's writers of XML know three things not: some characters stand in no XML at all (XML 1.0,
section 2.2), a carriage return is read as a line feed unless it is written by its number (section
2.11), and a property whose IRI does not end in a name has no element in RDF/XML (RDF 1.1 XML
Syntax, section 7.2.14). The second is mended here, the others are refused.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, cast

from vises.errors import sentence
from vises.store.engine import NotAcceptable

if TYPE_CHECKING:
    from vises.errors import Sentence

_MEDIA_TYPES = {"application/sparql-results+xml", "application/rdf+xml"}

_NEVER = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_NAMELESS = re.compile(rb"<[A-Za-z0-9_.-]*:[\s/>]")
_LONGEST_START = 64
"""No beginning of an element up to its name is longer: prefixes are ours or the engine's."""


def output_of(media_type: str, file: IO[bytes]) -> IO[bytes]:
    """Return what an answer of a media type is written to, so that it gets to a file."""
    return cast("IO[bytes]", XmlOutput(file)) if media_type in _MEDIA_TYPES else file


class XmlOutput:
    """A binary file of XML before another one."""

    def __init__(self, file: IO[bytes]) -> None:
        """Take the file that it goes to."""
        self._file = file
        self._last = b""

    def write(self, data: bytes) -> int:
        """Write some of it. Raises `NotAcceptable`."""
        seen = self._last + data
        if found := _NEVER.search(seen):
            raise _refused(
                sentence(
                    "no-xml-character",
                    "A value has the character U+{code:04X}, which XML cannot hold.",
                    code=ord(found[0].decode()),
                )
            )
        if _NAMELESS.search(seen):
            raise _refused(
                sentence(
                    "no-xml-name",
                    "A property has an IRI without a name at its end, as RDF/XML needs it.",
                )
            )
        self._last = bytes(seen[-_LONGEST_START:])
        self._file.write(data.replace(b"\r", b"&#xD;"))
        return len(data)

    def flush(self) -> None:
        """Pass it on."""
        self._file.flush()


def _refused(why: Sentence) -> NotAcceptable:
    return NotAcceptable(
        why,
        remedy=sentence("other-form-such", "Take another form, such as JSON, Turtle or N-Triples."),
    )
