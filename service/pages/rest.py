"""Links to the whole of what a page shows a part of: its own query, without the limit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from vises.service.graph import page_query, with_resources

if TYPE_CHECKING:
    from pyoxigraph import NamedNode

_LIMIT = re.compile(r"^LIMIT [0-9]+\n", re.MULTILINE)


def rest(query: str, iri: NamedNode) -> str:
    """Return the address of the query page with a query of queries/pages for one resource."""
    text = with_resources(_LIMIT.sub("", page_query(query)), [iri])
    return "/sparql?" + urlencode({"query": text})
