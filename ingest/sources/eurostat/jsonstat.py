"""JSON-stat 2.0 documents of the class dataset, with dense and sparse values and statuses."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

from vises.errors import sentence
from vises.ingest.rules import Refusal
from vises.ingest.sources.eurostat.cube import (
    AREA,
    MOST_DIMENSIONS,
    Cube,
    Observation,
    Observations,
)
from vises.ingest.sources.eurostat.sdmxcsv import NAME
from vises.ingest.tables.objects import lacks_member, read_document, shape_of
from vises.ingest.tables.table import BadTable
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.errors import Sentence
    from vises.ingest.files import InputFile
    from vises.progress import Progress

TIME = "time"
MOST_CELLS = 1 << 26
"""How many cells a document may have, empty ones too."""


class _OtherClass(Exception):
    """A document is of another class or version, `said`."""

    def __init__(self, said: str) -> None:
        """Keep them."""
        super().__init__(said)
        self.said = said


@dataclass(frozen=True)
class _Dimension:
    """A dimension of the document: its codes in the order of its index, and their labels."""

    id: str
    codes: Sequence[str]
    labels: Mapping[str, str]
    label: str


def read_json_stat(file: InputFile) -> Cube:
    """Return the dataflow of a document. Raises `BadTable` where it is no JSON-stat dataset."""
    document = read_document(file, SILENCE)
    dimensions = _described(file, document)
    area, period = _role(document, dimensions, AREA), _role(document, dimensions, TIME)
    if not area or not period:
        raise _no_dataset(
            file,
            sentence("no-regions-or-time", "It has no dimension of regions, or none of time."),
        )
    others = sorted(d.id for d in dimensions if d.id not in {area, period})
    wrong = [each for each in others if not NAME.fullmatch(each)]
    if wrong or len(others) > MOST_DIMENSIONS:
        what = sentence(
            "dimensions-are",
            "Its dimensions have other names than are taken, or are too many: {names}.",
            names=", ".join(others)[:200],
        )
        raise _no_dataset(file, what)
    extension = document.get("extension")
    identifier = extension.get("id", "") if isinstance(extension, dict) else ""
    flow = identifier if isinstance(identifier, str) and NAME.fullmatch(identifier) else file.stem
    title = document.get("label", "")
    return Cube(
        flow.upper(),
        tuple(others),
        partial(_opened, area, period, tuple(others)),
        title=title if isinstance(title, str) else "",
        names={d.id: d.label for d in dimensions},
    )


def _described(file: InputFile, document: Any) -> list[_Dimension]:  # noqa: ANN401 (JSON)
    """Return the dimensions of a document. Raises `BadTable` where it does not describe them."""
    if not isinstance(document, dict):
        raise _no_dataset(file, shape_of(document))
    if "error" in document:
        raise _no_dataset(
            file, sentence("answered-error", "It is an error that the service answered with.")
        )
    try:
        return _dimensions(document)
    except _OtherClass as error:
        what = sentence(
            "other-class",
            "Its class and version are {said}, not dataset and 2.0.",
            said=error.said[:100],
        )
        raise _no_dataset(file, what) from None
    except KeyError as error:
        raise _no_dataset(file, lacks_member(error)) from None
    except (TypeError, ValueError, AttributeError, IndexError):
        raise _no_dataset(
            file,
            sentence("sizes-unfit", "Its id, size and dimension do not fit together."),
        ) from None


def _dimensions(document: Any) -> list[_Dimension]:  # noqa: ANN401 (JSON)
    """Return the dimensions in the order of `id`; their sizes are those of `size`."""
    if (document["class"], document["version"]) != ("dataset", "2.0"):
        raise _OtherClass(f"{document['class']}, {document['version']}")
    found = []
    for identifier, size in zip(document["id"], document["size"], strict=True):
        described = document["dimension"][identifier]
        category = described["category"]
        labels = category.get("label", {})
        index = category.get("index", list(labels))
        codes = (
            sorted(index, key=lambda code: int(index[code])) if isinstance(index, dict) else index
        )
        if len(codes) != int(size) or len(set(codes)) != len(codes):
            raise ValueError(f"size of {identifier}")
        label = described.get("label", "")
        found.append(
            _Dimension(identifier, codes, {k: str(v) for k, v in labels.items()}, str(label))
        )
    if not 0 < prod(len(d.codes) for d in found) <= MOST_CELLS:
        raise ValueError("size")
    return found


def _role(document: Any, dimensions: Sequence[_Dimension], role: str) -> str:  # noqa: ANN401 (JSON)
    """Return the dimension that plays a role: the one named so, else the one that `role` gives."""
    names = [d.id for d in dimensions]
    if role in names:
        return role
    roles = document.get("role")
    listed = roles.get(role) if isinstance(roles, dict) else None
    return next((each for each in listed or () if each in names), "")


@contextmanager
def _opened(
    area: str, period: str, others: Sequence[str], file: InputFile, progress: Progress
) -> Iterator[Observations]:
    document = read_document(file, progress)
    dimensions = _dimensions(document)
    count = prod(len(d.codes) for d in dimensions)
    values = _by_cell(file, document.get("value"), count, "value")
    statuses = document.get("status")
    if isinstance(statuses, str):
        statuses = dict.fromkeys(map(str, values), statuses)
    flags = _by_cell(file, statuses or {}, count, "status")
    yield _rows(dimensions, (area, period, others), values, flags)


def _by_cell(file: InputFile, given: object, count: int, what: str) -> dict[int, object]:
    """Return what stands in each cell that has something, by its number from 0.

    Raises `BadTable` where there are more or fewer cells than the sizes of the dimensions allow.
    """
    if isinstance(given, list):
        if len(given) != count:
            wrong = sentence(
                "entries-unfit",
                "The member {member} has {found} entries in place of {count}.",
                member=what,
                found=len(given),
                count=count,
            )
            raise _no_dataset(file, wrong)
        return {number: each for number, each in enumerate(given) if each is not None}
    if not isinstance(given, dict):
        raise _no_dataset(
            file,
            sentence(
                "no-list-no-object",
                "The member {member} is neither a list nor an object.",
                member=what,
            ),
        )
    cells = {}
    for key, each in given.items():
        if not (key.isascii() and key.isdecimal()) or int(key) >= count:
            wrong = sentence(
                "cell-beyond",
                "The member {member} has the cell {cell!r}, and there are {count}.",
                member=what,
                cell=key[:40],
                count=count,
            )
            raise _no_dataset(file, wrong)
        if each is not None:
            cells[int(key)] = each
    return cells


def _rows(
    dimensions: Sequence[_Dimension],
    roles: tuple[str, str, Sequence[str]],
    values: Mapping[int, object],
    flags: Mapping[int, object],
) -> Observations:
    area, period, others = roles
    labels = {each.id: each.labels for each in dimensions}
    for number in sorted(values.keys() | flags.keys()):
        value, flag = values.get(number, ""), flags.get(number, "")
        if not isinstance(value, str) or not isinstance(flag, str):
            yield number + 1, Refusal("json", "value", "", "")
            continue
        codes = {}
        rest = number
        for dimension in reversed(dimensions):
            rest, position = divmod(rest, len(dimension.codes))
            codes[dimension.id] = dimension.codes[position]
        yield (
            number + 1,
            Observation(
                [codes[name] for name in others],
                [labels[name].get(codes[name], "") for name in others],
                codes[area],
                codes[period],
                value,
                flag,
                confidentiality="",
                action="",
            ),
        )


def _no_dataset(file: InputFile, why: Sentence) -> BadTable:
    return BadTable(
        why,
        place=file.place,
        remedy=sentence(
            "download-json-stat",
            "Download it again as a dataset of JSON-stat 2.0; a collection is given one dataset at"
            " a time.",
        ),
    )
