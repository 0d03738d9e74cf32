"""A graph as an SVG drawing for light and dark backgrounds."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from operations.views.drawing.graph import Edge, Graph, Node
from operations.views.drawing.layout import Layout, Slot, layout

_STYLE = """\
    .bg { fill: #ffffff; } .box { fill: #f3f6fa; stroke: #5b6b80; } .gate { fill: #fff4d6; stroke: #a9791c; }
    .good { fill: #e2f4e6; stroke: #2f7d43; } .bad { fill: #fbe5e5; stroke: #a83a3a; }
    .box, .gate, .good, .bad { stroke-width: 1.5; }
    .arrow { stroke: #5b6b80; stroke-width: 1.7; fill: none; marker-end: url(#head); } #head path { fill: #5b6b80; }
    .name { font-size: 16px; font-weight: 600; fill: #1b2430; } .kind { font-size: 12.5px; fill: #51606f; }
    .data { font-size: 12.5px; fill: #35506e; font-style: italic; }
    .label { font-size: 13px; font-weight: 600; fill: #51606f; stroke: #ffffff; stroke-width: 5; paint-order: stroke; }
    @media (prefers-color-scheme: dark) {
      .bg { fill: #0d1117; } .box { fill: #18212c; stroke: #8b9bb0; } .gate { fill: #3a2f14; stroke: #d3a64a; }
      .good { fill: #15301d; stroke: #5db373; } .bad { fill: #3a1a1a; stroke: #d47474; }
      .arrow { stroke: #8b9bb0; } #head path { fill: #8b9bb0; }
      .name { fill: #e9eef5; } .kind { fill: #a9b6c6; } .data { fill: #9cc0e6; } .label { fill: #a9b6c6; stroke: #0d1117; }
    }
"""  # noqa: E501
_HEAD = (
    '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 0 10 5 0 10z"/></marker>'
)
_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
_MARGIN, _HEIGHT, _GAP_X, _GAP_Y, _GAP_ROWS = 24, 78, 64, 22, 52
_MIN_WIDTH, _MAX_WIDTH = 200, 300
_NAME_WIDTH, _TEXT_WIDTH, _PADDING = 10, 6.2, 24
"""Widths of characters, at most on average, in names and in other texts."""


def svg(graph: Graph, title: str) -> str:
    """Return the drawing."""
    return "\n".join(_Drawing(graph).lines(title)) + "\n"


class _Drawing:
    """A graph with the sizes that its texts need."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._layout: Layout = layout(graph)
        longest = max((_text_width(node) for node in graph.nodes), default=0)
        self._width = round(min(max(longest, _MIN_WIDTH), _MAX_WIDTH))
        self._tops: list[float] = [_MARGIN]
        for slots in self._layout.heights:
            height = slots * (_HEIGHT + _GAP_Y) - _GAP_Y + _GAP_ROWS
            self._tops.append(self._tops[-1] + height)

    def lines(self, title: str) -> Iterator[str]:
        """Yield the lines of the document."""
        columns = self._layout.columns
        width = 2 * _MARGIN + columns * (self._width + _GAP_X) - _GAP_X
        height = round(self._tops[-1] - _GAP_ROWS + _MARGIN)
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="{_FONTS}" role="img" '
            'aria-labelledby="title desc">'
        )
        yield f'  <title id="title">{escape(title)}</title>'
        yield f'  <desc id="desc">{escape(_description(self._graph))}</desc>'
        yield f"  <style>\n{_STYLE}  </style>"
        yield f"  <defs>{_HEAD}</defs>"
        yield f'  <rect class="bg" width="{width}" height="{height}" rx="10"/>'
        for edge in self._graph.edges:
            yield f'  <path class="arrow" d="{self._path(edge)}"/>'
        yield '  <g text-anchor="middle">'
        for node in self._graph.nodes:
            yield from self._node(node)
        for edge in self._graph.edges:
            if edge.label:
                yield self._label(edge)
        yield "  </g>"
        yield "</svg>"

    def _center(self, slot: Slot) -> tuple[float, float]:
        place = self._layout.places[slot]
        top, slots = self._tops[place.row], self._layout.heights[place.row]
        middle = top + (slots * (_HEIGHT + _GAP_Y) - _GAP_Y) / 2
        x = _MARGIN + place.column * (self._width + _GAP_X) + self._width / 2
        return x, middle + place.position * (_HEIGHT + _GAP_Y)

    def _path(self, edge: Edge) -> str:
        """Return the path of an edge: curves between columns, straight past other nodes."""
        slots = self._layout.path(edge)
        parts: list[str] = []
        for one, other in pairwise(slots):
            (x1, y1), (x2, y2) = self._center(one), self._center(other)
            if self._layout.places[one].row != self._layout.places[other].row:
                return f"M{x1:g} {y1 + _HEIGHT / 2:g}V{y2 - _HEIGHT / 2 - 2:g}"
            half = self._width / 2 if x2 > x1 else -self._width / 2
            start, end = x1 + half, x2 - half
            middle = (start + end) / 2
            end -= 2 * (1 if half > 0 else -1) * (other == edge.target)
            parts.append(f"{'L' if parts else 'M'}{start:g} {y1:g}")
            parts.append(
                f"C{middle:g} {y1:g} {middle:g} {y2:g} {end:g} {y2:g}" if y1 != y2 else f"H{end:g}"
            )
        return "".join(parts)

    def _label(self, edge: Edge) -> str:
        one, other = self._layout.path(edge)[:2]
        (x1, y1), (x2, y2) = self._center(one), self._center(other)
        is_straight = y1 == y2
        x, y = (x1 + x2) / 2, (y1 + y2) / 2 - (8 if is_straight else -4)
        if self._layout.places[one].row != self._layout.places[other].row:
            x, y = x1 + 24, (y1 + y2) / 2 + 4
        return f'    <text class="label" x="{x:g}" y="{y:g}">{escape(edge.label)}</text>'

    def _node(self, node: Node) -> Iterator[str]:
        x, y = self._center(node.name)
        left, right, half = x - self._width / 2, x + self._width / 2, _HEIGHT / 2
        if node.style == "gate":
            cut = 18
            points = (
                f"{left:g},{y:g} {left + cut:g},{y - half:g} {right - cut:g},{y - half:g} "
                f"{right:g},{y:g} {right - cut:g},{y + half:g} {left + cut:g},{y + half:g}"
            )
            shape = f'<polygon class="{node.style}" points="{points}"/>'
        else:
            shape = (
                f'<rect class="{node.style}" x="{left:g}" y="{y - half:g}" width="{self._width}" '
                f'height="{_HEIGHT}" rx="8"/>'
            )
        texts = [("name", node.name, _NAME_WIDTH), ("kind", node.kind, _TEXT_WIDTH)]
        if node.outputs:
            texts.append(("data", ", ".join(node.outputs), _TEXT_WIDTH))
        first = y + 5 - 10.5 * (len(texts) - 1)
        yield f"    <g><title>{escape(node.description or node.name)}</title>{shape}"
        for number, (style, text, wide) in enumerate(texts):
            shown = escape(_cut(text, int((self._width - _PADDING / 2) / wide)))
            yield (
                f'      <text class="{style}" x="{x:g}" y="{first + 21 * number:g}">{shown}</text>'
            )
        yield "    </g>"


def _text_width(node: Node) -> float:
    return max(len(node.name) * _NAME_WIDTH, len(node.kind) * _TEXT_WIDTH) + _PADDING


def _cut(text: str, length: int) -> str:
    """Return a text, shortened to a number of characters.

    >>> _cut("evaluation", 10), _cut("evaluations", 10)
    ('evaluation', 'evaluatio…')
    """
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _description(graph: Graph) -> str:
    """Return the graph as a sentence for readers who don't see it."""
    parts = []
    for node in graph.nodes:
        sources = [
            f"{edge.source} ({edge.label})" if edge.label else edge.source
            for edge in graph.edges
            if edge.target == node.name
        ]
        parts.append(f"{node.name} after {' and '.join(sources)}" if sources else node.name)
    return f"{'; '.join(parts)}."
