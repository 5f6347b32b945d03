"""The queries of bounded sections ask for one more than the page shows."""

from __future__ import annotations

import re

import pytest

from vises.service.graph import page_query
from vises.service.pages.kinds.dataset import batches, contents
from vises.service.pages.kinds.dataset import page as dataset
from vises.service.pages.kinds.enterprise import figures
from vises.service.pages.kinds.enterprise import gathering as enterprise
from vises.service.pages.kinds.indicator import index, spread
from vises.service.pages.kinds.indicator import page as indicator
from vises.service.pages.kinds.source import page as source


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("enterprise-claims", enterprise.MOST_CLAIMS),
        ("enterprise-results", enterprise.MOST_RESULTS),
        ("enterprise-accounts", enterprise.MOST_ACCOUNTS),
        ("enterprise-trials", enterprise.MOST_TRIALS),
        ("enterprise-memberships", enterprise.MOST_MEMBERSHIPS),
        ("enterprise-neighbours", enterprise.MOST_NEIGHBOURS),
        ("trial-parts", enterprise.MOST_PARTS),
        ("figures-around", figures.MOST_FIGURES),
        ("figures-of-sectors", figures.MOST_FIGURES),
        ("region-perimeters", enterprise.MOST_PERIMETERS),
        ("indicator-results", indicator.MOST_RESULTS),
        ("indicator-values", spread.MOST_VALUES),
        ("indicators", index.MOST_INDICATORS),
        ("dataset-activities", batches.MOST_BATCHES),
        ("dataset-warnings", dataset.MOST_WARNINGS),
        ("dataset-sample", contents.MOST_EXAMPLES),
        ("publication-figures", source.MOST_FIGURES),
        ("publication-claims", source.MOST_CLAIMS),
        ("publication-contradictions", source.MOST_PAIRS),
    ],
)
def test_the_limit_of_a_query_tells_whether_there_is_more(query: str, most: int) -> None:
    assert re.findall(r"^LIMIT (\d+)$", page_query(query), re.MULTILINE) == [str(most + 1)]
