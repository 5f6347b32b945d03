"""What the scripts of the query page are told: their files, their words, their bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.namespaces import VOCABULARY_BASE
from vises.service.assets import STATIC, asset
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.service.language import language
from vises.service.sparql.sharing import SNIPPETS
from vises.service.texts import texts

if TYPE_CHECKING:
    from starlette.requests import Request

EDITOR_FILES = ("vendor/yasgui.min.js", "vendor/yasgui.min.css")
LATER_FILES = (
    "vendor/chart.umd.min.js",
    "vendor/leaflet.js",
    "vendor/leaflet.css",
    "vendor/wkt.esm.js",
)
"""What is fetched only when a chart or a map is drawn."""

MOST_BYTES = 20_000_000
"""How large an answer the scripts take into the page; docs/architecture.md has the measurement."""

TEXTS = (
    "query.running",
    "query.results",
    "query.rows",
    "query.download",
    "query.stopped",
    "query.unreachable",
    "query.too-large",
    "query.plainly",
    "value.yes",
    "value.no",
    "problem.position",
    "problem.place",
    "problem.remedy",
    "share.title",
    "share.link",
    "share.copy",
    "share.copied",
    "view.table",
    "view.pivot",
    "view.chart",
    "view.map",
    "view.response",
    "view.save",
    "view.rows",
    "view.columns",
    "view.none",
    "view.values",
    "view.number-of-rows",
    "view.how",
    "view.sum",
    "view.mean",
    "view.min",
    "view.max",
    "view.total",
    "view.empty",
    "view.series",
    "view.kind",
    "view.bars",
    "view.line",
    "view.picture",
    "view.too-many",
    "view.region",
    "view.level",
    "view.schematic",
    "view.not-placed",
    "view.other-levels",
    "view.combined",
    "view.no-rows",
    "view.geometry-note",
    "view.unread",
    "table.filter",
    "table.page-size",
    "table.all",
    "table.simple",
    "table.shorten",
    "table.info",
    "table.info-empty",
    "table.info-filtered",
    "table.none",
    "table.sort",
)
"""What the scripts say, in the language of the page."""


def script_settings(request: Request, base_iri: str) -> dict[str, object]:
    """Return what the scripts need to know, as JSON can hold it.

    `files` are the addresses of those of `LATER_FILES` that are set up; `tables` and `graphs` name
    the formats of the downloads.
    """
    words = texts(language(request))
    return {
        "language": words.language,
        "bases": list(dict.fromkeys((base_iri, VOCABULARY_BASE))),
        "mostBytes": MOST_BYTES,
        "snippets": SNIPPETS,
        "files": {f.partition("/")[2]: asset(f) for f in LATER_FILES if (STATIC / f).exists()},
        "tables": {form: words(f"form.{form}") for form in RESULT_TYPES},
        "graphs": {form: words(f"form.{form}") for form in GRAPH_TYPES},
        "texts": {key: words.find(key) for key in TEXTS},
    }
