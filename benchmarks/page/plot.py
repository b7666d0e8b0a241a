"""A line as SVG, which shows on light and on dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 300, 60, 20, 40, 45
_STYLE = "text { font: 12px sans-serif; fill: #7a7a7a } .grid { stroke: #7a7a7a; stroke-opacity: .25 }"
_GOES = "fill: none; stroke: #2a78d6; stroke-width: 2"
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """Values at equal distances, from 0 on. `step` is the distance in the unit of the x axis."""

    title: str
    x: str
    y: str
    step: float
    values: Sequence[float]


def plotted(line: Line) -> str:
    """The y axis begins at 0, so that a small change looks small."""
    across, up = line.step * max(1, len(line.values) - 1), _nice(max(line.values) * 1.2)
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def at(x: float, y: float) -> tuple[float, float]:
        return _LEFT + width * x / across, _TOP + height * (1 - y / up)

    points = " ".join("{:.1f},{:.1f}".format(*at(n * line.step, value)) for n, value in enumerate(line.values))
    parts = [f'<text x="{_LEFT}" y="22" font-weight="bold">{escape(line.title)}</text>']
    for tick in range(_TICKS + 1):
        right, low = at(across * tick / _TICKS, 0)
        _, high = at(0, up * tick / _TICKS)
        parts += [
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{high:.1f}" y2="{high:.1f}"/>',
            f'<text x="{_LEFT - 6}" y="{high + 4:.1f}" text-anchor="end">{up * tick / _TICKS:,.0f}</text>',
            f'<text x="{right:.1f}" y="{low + 18:.1f}" text-anchor="middle">{across * tick / _TICKS:.1f}</text>',
        ]
    parts += [
        f'<text x="{_LEFT - 6}" y="{_TOP - 8}" text-anchor="end">{escape(line.y)}</text>',
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end">{escape(line.x)}</text>',
        f'<polyline style="{_GOES}" points="{points}"/>',
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
    return "\n".join([head, f"<title>{escape(line.title)}</title>", f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


def _nice(value: float) -> float:
    """The next number that divides well by the ticks."""
    size = 1.0
    while size * 100 < value:
        size *= 10
    return -(-value // (size * _TICKS)) * size * _TICKS
