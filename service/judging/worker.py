"""The process that judges: ``python -m vises.service.judging.worker MEBIBYTES PARENT``.

It seals itself as a query process does, then reads requests from standard input. Each names the
files to judge and a folder; the report is written there.
"""

from __future__ import annotations

import errno
import json
import resource
import sys
import traceback
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat

from vises.errors import VisesError, sentence
from vises.service.judging.errors import JudgingFailed, JudgingMemory
from vises.service.judging.work import Work
from vises.service.judging.written import write_report
from vises.service.pages.labels import LABEL_PROPERTIES
from vises.store.frames import END, READY, answer_stream, error_frame, frame, read_frame
from vises.store.sealing import seal
from vises.validation.documents import judge
from vises.validation.files import vocabulary
from vises.validation.findings import findings
from vises.validation.recursion import sent_shapes
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes
from vises.validation.sources import Document, Sources
from vises.validation.summary import SUMMARY, named, summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyoxigraph import Store

    from vises.service.judging.work import Sent
    from vises.validation.report import Report
    from vises.validation.validator import Validator

MOST_FILE_BYTES = 128 << 20
"""How large a file a process may write."""

MOST_VIOLATIONS = 10_000
"""Where counting stops: the engine keeps about 10 kB for each result."""


def main(mebibytes: int, parent: int) -> None:
    """Answer requests until standard input ends."""
    serve(mebibytes, parent, lambda message: _judge(Work.from_json(message)))


def serve(mebibytes: int, parent: int, do: Callable[[bytes], None]) -> None:
    """Seal the process, and do what each request says until standard input ends."""
    answers = answer_stream()
    answers.write(frame(READY, json.dumps(seal(mebibytes, parent)).encode()))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    while message := read_frame(sys.stdin.buffer):
        answers.write(_answer(do, message[1]))


def _answer(do: Callable[[bytes], None], message: bytes) -> bytes:
    try:
        do(message)
    except VisesError as error:
        return error_frame(error)
    except MemoryError:
        return error_frame(JudgingMemory())
    except OSError as error:
        traceback.print_exception(error)
        return error_frame(_unwritten(error))
    except (RecursionError, RuntimeError, ValueError) as error:
        traceback.print_exception(error)
        return error_frame(JudgingFailed(f"{str(error)[:300].rstrip('.')}."))
    return frame(END)


def _unwritten(error: OSError) -> JudgingFailed:
    if error.errno == errno.EFBIG:
        return JudgingFailed(
            sentence(
                "report-large",
                "The report would have more than {mebibytes} MiB.",
                mebibytes=MOST_FILE_BYTES >> 20,
            ),
            remedy=sentence(
                "report-less", "Shorten the values that the results repeat, or judge less at once."
            ),
        )
    return JudgingFailed(sentence("files-unread", "Files could not be read or written."))


def _judge(work: Work) -> None:
    sources = Sources([_document(sent) for sent in work.documents], work.base_iri)
    if work.shapes:
        report = _sent_shapes(work).validate(sources.triples)
    else:
        around = _vocabulary()
        report = judge(_package(work.profile), {"data": sources.triples}, around)
    _write(work, sources, sources.placed(report))


def _document(sent: Sent) -> Document:
    syntax = RdfFormat.from_media_type(sent.media_type)
    assert syntax is not None
    return Document(sent.name, syntax, Path(sent.path).read_bytes())


def _sent_shapes(work: Work) -> Validator:
    """Compile shapes that were sent. Raises `RdfSyntaxError` and `ShapesError`."""
    shapes = sent_shapes([_document(sent) for sent in work.shapes], work.base_iri)
    names = ", ".join(sent.name for sent in work.shapes)
    return shacl_validator(shapes, names, most_violations=MOST_VIOLATIONS)


@cache
def _package(profile: str) -> Validator:
    return shacl_validator(package_shapes(profile), profile, most_violations=MOST_VIOLATIONS)


@cache
def _vocabulary() -> Store:
    return vocabulary()


def _write(work: Work, sources: Sources, report: Report) -> None:
    """Write the report in each form, and what a page shows of it. Raises `OSError`."""
    folder = Path(work.folder)
    write_report(folder, report, work.forms)
    found = findings(report.results)
    labels = sources.about(named(found), LABEL_PROPERTIES).decode()
    about = {
        "documents": [sent.name for sent in work.documents],
        "shapes": [sent.name for sent in work.shapes],
        "profile": work.profile,
    }
    (folder / SUMMARY).write_text(summary(report.head(), found, labels, about), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
