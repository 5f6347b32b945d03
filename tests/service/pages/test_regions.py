"""The pages of regions: what is set side by side, what is joined, and what is left out."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode

from tests.background import until
from tests.service.pages.conftest import CEASED
from vises.namespaces import term
from vises.service.graph import page_query
from vises.service.iris import Addresses
from vises.service.pages.home import LISTS
from vises.service.pages.labels import Labels
from vises.service.pages.mentions import Speaker
from vises.service.pages.outline import Outline as ShapesOutline
from vises.service.pages.regions.atlas import Atlas
from vises.service.pages.regions.breaks import read_breaks
from vises.service.pages.regions.comparison import (
    Shared,
    Side,
    compare,
    comparison_chart,
    per_head,
)
from vises.service.pages.regions.disagreement import (
    CONTRADICTION,
    PERIMETERS,
    REVISION,
    disagreements,
)
from vises.service.pages.regions.enterprises import EnterpriseCounts
from vises.service.pages.regions.figures import Figure, People, read_figures, read_people
from vises.service.pages.regions.gathering import MOST_EMPTY
from vises.service.pages.regions.layout import NO_REGION, layout
from vises.service.pages.regions.overview import figure_page
from vises.service.pages.regions.series import parts_charts
from vises.service.texts import texts

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 80_000
NUTS = "https://w3id.org/vises/code/nuts/"
JOBS = term("vises:jobCount").value
SPEAKER = Speaker(
    texts("en"), Labels("en", {}), ShapesOutline({}), Addresses("https://data.example/")
)


def figure(  # noqa: PLR0913
    name: str,
    period: str = "2018",
    value: int = 1,
    *,
    perimeter: str = "p",
    publication: str = "x",
    revises: str | None = None,
    revision: str | None = None,
    family: str | None = None,
    sector: str | None = None,
    derived: bool = False,
    fictitious: bool = False,
) -> Figure:
    return Figure(
        iri=name,
        area="area",
        period=period,
        measure=JOBS,
        perimeter=perimeter,
        publication=publication,
        family=family,
        sector=sector,
        value=Decimal(value),
        literal=Literal(value),
        unit=None,
        unsettled=None,
        notes=(),
        derived=derived,
        revises=revises,
        revision=revision,
        fictitious=fictitious,
    )


def atlas(*triples: tuple[str, str, str]) -> Atlas:
    texts, rows = {"skos:notation", "vises:nutsVintage"}, []
    for subject, prop, value in triples:
        node = Literal(value) if prop in texts else NamedNode(NUTS + value)
        rows.append({"region": NamedNode(NUTS + subject), "property": term(prop), "value": node})
    return Atlas.read(rows)


def region(code: str, *others: tuple[str, str]) -> list[tuple[str, str, str]]:
    return [(code, "skos:notation", code), *((code, prop, value) for prop, value in others)]


class Outline(HTMLParser):
    """The headings, links and ids of a page; what HTML and ARIA forbid fails at once."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.selected = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        held = dict(attributes)
        assert "style" not in held
        assert tag != "span" or "role" in held or "aria-label" not in held
        assert tag != "time" or not re.search(r"\.\d{4}", held["datetime"] or "")
        self.selected = 0 if tag == "select" else self.selected + ("selected" in held)
        assert self.selected <= 1
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if held.get("id"):
            self.ids.append(held["id"] or "")
        if (held.get("href") or "").startswith("#"):
            self.targets.append((held["href"] or "")[1:])


def assert_sound(text: str, least: int = 1) -> None:
    """Assert that headings skip no level, ids are unique and links within the page lead there."""
    found = Outline(text)
    assert found.levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(found.levels, found.levels[1:], strict=False))
    assert len(found.ids) == len(set(found.ids))
    assert set(found.targets) - {"compare"} <= set(found.ids)
    assert len(found.levels) >= least


def test_a_code_that_was_renamed_is_the_same_region() -> None:
    found = atlas(
        *region("FRE1"),
        *region("FR3", ("dcterms:isReplacedBy", "FRE1")),
        *region("FR30", ("dcterms:isReplacedBy", "FRE1"), ("skos:broader", "FR3")),
    )
    assert set(found.same(NUTS + "FR30")) == {NUTS + "FR30", NUTS + "FR3", NUTS + "FRE1"}
    assert found.same(NUTS + "FRE1")[0] == NUTS + "FRE1"


def test_a_merger_and_a_split_are_not_the_same_region() -> None:
    merged = atlas(
        *region("A1"),
        *region("B1", ("dcterms:isReplacedBy", "A1")),
        *region("B2", ("dcterms:isReplacedBy", "A1")),
    )
    assert merged.same(NUTS + "B1") == [NUTS + "B1"]
    assert merged.same(NUTS + "A1") == [NUTS + "A1"]
    split = atlas(
        *region("A1"),
        *region("A2"),
        *region("B1", ("dcterms:isReplacedBy", "A1"), ("dcterms:isReplacedBy", "A2")),
    )
    assert split.same(NUTS + "B1") == [NUTS + "B1"]


def test_circles_end() -> None:
    found = atlas(
        *region("A1", ("skos:broader", "B1"), ("dcterms:isReplacedBy", "B1")),
        *region("B1", ("skos:broader", "A1"), ("dcterms:isReplacedBy", "A1")),
    )
    assert found.above(NUTS + "A1") == [NUTS + "B1"]
    assert set(found.below(NUTS + "A1")) == {NUTS + "A1", NUTS + "B1"}
    assert set(found.same(NUTS + "A1")) == {NUTS + "A1", NUTS + "B1"}


def test_neighbours_across_the_border_are_of_the_same_level() -> None:
    assert layout().across
    for code, others in layout().across.items():
        assert {len(other) for other in others} == {len(code)}
        assert all((other[:2] == "BE") != (code[:2] == "BE") for other in others)


def test_what_does_not_touch_the_border_has_the_neighbours_of_its_whole() -> None:
    found = atlas(
        *region("FRE1"),
        *region("FRE12", ("skos:broader", "FRE1")),
        *region("BE32"),
        *region("BE25"),
    )
    assert [r.code for r in found.across(NUTS + "FRE12")] == ["BE25", "BE32"]


def test_every_place_of_the_map_is_a_region_of_the_lists(visitor: httpx.Client) -> None:
    page = visitor.get("/regions").text
    codes = {c for rows in layout().rows.values() for row in rows for c in row if c != "."}
    assert {c for c in codes if f">{c}</span>" not in page} == set()


def test_why_figures_differ() -> None:
    revised = [figure("a", value=1, revision="b"), figure("b", value=2, revises="a")]
    assert [d.why for d in disagreements(revised)] == [REVISION]
    rivals = [figure("a", value=1), figure("b", value=2, publication="y")]
    assert [d.why for d in disagreements(rivals)] == [CONTRADICTION]
    others = [figure("a", value=1), figure("b", value=2, perimeter="q")]
    assert [d.why for d in disagreements(others)] == [PERIMETERS]
    assert disagreements([figure("a"), figure("b", publication="y")]) == []
    assert disagreements([figure("a", value=1), figure("b", value=2, derived=True)]) == []
    assert disagreements([figure("a", value=1), figure("b", value=2, family="family")]) == []


def test_families_sectors_and_the_sectors_of_a_family_are_pictures_of_their_own() -> None:
    found = [
        *(figure(f"f{n}", family=f"family-{n}") for n in range(2)),
        *(figure(f"s{n}", sector=f"sector-{n}") for n in range(2)),
        *(figure(f"b{n}", family="family-0", sector=f"sector-{n}") for n in range(2)),
        figure("alone", family="family-1", sector="sector-1"),
    ]
    assert [(c.title, [b.label for b in c.bars]) for c in parts_charts(found, {}, SPEAKER)] == [
        ("p, 2018", ["family-0", "family-1"]),
        ("p, 2018", ["sector-0", "sector-1"]),
        ("p, family-0, 2018", ["sector-0", "sector-1"]),
    ]


def test_a_bar_whose_number_is_in_that_of_another_says_so() -> None:
    sectors = ("Q", "88", "88.1", "Z")
    found = [figure(s, sector=s, value=9 - n) for n, s in enumerate(sectors)]
    above = {"88": {"Q", "not drawn"}, "88.1": {"88", "Q", "not drawn"}, "Z": {"not drawn"}}
    (chart,) = parts_charts(found, above, SPEAKER)
    labels = ["Q", "88 (part of: Q)", "88.1 (part of: 88)", "Z"]
    assert [bar.label for bar in chart.bars] == labels


def test_a_picture_of_what_is_made_up_says_so() -> None:
    found = [figure(f"f{n}", family=f"family-{n}", fictitious=True) for n in range(2)]
    assert [chart.title for chart in parts_charts(found, {}, SPEAKER)] == ["p, 2018 (fictitious)"]
    real, invented = figure("a"), figure("b", fictitious=True)
    for one, title in ((real, "p"), (invented, "p (fictitious)")):
        chart = comparison_chart(JOBS, Shared("p", [("2018", real, one)]), ("A", "B"), SPEAKER)
        assert chart.title == title


def test_only_one_perimeter_is_compared() -> None:
    ours = [figure("a", "2018", perimeter="p"), figure("b", "2019", perimeter="p")]
    theirs = [figure("c", "2018", perimeter="p"), figure("d", "2019", perimeter="q")]
    (found,) = compare(Side(ours), Side(theirs))
    assert [(s.perimeter, list(s.periods)) for s in found.shared] == [("p", ["2018"])]
    (apart,) = compare(Side(ours), Side([figure("d", "2019", perimeter="q")]))
    assert apart.shared == ()
    assert apart.apart is not None
    assert not apart.apart.same_perimeter
    (years,) = compare(Side(ours), Side([figure("e", "2001", perimeter="p")]))
    assert years.apart is not None
    assert years.apart.same_perimeter
    assert compare(Side(ours), Side([])) == []


def test_revised_figures_are_not_compared() -> None:
    ours = [figure("a", value=1, revision="b"), figure("b", value=2, revises="a")]
    (found,) = compare(Side(ours), Side([figure("c")]))
    assert [one.iri for _, one, _ in found.shared[0].years] == ["b"]


def test_a_year_with_contradicting_figures_is_compared_with_each() -> None:
    ours = [
        figure("a", value=1),
        figure("b", value=2, publication="rival"),
        figure("same", value=2, publication="another"),
    ]
    (found,) = compare(Side(ours), Side([figure("c")]))
    assert [(one.iri, other.iri) for _, one, other in found.shared[0].years] == [
        ("a", "c"),
        ("b", "c"),
    ]


def test_jobs_are_divided_by_the_inhabitants_of_the_same_year() -> None:
    people = [People("i", "area", "2018", 300_000, "census", None)]
    (found,) = per_head([figure("a", "2018", 6000), figure("b", "2017", 1)], people)
    assert (found.figure.iri, found.value) == ("a", 2000)


def test_jobs_for_inhabitants_are_told_of_each_publication_that_contradicts() -> None:
    people = [People("i", "area", year, 300_000, "census", None) for year in ("2018", "2017")]
    figures = [
        figure("a", "2018", 6000),
        figure("b", "2018", 9000, publication="rival"),
        figure("c", "2017", 3000, publication="rival"),
        figure("d", "2018", 6000, publication="another"),
    ]
    found = [(share.figure.iri, share.value) for share in per_head(figures, people)]
    assert found == [("a", 2000), ("b", 3000)]


def test_jobs_are_divided_by_the_inhabitants_of_each_publication_that_contradicts() -> None:
    people = [
        People("i", "area", "2018", 300_000, "census", None),
        People("j", "area", "2018", 200_000, "rival", "provisional"),
        People("k", "area", "2018", 300_000, "another", None),
    ]
    found = [(h.people.iri, h.value) for h in per_head([figure("a", "2018", 6000)], people)]
    assert found == [("i", 2000), ("j", 3000)]


def test_a_half_is_rounded_as_question_s9_rounds_it() -> None:
    people = [People("i", "area", "2018", 200_000, "census", None)]
    assert [h.value for h in per_head([figure("a", "2018", 5)], people)] == [3]


def test_inhabitants_with_several_statuses_are_told_once() -> None:
    row = {
        "figure": NamedNode("https://x.example/f"),
        "resource": NamedNode(NUTS + "FRE"),
        "period": Literal("2018", datatype=term("xsd:gYear")),
        "population": Literal(300_000),
        "publication": NamedNode("https://x.example/p"),
    }
    statuses = [term(f"sdmx-code:obsStatus-{code}") for code in ("B", "P", "A")]
    found = read_people([{**row, "status": status} for status in statuses])
    assert [p.unsettled for p in found] == ["provisional"]
    assert [p.unsettled for p in read_people([row])] == [None]


@pytest.mark.parametrize("value", ["abc", "INF", "NaN", "", "1e999999999999", "-"])
def test_what_is_no_number_is_no_figure(value: str) -> None:
    node = NamedNode("https://x.example/y")
    keys = ("figure", "resource", "measure", "perimeter", "publication")
    row = dict.fromkeys(keys, node) | {"period": Literal("2018"), "value": Literal(value)}
    found = read_figures([row])
    assert all(f.value.is_finite() for f in found)
    assert read_figures([{**row, "value": node}]) == []


@pytest.mark.parametrize(
    ("language", "text"), [("nl", "eind 2021"), ("fr", "end of 2021"), ("en", "end of 2021")]
)
def test_a_note_is_told_in_the_language_that_it_has(language: str, text: str) -> None:
    node = NamedNode("https://x.example/y")
    keys = ("figure", "resource", "measure", "perimeter", "publication")
    row = dict.fromkeys(keys, node) | {"period": Literal("2018"), "value": Literal("1")}
    said = [Literal("end of 2021", language="en"), Literal("eind 2021", language="nl")]
    (found,) = read_figures([row], [{"figure": node, "note": note} for note in said])
    name = found.note(language)
    assert name
    assert name.text == text


def test_a_break_without_a_year_is_none() -> None:
    rows = [
        {"resource": NamedNode("x:b"), "property": term("vises:breaksFrom"), "value": v}
        for v in (Literal("soon"), NamedNode("x:y"))
    ]
    assert read_breaks(rows) == []


def test_no_column_of_a_map_is_empty() -> None:
    for level, rows in layout().rows.items():
        for column in range(layout().columns(level)):
            assert any(len(row) > column and row[column] != NO_REGION for row in rows)


def test_counts_of_several_codes_add_up() -> None:
    counts = EnterpriseCounts({"x:a": {"x:f": 2, "": 1}, "x:b": {"x:f": 3}})
    assert counts.within(["x:a", "x:b", "x:c"]) == {"x:f": 5, "": 1}


@pytest.mark.parametrize("code", ["FRE", "BE3", "FR30", "FRE12", "BE", "FRF", "FRE11"])
def test_pages_are_sound_and_small(visitor: httpx.Client, code: str) -> None:
    page = visitor.get(f"/code/nuts/{code}")
    assert page.status_code == 200
    assert_sound(page.text, 5)
    assert len(page.content) < MOST_BYTES


def test_the_line_of_a_series_does_not_cross_its_break(visitor: httpx.Client) -> None:
    page = visitor.get("/code/nuts/FRE").text
    picture = re.search(r'<svg[^>]*class="picture".*?</svg>', page, re.DOTALL)
    assert picture
    assert len(re.findall(r'class="line nofill"', picture[0])) == 2
    assert 'class="break"' in picture[0]
    assert "Another survey counts." in page
    assert "Break in the series from 2017 on:" in page


def test_an_empty_cell_of_a_sector_names_it(visitor: httpx.Client) -> None:
    page = visitor.get("/code/nuts/FRE").text
    (cell,) = re.findall(r"<li>2018, .*?</li>", page)
    told = re.sub("<[^>]*>", "", cell)
    assert "Mutual society, Social work activities without accommodation 88: Fewer" in told


def test_an_empty_cell_of_all_sectors_names_none(visitor: httpx.Client) -> None:
    page = visitor.get("/code/nuts/BE1").text
    (cell,) = re.findall(r"<li>2018, .*?</li>", page)
    assert "Mutual society: Fewer" in re.sub("<[^>]*>", "", cell)


def test_an_empty_cell_that_is_made_up_says_so(visitor: httpx.Client) -> None:
    (invented,) = re.findall(r"<li>2018, .*?</li>", visitor.get("/code/nuts/BE1").text)
    (real,) = re.findall(r"<li>2018, .*?</li>", visitor.get("/code/nuts/FRE").text)
    assert ">fictitious<" in invented
    assert ">fictitious<" not in real


def test_of_many_empty_cells_the_page_says_that_there_are_more(visitor: httpx.Client) -> None:
    page = visitor.get("/code/nuts/BE2").text
    assert page.count("<li>2016, ") == MOST_EMPTY
    assert "question S7 has them all" in page
    assert "question S7 has them all" not in visitor.get("/code/nuts/FRE").text


def test_contradictions_stand_side_by_side(visitor: httpx.Client) -> None:
    french = unescape(visitor.get("/code/nuts/FRE").text)
    assert "the sources contradict each other" in french
    assert "2018</strong>\N{NO-BREAK SPACE}:" in visitor.get("/code/nuts/FRE?lang=fr").text
    walloon = visitor.get("/code/nuts/BE3").text
    assert "The later publication revises the earlier one." in walloon
    assert 'class="superseded"' in walloon


def test_figures_lead_to_their_pages_and_sources(visitor: httpx.Client) -> None:
    page = visitor.get("/code/nuts/FRE").text
    for name in ("figure/fre-2018", "publication/survey", "code/perimeter/cress-hauts-de-france"):
        assert re.search(rf'href="/{name}(\.html)?"', page)


@pytest.mark.parametrize("path", ["/figures", "/code/nuts/BE1", "/publication/later"])
def test_a_figure_that_is_not_settled_says_so(visitor: httpx.Client, path: str) -> None:
    page = visitor.get(path).text
    assert "provisional, says the source" in page
    assert "estimated or rounded by the source" in page


@pytest.mark.parametrize(
    ("path", "figure", "said"),
    [
        ("/code/nuts/BE1?with=BE3", '<section id="compare".*?>4,779</a>', "estimated or rounded"),
        ("/code/nuts/BE1?with=FRE", '<section id="compare".*?>4,870</bdi>', "provisional, says"),
        ("/code/nuts/BE1", 'class="side"><strong>[^≠]*?>4,779</bdi>', "estimated or rounded"),
        ("/code/nuts/BE1", ">406</strong>.*?>4,870</bdi>", "provisional, says"),
        ("/code/nuts/BE1", "1,200,000</bdi>", "estimated or rounded"),
        ("/code/nuts/BE1", ">406</strong>.*?1,200,000</bdi></a> inhabitants", "estimated or"),
    ],
)
def test_a_figure_that_is_not_settled_says_so_where_it_is_compared(
    visitor: httpx.Client, path: str, figure: str, said: str
) -> None:
    page = visitor.get(path).text
    found = re.search(figure, page, re.DOTALL)
    assert found
    assert said in page[found.end() : found.end() + 90]


def test_the_list_of_all_figures_says_which_were_revised(visitor: httpx.Client) -> None:
    rows = visitor.get("/figures").text.split("<tr>")
    assert [
        name
        for row in rows
        for name in re.findall(r"/figure/([\w-]+)", row)
        if "revised later" in row
    ] == ["be3-old"]


def test_inhabitants_that_were_revised_are_neither_shown_nor_divided_by(
    visitor: httpx.Client,
) -> None:
    page = visitor.get("/code/nuts/FRE").text
    assert "300,000" in page
    assert "123,456" not in page


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_the_note_of_a_figure_is_in_the_language_of_the_page(
    visitor: httpx.Client, language: str
) -> None:
    notes = {"en": "To be revised.", "fr": "À réviser.", "nl": "Nog te herzien."}
    page = visitor.get("/code/nuts/BE3", params={"lang": language}).text
    assert [key for key, note in notes.items() if note in page] == [language]


def test_an_earlier_code_says_what_it_became(
    visitor: httpx.Client,
) -> None:
    earlier, later = (visitor.get(f"/code/nuts/{code}").text for code in ("FR30", "FRE1"))
    assert "NUTS no longer has the code FR30" in earlier
    for page in (earlier, later):
        assert re.search(r'href="/figure/fr30(\.html)?"', page)
    assert '<span class="code">FR30</span>' in later


def test_two_regions_under_one_perimeter(visitor: httpx.Client) -> None:
    for code in ("BE1", "nuts:BE1"):
        page = visitor.get("/code/nuts/BE3", params={"with": code}).text
        section = page[page.index('id="compare"') : page.index('id="figures"')]
        assert "Both within one perimeter:" in section
        assert section.index("6,789") < section.index("4,870")
        assert "6,639" not in section
        assert_sound(page)


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("en", "not officially recognised by the Flemish Region"),
        ("fr", "pas reconnus officiellement par la Région flamande"),
        ("nl", "niet officieel erkend door het Vlaams Gewest"),
    ],
)
def test_what_to_heed_of_a_perimeter_stands_where_regions_are_compared(
    visitor: httpx.Client, language: str, note: str
) -> None:
    page = visitor.get("/code/nuts/BE3", params={"with": "BE1", "lang": language}).text
    section = page[page.index('id="compare"') : page.index('id="figures"')]
    assert note in unescape(section)


def test_two_regions_under_two_perimeters(visitor: httpx.Client) -> None:
    page = visitor.get("/code/nuts/FRE", params={"with": "BE3"}).text
    section = page[page.index('id="compare"') : page.index('id="figures"')]
    assert "Counted by different rules" in section
    assert "<svg" not in section


def test_the_other_side_of_the_border_is_one_click_away(visitor: httpx.Client) -> None:
    page = visitor.get("/code/nuts/FRE").text
    assert re.search(r'href="\?with=BE3#compare"', page)
    kept = visitor.get("/code/nuts/FRE", params={"release": "000001"}).text
    assert "release=000001&amp;with=BE3#compare" in kept


@pytest.mark.parametrize(
    "code", ["XX", "BE999", "<script>", "a" * 5000, "\u202e", "nuts:", "../..", "'"]
)
def test_a_region_that_there_is_not(visitor: httpx.Client, code: str) -> None:
    page = visitor.get("/code/nuts/FRE", params={"with": code})
    assert page.status_code == 400
    assert "There is no such region" in page.text
    assert "<script>" not in page.text


def counted(visitor: httpx.Client, address: str) -> httpx.Response:
    """Return a page once the index counts the enterprises; until then it is not to be kept."""

    def whole(page: httpx.Response) -> bool:
        if "ETag" not in page.headers:
            assert "The enterprises are not counted yet." in page.text
            assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
        return "ETag" in page.headers

    return until(lambda: visitor.get(address), whole)


def test_a_region_of_very_many_says_what_it_leaves_out(visitor: httpx.Client) -> None:
    figures = visitor.get("/code/nuts/FRF").text
    assert "There are more figures than a page shows." in figures
    (filled,) = set(re.findall(r'href="(/sparql\?question=S1&amp;[^"]*)"', figures))
    editor = visitor.get(unescape(filled)).text
    (query,) = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", editor, re.DOTALL)
    answer = visitor.post(
        "/sparql", data={"query": unescape(query)}, headers={"Accept": "text/csv"}
    )
    assert answer.text.count("The survey") == 3_000
    (table,) = re.findall(r'href="(/api/v1/questions/S1\.csv[^"]*)" download', figures)
    assert visitor.get(unescape(table)).text == answer.text
    enterprises = counted(visitor, "/code/nuts/FRE").text
    assert "a part of this area: 5,000," in enterprises
    assert enterprises.count('href="/enterprise/many-') == 20
    assert "/search?kind=enterprise&amp;region=FRE&amp;family=association" in enterprises


def test_enterprises_that_ceased_are_not_counted_and_the_search_lists_as_many(
    visitor: httpx.Client,
) -> None:
    page = counted(visitor, "/code/nuts/FRE").text
    (family,) = set(re.findall(r'href="(/search[^"]*family=association[^"]*)">2,500<', page))
    (whole,) = set(re.findall(r'href="(/search[^"]*region=FRE&amp;ceased=no)"', page))
    for address, total in ((family, 2500), (whole, 5000)):
        searched = unescape(address).replace("/search?", "/api/v1/search?")
        assert visitor.get(searched).json()["total"] == total
    facets = visitor.get("/api/v1/search?kind=enterprise&region=FRE").json()["facets"]
    assert [(c["value"], c["count"]) for c in facets["ceased"]] == [("no", 5000), ("yes", CEASED)]
    named = visitor.get("/search?kind=enterprise&ceased=yes&lang=fr").text
    assert "Cessée" in named
    assert "Ceased 7" in visitor.get("/search?q=ceased+7&kind=enterprise").text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Active enterprises of which the registers say Province of Hainaut (BE32)"),
        ("fr", "Entreprises actives dont les registres disent Province de Hainaut (BE32), sans"),
        ("nl", "Actieve ondernemingen waarvan de registers Provincie Henegouwen (BE32) zeggen"),
    ],
)
def test_enterprises_of_a_province_are_not_said_to_be_in_none_of_its_arrondissements(
    visitor: httpx.Client, language: str, said: str
) -> None:
    """Where a register names the province alone, no number of an arrondissement is known."""

    def page(code: str) -> str:
        return unescape(visitor.get(f"/code/nuts/{code}", params={"lang": language}).text)

    until(lambda: said in page("BE323"))
    nowhere = texts(language)("region.no-enterprises")
    assert nowhere not in page("BE323")
    assert '<a href="#enterprises">0</a>' not in page("BE323")
    assert said not in page("BE32")
    assert nowhere in page("BE25")


def test_hostile_names_are_text(visitor: httpx.Client) -> None:
    for path in ("/code/nuts/FRE", "/figures", "/code/nuts/FRE?with=FRF"):
        page = visitor.get(path).text
        assert "<script>" not in page
        assert "alert(&#39;rival&#39;)" in page or "rival" not in page
    assert "<bdi>&lt;script&gt;" in visitor.get("/code/nuts/FRE").text


def test_regions_in_a_circle(visitor: httpx.Client) -> None:
    page = visitor.get("/code-of-circle")
    assert page.status_code == 200
    assert_sound(page.text)


@pytest.mark.parametrize("path", ["/", "/regions", "/figures", "/releases"])
def test_fixed_pages_are_sound_and_small(visitor: httpx.Client, path: str) -> None:
    page = visitor.get(path)
    assert page.status_code == 200
    assert_sound(page.text)
    assert len(page.content) < MOST_BYTES
    again = visitor.get(path, headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304


def test_the_classes_that_the_home_page_counts_are_those_it_lists() -> None:
    counted = set(re.findall(r"vises:[A-Z]\w+", page_query("classes")))
    assert {term(name).value for name in counted} == set(LISTS)


def test_figures_say_what_they_leave_out(visitor: httpx.Client) -> None:
    page = visitor.get("/figures").text
    assert re.search(r"and \d,?\d+ more\.", page)
    assert page.count("<tr>") < 200


def test_figures_that_were_not_read_are_left_out_as_well() -> None:
    iris = {key: NamedNode(NUTS + key) for key in ("figure", "measure", "perimeter", "publication")}
    row = {"area": NamedNode(NUTS + "FRE"), "value": Literal(1), "period": Literal("2018")}
    counts = {NUTS + "FRE": 40, NUTS + "FRF": 2}
    page = figure_page([{**iris, **row, "replaced": Literal("false")}], counts, SPEAKER)
    assert [area.left_out for area in page.areas] == [39]
    assert page.areas_left_out == 1


@pytest.mark.parametrize("path", ["/figures", "/publication/later"])
def test_a_figure_of_a_family_in_a_sector_names_both(visitor: httpx.Client, path: str) -> None:
    row = visitor.get(path).text.partition("/figure/be2-both")[0].rpartition("<tr>")[2]
    assert "Cooperative" in row
    assert "Social work activities without accommodation" in row


def test_the_latest_figures_of_a_region_are_listed(visitor: httpx.Client) -> None:
    page = visitor.get("/figures").text
    assert "/figure/many-2999" in page
    assert "/figure/many-0" not in page


@pytest.mark.parametrize("language", ["fr", "nl"])
@pytest.mark.parametrize("path", ["/", "/regions", "/code/nuts/FRE?with=BE3", "/method/vises"])
def test_pages_in_every_language(visitor: httpx.Client, language: str, path: str) -> None:
    page = visitor.get(path, headers={"Accept-Language": language})
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert_sound(page.text)


def test_shapes_are_drawn_on_a_page_of_their_own(visitor: httpx.Client) -> None:
    assert 'href="/regions/map?of=BE3"' in visitor.get("/code/nuts/BE3").text
    page = visitor.get("/regions/map", params={"of": "BE3"})
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "regionmap.js" in page.text
    assert "regionmap.js" not in visitor.get("/code/nuts/BE3").text
    assert_sound(page.text)
    found = visitor.get("/regions/shapes", params={"of": "BE3"}).json()
    shapes = {b["name"]["value"]: b["shape"]["value"] for b in found["results"]["bindings"]}
    assert shapes["Walloon Region"] == "POLYGON ((3 50, 6 50, 6 51, 3 50))"
    assert shapes["Hauts-de-France"] == "</div><script>x()</script>"


@pytest.mark.parametrize("path", ["/regions/map", "/regions/shapes"])
def test_shapes_of_a_region_that_there_is_not(visitor: httpx.Client, path: str) -> None:
    assert visitor.get(path, params={"of": "<script>"}).status_code == 400
    assert visitor.get(path).status_code == 200


def test_without_shapes_no_map_is_offered(browser: httpx.Client) -> None:
    assert "/regions/map" not in browser.get("/code/nuts/FRE").text
    assert "The published data have no shapes" in browser.get("/regions/map").text


@pytest.mark.parametrize(
    ("language", "withheld", "number"),
    [
        ("en", "withheld: One unit weighs more than 85 %", "12,025.5 h 13"),
        ("fr", "masquée : Une unité pèse plus de 85 %", "12 025,5 h 13"),
        ("nl", "achtergehouden: Eén eenheid weegt meer dan 85 %", "12.025,5 u 13"),
    ],
)
def test_sums_are_told_and_withheld_ones_have_their_rule(
    visitor: httpx.Client, language: str, withheld: str, number: str
) -> None:
    page = visitor.get("/code/nuts/BE3", headers={"Accept-Language": language}).text
    section = page.partition('aria-labelledby="sums"')[2].partition("</section>")[0]
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", section)).split())
    assert withheld in text
    assert number in text
    assert "Hours of training 2025 12" in text
    assert 'href="/code/disclosure-rule"' in section
    assert 'disclosure-rule/dominance.html"' in section
    assert "<script>alert" not in section


@pytest.mark.parametrize(
    ("language", "heading", "withheld", "number"),
    [
        ("en", "What enterprises report together", "withheld: One unit", "12,025.5 h 13"),
        ("fr", "Ce que les entreprises déclarent ensemble", "masquée : Une unité", "12 025,5 h"),
        ("nl", "Wat ondernemingen samen rapporteren", "achtergehouden: Eén", "12.025,5 u 13"),
    ],
)
def test_an_indicator_has_its_sums_by_region(
    visitor: httpx.Client, language: str, heading: str, withheld: str, number: str
) -> None:
    page = visitor.get("/indicator/training-hours", headers={"Accept-Language": language}).text
    section = page.partition('aria-labelledby="sums"')[2].partition("</section>")[0]
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", section)).split())
    assert heading in text
    assert "<h3>2025</h3>" in section
    assert withheld in text
    assert number in text
    assert 'href="/code/nuts/BE3.html"' in section
    assert 'disclosure-rule/dominance.html"' in section
    assert "cell/withheld" not in page.partition('id="incoming"')[2]


def test_a_region_without_sums_says_nothing_of_them(visitor: httpx.Client) -> None:
    assert 'aria-labelledby="sums"' not in visitor.get("/code/nuts/FR").text


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "withholding protects nothing and only shows the method: data"),
        ("fr", "le masquage ne protège rien et ne fait que montrer la méthode : data"),
        ("nl", "beschermt het achterhouden niets en toont het alleen de methode: data"),
    ],
)
@pytest.mark.parametrize("path", ["/code/nuts/BE3", "/indicator/training-hours"])
def test_sums_of_what_can_be_read_are_not_said_to_hide_it(
    visitor: httpx.Client, path: str, language: str, says: str
) -> None:
    page = visitor.get(path, headers={"Accept-Language": language}).text
    section = page.partition('aria-labelledby="sums"')[2].partition("</section>")[0]
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", section)).split())
    assert says in text
    assert "/graph/data" in section
    assert texts(language)("sums.closed") not in text


def test_cells_of_what_cannot_be_read_are_said_to_be_hidden(visitor: httpx.Client) -> None:
    page = visitor.get("/code/nuts/FRE").text
    section = page.partition('aria-labelledby="limits"')[2].partition("</section>")[0]
    assert texts("en")("sums.closed") in unescape(section)
    assert texts("en")("sums.open") not in unescape(section)
