"""What a file of Eurostat holds, whatever its format: a dataflow, dimensions, observations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from vises.ingest.rules import Refusal

if TYPE_CHECKING:
    from vises.ingest.files import InputFile
    from vises.progress import Progress

AREA, PERIOD = "geo", "TIME_PERIOD"
CODE = re.compile(r"[A-Za-z0-9_.+-]{1,80}")
MOST_DIMENSIONS = 8
"""How many a dataflow may have beside the region and the period."""


class Observation(NamedTuple):
    """One observation: the code of each of `Cube.dimensions`, and what stands beside it.

    `labels` are those of the codes, empty where the file has none.
    """

    codes: Sequence[str]
    labels: Sequence[str]
    area: str
    period: str
    value: str
    flag: str
    confidentiality: str
    action: str


Observations = Iterator[tuple[int, Observation | Refusal]]
Reader = Callable[["InputFile", "Progress"], AbstractContextManager[Observations]]


@dataclass(frozen=True)
class Cube:
    """A dataflow as its file has it.

    `agency`, `flow` and `version` identify it, such as ESTAT, NAMA_10R_2GDP and 1.0; `dimensions`
    are those beside region and period, in the order of their names, so that the order in a file
    decides nothing; `names` are those of dimensions, where the file has them.
    """

    flow: str
    dimensions: tuple[str, ...]
    read: Reader
    title: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    agency: str = "ESTAT"
    version: str = "1.0"

    def urn(self, kind: str, component: str) -> str:
        """Return the SDMX URN of a component of its structure (SDMX 2.1, section 3, annex).

        Eurostat's structures have the identity of their dataflows.
        """
        structure = f"{self.agency}:{self.flow}({self.version})"
        return f"urn:sdmx:org.sdmx.infomodel.datastructure.{kind}={structure}.{component}"
