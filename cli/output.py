"""What commands write where the user says: reports in the form of their name, files in folders."""

from __future__ import annotations

import os
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from vises.errors import BadRequest, Unavailable
from vises.service.judging.alone import alone
from vises.service.judging.written import in_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from vises.validation.report import Report

_FORMS: dict[str, Callable[[Report], Iterable[bytes]]] = {
    ".html": lambda report: [alone(report, "en").encode()],
    ".json": lambda report: map(str.encode, chain(report.json(), "\n")),
    ".jsonld": lambda report: in_form(report.turtle(), "application/ld+json"),
    ".ttl": lambda report: report.turtle(),
}


def demand_form(path: Path) -> None:
    """Raise `BadRequest` where the name of a file tells no form of a report.

    Raises `Unavailable` where it cannot be written: a report comes when everything else is done.
    """
    if path.suffix not in _FORMS:
        raise BadRequest(
            f"{path.name!r} does not say how to write the report.",
            place="--report",
            remedy=f"End the name in one of {', '.join(_FORMS)}.",
        )
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise _unwritable(path, "No file of this name can be written")


def demand_folder(path: Path) -> None:
    """Raise `BadRequest` where a folder to write into is a file, or would lie in one.

    Raises `Unavailable` where that cannot be told.
    """
    for each in (path, *path.parents):
        try:
            is_file = each.exists() and not each.is_dir()
        except OSError as error:
            raise _unwritable(path, f"{error.strerror}") from None
        if is_file:
            raise BadRequest(
                "There is a file of this name.",
                place=str(each),
                remedy="Name a folder; one that is not there yet is made.",
            )


@contextmanager
def writable(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written. Raises `Unavailable` where that cannot be."""
    with _explained(path), path.open("wb") as file:
        yield file


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is not there yet; half of one does not stay. A device or a pipe may be.

    Raises `BadRequest` where there is one, and `Unavailable` where none can be written.
    """
    if path.exists() and not path.is_file():
        with writable(path) as file:
            yield file
        return
    with _explained(path):
        try:
            file = path.open("xb")
        except FileExistsError:
            raise BadRequest(
                "There is a file of that name, and somebody may have filled it in.",
                place=str(path),
                remedy="Give another name, or remove it first.",
            ) from None
        try:
            with file:
                yield file
        except BaseException:  # half a file is of no use
            path.unlink(missing_ok=True)
            raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None


def _unwritable(path: Path, why: str) -> Unavailable:
    return Unavailable(f"{why}.", place=str(path), remedy="Name a file that you may write.")


def write_report(path: Path, report: Report) -> None:
    """Write a report. Raises `Unavailable` where the file cannot be written."""
    with writable(path) as file:
        file.writelines(_FORMS[path.suffix](report))
