"""The sources, by the name that the command line knows them by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vises.ingest.source import Source
from vises.ingest.sources.figures import FIGURES
from vises.ingest.sources.impact import IMPACT
from vises.ingest.sources.kbo import KBO
from vises.ingest.sources.sirene import SIRENE

SOURCES: Mapping[str, Source] = MappingProxyType({s.name: s for s in (SIRENE, KBO, FIGURES, IMPACT)})
