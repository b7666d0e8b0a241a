"""The plot of a soak."""

import re
from xml.etree import ElementTree

import pytest

from benchmarks.page.plot import Line, plotted


def test_a_line_that_is_flat_lies_at_one_height() -> None:
    points = points_of(plotted(Line("Memory", "minutes", "MB", 1 / 60, [100.0] * 121)))

    assert len(points) == 121
    assert len({y for _, y in points}) == 1
    assert [x for x, _ in points] == sorted(x for x, _ in points)


def test_the_axis_begins_at_zero() -> None:
    """Twice the value is twice as far from the lowest line of the grid."""
    svg = plotted(Line("Memory", "minutes", "MB", 1, [50.0, 100.0]))
    bottom = max(float(each.attrib["y1"]) for each in ElementTree.fromstring(svg) if each.tag.endswith("}line"))

    (_, half), (_, full) = points_of(svg)
    assert bottom - full == pytest.approx(2 * (bottom - half), abs=0.2)


def test_a_title_is_escaped() -> None:
    assert "5 &lt; 6" in plotted(Line("5 < 6", "x", "y", 1, [1.0]))


def points_of(svg: str) -> list[tuple[float, float]]:
    (line,) = re.findall(r'points="([^"]*)"', svg)
    return [(float(x), float(y)) for x, y in (each.split(",") for each in line.split())]
