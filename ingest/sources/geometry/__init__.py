"""The shapes of NUTS regions, from GeoJSON or TopoJSON in the layouts of Eurostat."""

from __future__ import annotations

from pathlib import Path

from vises.ingest.contract import Row, load_contract
from vises.ingest.provenance import DatasetDescription
from vises.ingest.sessions import RowByRow
from vises.ingest.source import OutOfScope, Part, Reading, Source

HERE = Path(__file__).parent
REGIONS = Part(
    "regions",
    r"nuts_rg.*|.*nuts.*|\d+",
    load_contract(HERE / "regions.schema.json"),
    ("id", "geometry"),
)
UNKNOWN = OutOfScope("a region that the code list of NUTS does not have")


class GeometrySession(RowByRow):
    """One reading of a file of shapes."""

    def __init__(self, reading: Reading) -> None:
        """Need the code list of NUTS."""
        super().__init__({REGIONS.name: self._region}, reading)
        self._codes = reading.codes.notations["nuts"]

    def _region(self, row: Row) -> Row | OutOfScope:
        return row if row[0] in self._codes else UNKNOWN


GEOMETRY = Source(
    name="geometry",
    description=DatasetDescription(
        title={
            "fr": "Géométrie des régions NUTS",
            "nl": "Geometrie van de NUTS-regio's",
            "en": "Geometry of the NUTS regions",
        },
        description={
            "fr": "Limites généralisées des régions statistiques. © EuroGeographics pour les"
            " limites administratives.",
            "nl": "Gegeneraliseerde grenzen van de statistische regio's. © EuroGeographics voor de"
            " administratieve grenzen.",
            "en": "Generalised boundaries of the statistical regions. © EuroGeographics for the"
            " administrative boundaries.",
        },
        publisher="organisation/eurostat",
        spatial=("FR", "BE"),
        themes=("REGI",),
    ),
    parts=(REGIONS,),
    mapping=HERE / "mapping.ttl",
    begin=GeometrySession,
)
