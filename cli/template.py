"""The commands that write what others fill in: a workbook for impact, a description of a table."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import Literal, NamedNode

from vises import console
from vises.cli.common import Language
from vises.cli.output import new_file
from vises.errors import BadRequest
from vises.ingest.sources.impact.template import write_template
from vises.ingest.sources.table.template import template as table_template
from vises.namespaces import Iris, term
from vises.settings import Settings
from vises.store.releases import ReleaseStore

app = typer.Typer(
    help="Write a workbook or a description to fill in, for `vises ingest`.", no_args_is_help=True
)


@app.command()
def impact(
    output: Annotated[Path, typer.Argument(help="The workbook to write.")] = Path("impact.xlsx"),
    *,
    language: Annotated[Language, typer.Option(help="Of headers, lists and help.")] = Language.fr,
) -> None:
    """Write the workbook in which enterprises report results and accounts.

    It has lists to choose from and an example row, which is never published. The indicators to
    choose from are those of the current release. Filled in, it goes to `vises ingest impact`.

    **Examples**

        vises template impact
        vises template impact impact-nl.xlsx --language nl
    """
    if output.suffix.lower() != ".xlsx":
        raise BadRequest(
            f"{output.name!r} is not the name of a workbook.",
            place=str(output),
            remedy="End the name in .xlsx.",
        )
    settings = Settings.from_env(os.environ)
    workbook = io.BytesIO()
    write_template(workbook, language, _indicators(settings, language))
    _write(output, workbook.getvalue())


@app.command()
def table(
    file: Annotated[Path, typer.Argument(help="The table, CSV or Excel.")],
    output: Annotated[
        Path | None, typer.Option(help="Where to write it.", show_default="standard output")
    ] = None,
) -> None:
    """Write a description of a statistical table, for `vises ingest table`.

    The header is looked for, and what its names tell is filled in; the rest stands in capitals.

    **Examples**

        vises template table emplois.xlsx --output emplois.yml
        vises ingest table emplois.yml emplois.xlsx
    """
    text = table_template(file)
    if output is None:
        sys.stdout.write(text)
    else:
        _write(output, text.encode())


def _write(path: Path, data: bytes) -> None:
    """Write a new file. Raises as `new_file`."""
    with new_file(path) as stream:
        stream.write(data)
    console.say(f"Written: {path}")


def _indicators(settings: Settings, language: str) -> list[tuple[str, str]]:
    """Return the indicators of the current release with their labels, in the order of names."""
    store = ReleaseStore(settings.data)
    release = store.current()
    if release is None:
        return []
    prefix = Iris(settings.base_iri).of("indicator/").value
    found: dict[str, str] = {}
    with store.open(release.id) as opened:
        for quad in opened.quads_for_pattern(None, term("rdf:type"), term("vises:Indicator")):
            node = quad.subject
            if not isinstance(node, NamedNode) or not node.value.startswith(prefix):
                continue
            name = node.value.removeprefix(prefix)
            labels = opened.quads_for_pattern(node, term("skos:prefLabel"), None)
            texts = (each.object for each in labels if isinstance(each.object, Literal))
            by_language = {text.language: text.value for text in texts}
            found[name] = by_language.get(language) or name
    return sorted(found.items())
