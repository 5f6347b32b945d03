"""The sources, by the name that the command line knows them by."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from vises.ingest.sources.ess_france import ESS_FRANCE
from vises.ingest.sources.eurostat import EUROSTAT
from vises.ingest.sources.figures import FIGURES
from vises.ingest.sources.geometry import GEOMETRY
from vises.ingest.sources.identity import IDENTITY
from vises.ingest.sources.impact import IMPACT
from vises.ingest.sources.kbo import KBO
from vises.ingest.sources.mapped import MAPPED
from vises.ingest.sources.sirene import SIRENE
from vises.ingest.sources.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.ingest.source import Source

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        s.name: s
        for s in (
            *(SIRENE, ESS_FRANCE, KBO, FIGURES, TABLE, EUROSTAT, IMPACT),
            *(IDENTITY, GEOMETRY, MAPPED),
        )
    }
)
