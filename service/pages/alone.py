"""What is said of a thing itself, for pages that show in their own places what refers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.pages.description import Description

if TYPE_CHECKING:
    from vises.service.pages.subject import Subject


def alone(subject: Subject) -> Description:
    """Return the description of a thing and its parts, without what refers to it."""
    others = [q for q in subject.quads if q.subject != subject.iri]
    return Description(
        subject.iri,
        own=[q for q in subject.quads if q.subject == subject.iri],
        parts=[q for q in others if q.object != subject.iri],
        incoming=(),
    )
