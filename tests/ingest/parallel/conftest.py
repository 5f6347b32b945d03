"""What the tests of pieces share."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pytest

from vises.errors import VisesError
from vises.ingest.batch import identify, map_input
from vises.ingest.options import IngestOptions
from vises.ingest.parallel.engine import Here, Ticket
from vises.ingest.parallel.triples import join
from vises.ingest.quarantine import Threshold
from vises.ingest.sources import SOURCES
from vises.ingest.sources.sirene.sample import write_sample
from vises.namespaces import VOCABULARY_BASE
from vises.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SMALL = 10**6
"""Numbers in samples are below, so that their sets need not have room for all that there are."""


class Ahead(Here):
    """This process, in the manner of several: tasks are done before those before them are known."""

    ahead = 5
    is_here = False

    def give(self, function: Callable[[Any], Any], task: object) -> Ticket[Any]:
        try:
            result = function(task)
        except VisesError as error:
            raised = error

            def fail() -> None:
                raise raised

            return Ticket(fail)
        return Ticket(lambda: result)


@dataclass(frozen=True)
class Outcome:
    """What came of an input."""

    triples: Sequence[bytes] = ()
    quarantine: str = ""
    files: object = None
    as_of: object = None
    error: str = ""


@dataclass(frozen=True)
class Mapper:
    """Maps files in a folder of its own each time."""

    tmp_path: Path

    def __call__(self, source: str, *files: Path, engine: object = None, **more: object) -> Outcome:
        folder = self.tmp_path / mkdtemp(dir=self.tmp_path)
        options = IngestOptions(
            "d",
            VOCABULARY_BASE,
            "a test",
            folder / "data",
            max_refused=Threshold(share=1),
            **more,  # type: ignore[arg-type]
        )
        work = folder / "work"
        work.mkdir()
        try:
            return self._map(source, files, options, work, engine)
        except VisesError as error:
            return Outcome(error=f"{type(error).__name__}: {error}".replace(str(folder), ""))
        finally:
            shutil.rmtree(folder)

    def _map(
        self,
        source: str,
        files: Sequence[Path],
        options: IngestOptions,
        work: Path,
        engine: object,
    ) -> Outcome:
        given = identify(SOURCES[source], files, options, Silence())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("vises.ingest.keys.NUMBERS", SMALL)
            if engine:
                patch.setattr("vises.ingest.batch._engine", lambda *_: engine)
            parts = work if options.scheduler else None
            made = map_input(given, work, options, Silence(), parts=parts)
        join(made.paths, made.graph, work / "all.nt", Silence())
        return Outcome(
            sorted((work / "all.nt").read_bytes().splitlines()),
            made.quarantine.read_text("utf-8") if made.quarantine else "",
            made.files,
            made.as_of,
        )


@pytest.fixture
def mapped(tmp_path: Path) -> Mapper:
    return Mapper(tmp_path)


@pytest.fixture
def ahead() -> Ahead:
    return Ahead()


@pytest.fixture
def sirene(tmp_path: Path) -> Path:
    """Write units of SIRENE, of which one in ten is spoilt and some come twice."""
    folder = tmp_path / "sample"
    units = write_sample(folder, units=600, dirty=0.1).files[0]
    text = units.read_text("utf-8")
    again = text.splitlines(keepends=True)[5:300:40]
    units.write_text(text + "".join(again), "utf-8", newline="")
    return units
