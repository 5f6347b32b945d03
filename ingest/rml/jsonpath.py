"""JSONPath, as much of it as names things without a search (RFC 9535, sections 2.3.1 to 2.3.3)."""

from __future__ import annotations

import json
import re
from typing import Any

from vises.errors import sentence

_STEP = re.compile(
    r"""\.?(?P<name>[^\W\d][\w-]*)"""
    r"""|\.?(?P<wildcard>\*)"""
    r"""|\[\s*(?:'(?P<single>(?:[^'\\]|\\.)+)'|"(?P<double>(?:[^"\\]|\\.)+)"|"""
    r"""(?P<index>0|-?[1-9][0-9]*)|(?P<all>\*))\s*\]"""
)
_SHORT = re.compile(r"[^\W\d][\w-]*")
_MOST_STEPS = 50


class Everything:
    """The step to every element of an array or member of an object."""

    def __repr__(self) -> str:
        """Return the sign for it."""
        return "*"


EVERYTHING = Everything()
Path = tuple["str | int | Everything", ...]


def parse_path(text: str) -> Path:
    """Return the steps of a path; `$` at its beginning may be left out.

    Raises `ValueError` with a sentence that says at which character the subset ends: names, indexes
    and `*` are in it; descendants, slices, filters, lists of several and functions are not.

    >>> parse_path("$.people[0]['full name'].tags[*]")
    ('people', 0, 'full name', 'tags', *)
    """
    position = 1 if text.startswith("$") else 0
    steps: list[str | int | Everything] = []
    while position < len(text):
        found = _STEP.match(text, position)
        bare = found is not None and (found["name"] or found["wildcard"]) is not None
        if found is None or bare != (text[position] != "[") or _lacks_dot(text, position, bare):
            raise ValueError(
                sentence(
                    "jsonpath-unsupported",
                    "The JSONPath {path!r} is not supported: at character {at} stands another"
                    " step.",
                    path=text,
                    at=position + 1,
                )
            )
        steps.append(_step(found))
        position = found.end()
    if len(steps) > _MOST_STEPS:
        raise ValueError(
            sentence(
                "jsonpath-long",
                "The JSONPath {path!r} has more than {most} steps.",
                path=text,
                most=_MOST_STEPS,
            )
        )
    return tuple(steps)


def _lacks_dot(text: str, position: int, bare: bool) -> bool:  # noqa: FBT001 (of this module)
    """Tell whether a name stands behind another step, or behind `$`, without its dot."""
    if not bare:
        return False
    return (text[position] == ".") == (position == 0)


def _step(found: re.Match[str]) -> str | int | Everything:
    if found["wildcard"] or found["all"]:
        return EVERYTHING
    if found["index"]:
        return int(found["index"])
    if found["name"]:
        return found["name"]
    quoted = found["double"]
    if quoted is None:
        quoted = found["single"].replace('"', '\\"').replace("\\'", "'")
    return str(json.loads(f'"{quoted}"'))


def normal(path: Path) -> str:
    """Return a path as it is called in messages and in generated code.

    >>> normal(("people", 0, "full name", EVERYTHING))
    "people[0]['full name'][*]"
    """
    text = ""
    for step in path:
        if isinstance(step, str) and _SHORT.fullmatch(step):
            text += f".{step}"
        elif isinstance(step, str):
            text += "['" + step.replace("\\", "\\\\").replace("'", "\\'") + "']"
        else:
            text += f"[{step}]"
    return text.removeprefix(".") or "$"


def select(value: Any, path: Path) -> list[Any]:  # noqa: ANN401 (JSON)
    """Return what a path finds in a JSON value, in its order; nothing where it leads nowhere."""
    found = [value]
    for step in path:
        found = [after for before in found for after in _children(before, step)]
    return found


def _children(value: Any, step: str | int | Everything) -> list[Any]:  # noqa: ANN401 (JSON)
    if isinstance(value, dict):
        if isinstance(step, Everything):
            return list(value.values())
        return [value[step]] if step in value else []
    if isinstance(value, list):
        if isinstance(step, Everything):
            return value
        if isinstance(step, int) and -len(value) <= step < len(value):
            return [value[step]]
    return []
