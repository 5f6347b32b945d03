"""A client of the service for Python: queries, questions and lists into pandas, Polars or Arrow.

    from vises.client import Client

    with Client("https://vises.example") as vises:
        figures = vises.question("S1", area="nuts:FRE").pandas()

docs/client.md tells the rest.
"""

from __future__ import annotations

from vises.client.client import Client
from vises.client.errors import LibraryMissing, ServiceProblem, Unreachable
from vises.client.table import Table

__all__ = ["Client", "LibraryMissing", "ServiceProblem", "Table", "Unreachable"]
