"""From a chart of pygal to SVG for a page: its drawing alone, named and described.

pygal writes a style sheet, a script and the data of its tooltips into each picture. The content
security policy of the pages allows none of them, so they are taken out; the classes that remain
are coloured by the stylesheet, which knows about dark mode and print.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from markupsafe import Markup

from vises.service.charts.library import Graph, Style
from vises.service.charts.model import AnyChart, description, identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


WIDTH = 360
"""Of every picture, in its own units: about the width of a phone, where it is not scaled down."""

FONT = 13
SERIES = 6
"""How many series have a colour and a pattern of their own."""

_DROPPED = {"defs", "desc", "title"}
_DROPPED_CLASSES = {"tooltip", "background", "titles"}
_DONE = {"reactive", "tooltip-trigger", "rect"}
"""Classes that no style needs."""
# What no XML document may hold (XML 1.0, section 2.2).
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_DECIMALS = re.compile(r"-?\d+\.\d+")

Change = Callable[[ET.Element], None]


def heights(values: Iterable[float], above: float) -> tuple[float, float]:
    """Return the ends of an axis: zero or the least value, and room above the highest one."""
    held = [0, *values]
    return min(held), above * max(held) or 1


def options(height: int) -> dict[str, object]:
    """Return what every chart of pygal is told."""
    return {
        "width": WIDTH,
        "height": height,
        "style": Style(
            label_font_size=FONT,
            major_label_font_size=FONT,
            value_font_size=FONT,
            value_label_font_size=FONT,
        ),
        "js": (),
        "css": (),
        "margin": 4,
        "show_legend": False,
        "print_values": True,
    }


def picture(graph: Graph, chart: AnyChart, change: Change | None = None) -> Markup:
    """Return a chart of pygal as SVG; `change` may add to the drawing or move parts of it."""
    root = graph.render_tree()
    _strip(root)
    _unwrap(root)
    name = identity(chart)
    _patterns(root, name)
    if change:
        change(root)
    root.attrib = _attributes(root.attrib, name)
    for position, (tag, text) in enumerate((("title", chart.title), ("desc", description(chart)))):
        told = ET.Element(tag, {"id": f"{name}-{tag}"})
        told.text = text
        root.insert(position, told)
    _tidy(root)
    text = ET.tostring(root, encoding="unicode").replace(" />", "/>")
    return Markup(text)  # noqa: S704 (a tree, written escaped)


def _attributes(of: Mapping[str, str], name: str) -> dict[str, str]:
    return {
        "viewBox": of["viewBox"],
        "class": "picture",
        "role": "img",
        "aria-labelledby": f"{name}-title",
        "aria-describedby": f"{name}-desc",
    }


def _strip(element: ET.Element) -> None:
    for child in list(element):
        classes = set(child.get("class", "").split())
        comment = not isinstance(child.tag, str)
        if comment or local(child) in _DROPPED or classes & _DROPPED_CLASSES:
            element.remove(child)
            continue
        _strip(child)
        if local(child) == "g" and len(child) == 0:
            element.remove(child)


def _unwrap(element: ET.Element) -> None:
    """Put each bar in the place of the group that pygal draws it in, alone."""
    for position, child in enumerate(list(element)):
        _unwrap(child)
        if child.get("class") == "bar" and len(child) == 1:
            element[position] = child[0]


def _patterns(root: ET.Element, name: str) -> None:
    """Give each series but the first a pattern, so that colour is never the only sign."""
    series = {
        n
        for element in root.iter()
        for n in range(1, SERIES)
        if f"color-{n}" in element.get("class", "").split()
    }
    if not series:
        return
    root.insert(0, _definitions(series, name))
    for element in root.iter():
        for n in series & {_series(element)}:
            _fill(element, f"url(#{name}-{n})")


def _definitions(series: Iterable[int], name: str) -> ET.Element:
    held = ET.Element("defs")
    for n in sorted(series):
        turn = {"patternTransform": f"rotate({30 * n})"}
        size = {"width": str(4 + n), "height": str(4 + n), "patternUnits": "userSpaceOnUse"}
        made = ET.SubElement(held, "pattern", {"id": f"{name}-{n}", **size, **turn})
        ET.SubElement(made, "rect", {"class": f"ground color-{n}", "width": "9", "height": "9"})
        ET.SubElement(made, "rect", {"class": f"hatch color-{n}", "width": "3", "height": "9"})
    return held


def _fill(element: ET.Element, pattern: str) -> None:
    for rect in element.iter():
        if local(rect) == "rect" and "rect" in rect.get("class", "").split():
            rect.set("fill", pattern)


def _series(element: ET.Element) -> int | None:
    found = re.search(r"\bcolor-(\d+)\b", element.get("class", ""))
    return int(found[1]) if found and local(element) == "g" else None


def _tidy(root: ET.Element) -> None:
    """Shorten numbers and classes; take namespaces off, which HTML gives by itself."""
    for element in root.iter():
        element.tag = local(element)
        element.text = _CONTROLS.sub("\ufffd", element.text) if element.text else None
        kept = dict(element.attrib)
        for key, value in kept.items():
            if key == "class":
                words = [w for w in value.split() if w not in _DONE]
                element.set(key, " ".join(words))
            elif key in {"d", "transform"} or _DECIMALS.fullmatch(value):
                element.set(key, _DECIMALS.sub(_rounded, value))
            if not element.get(key) or (key in {"rx", "ry"} and element.get(key) == "0"):
                del element.attrib[key]


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match[0]):.1f}".removesuffix(".0")


def local(element: ET.Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]
