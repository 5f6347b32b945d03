"""The command that harvests a partner's SPARQL endpoint into a dataset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from vises import console
from vises.cli.common import gate, who
from vises.cli.ingest import Author, show_ingest
from vises.errors import BadInput, Refused
from vises.ingest.harvest.description import read_harvest
from vises.ingest.harvest.pages import Pages, partner_for
from vises.ingest.options import IngestOptions
from vises.ingest.pipeline import ingest_rdf
from vises.settings import Settings
from vises.store.federation.partners import read_partners
from vises.store.releases import ReleaseStore


def harvest(
    description: Annotated[Path, typer.Argument(help="A YAML description, see docs/sources.")],
    dataset: Annotated[str, typer.Option(help="Its graph is graph/DATASET.")],
    *,
    fresh: Annotated[bool, typer.Option(help="Forget the pages that are kept.")] = False,
    author: Author = "",
) -> None:
    """Publish what a partner's SPARQL endpoint says of things, as one dataset.

    The endpoint is one that VISES_PARTNERS lists. It is asked page by page, with pauses, and again
    where it is busy. Pages are kept until they are judged, so a harvest that was interrupted goes
    on where it was. Everything is judged by the shapes and published in one step, or not.

    **Examples**

        VISES_PARTNERS=partners.toml vises harvest members.yml --dataset partner-members
        VISES_PARTNERS=partners.toml vises harvest members.yml --dataset partner-members --fresh
    """
    settings = Settings.from_env(os.environ)
    wanted = read_harvest(description)
    partner = partner_for(wanted.endpoint, read_partners(settings.partners))
    options = IngestOptions(dataset, settings.base_iri, who(author), settings.data)
    pages = Pages(wanted, settings.data)
    if fresh:
        pages.forget()
    with console.Steps() as steps:
        steps.start("harvesting", None)
        fetched = pages.fetch(partner, steps)
        store = ReleaseStore(settings.data)
        try:
            report = ingest_rdf(wanted.description, [fetched], store, gate(), options, steps)
        except (Refused, BadInput):
            pages.close()
            raise
    pages.forget()
    show_ingest(report)
