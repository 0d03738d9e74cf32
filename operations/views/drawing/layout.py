"""Positions of a graph's nodes: layers by dependency, in rows that alternate their direction.

A row ends where a single edge leads from one layer to the next, so that nothing but this edge leads
from row to row, and it is straight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from operations.views.drawing.graph import Edge, Graph

_LAYERS_OF_A_ROW = 4
_SWEEPS = 4

Bend = tuple[str, str, int]
"""The place of a long edge in a layer that it passes: its source, its target, the layer."""

Slot = str | Bend
"""A place in a layer: a node, by name, or a bend."""


@dataclass(frozen=True)
class Place:
    """The place of a slot. column: from the left. position: in the layer, from its middle."""

    row: int
    column: int
    position: float


@dataclass(frozen=True)
class Layout:
    """Places of nodes and bends. heights: the number of slots of each row's tallest layer."""

    places: Mapping[Slot, Place]
    heights: Sequence[int]
    columns: int

    def path(self, edge: Edge) -> list[Slot]:
        """Return the slots that an edge connects, in order."""
        bends = [slot for slot in self.places if isinstance(slot, tuple)]
        passed = [bend for bend in bends if bend[:2] == (edge.source, edge.target)]
        return [edge.source, *sorted(passed, key=lambda bend: bend[2]), edge.target]


def layout(graph: Graph) -> Layout:
    """Return the places of all nodes."""
    layers, links = _layers(graph)
    _order(layers, links)
    rows = _rows(layers, links)
    places: dict[Slot, Place] = {}
    ends = [0]  # of each row: the column where the next one starts
    for number, row in enumerate(rows):
        ends.append(ends[-1] + (-1) ** number * (len(row) - 1))
    for number, row in enumerate(rows):
        for step, layer in enumerate(row):
            column = ends[number] + (-1) ** number * step - min(ends)
            for position, slot in enumerate(layer):
                places[slot] = Place(number, column, position - (len(layer) - 1) / 2)
    columns = max(ends) - min(ends) + 1
    return Layout(places, [max(map(len, row)) for row in rows], columns)


def _layers(graph: Graph) -> tuple[list[list[Slot]], list[tuple[Slot, Slot]]]:
    """Return the slots by layer, and the links between slots of neighboring layers."""
    depths: dict[str, int] = {}
    for node in graph.nodes:
        sources = [edge.source for edge in graph.edges if edge.target == node.name]
        depths[node.name] = 1 + max((depths[source] for source in sources), default=-1)
    layers: list[list[Slot]] = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    # In the order of edges, so that a condition's true branch is the first.
    targets = [edge.target for edge in graph.edges]
    roots = [node.name for node in graph.nodes if node.name not in targets]
    for name in dict.fromkeys((*roots, *targets)):
        layers[depths[name]].append(name)
    links: list[tuple[Slot, Slot]] = []
    for edge in graph.edges:
        passed = range(depths[edge.source] + 1, depths[edge.target])
        bends: list[Slot] = [(edge.source, edge.target, depth) for depth in passed]
        for depth, bend in zip(passed, bends, strict=True):
            layers[depth].append(bend)
        links += zip((edge.source, *bends), (*bends, edge.target), strict=True)
    return layers, links


def _order(layers: list[list[Slot]], links: Sequence[tuple[Slot, Slot]]) -> None:
    """Sort each layer by the mean position of its neighbors, to have few crossings."""
    forward = [(target, source) for source, target in links]
    for sweep in range(_SWEEPS):
        pairs, order = (forward, layers) if sweep % 2 == 0 else (links, layers[::-1])
        for previous, layer in pairwise(order):
            positions = {slot: at - len(previous) / 2 for at, slot in enumerate(previous)}
            means = {slot: at - len(layer) / 2 for at, slot in enumerate(layer)}
            for slot in layer:
                near = [positions[other] for one, other in pairs if one == slot]
                means[slot] = sum(near) / len(near) if near else means[slot]
            layer.sort(key=means.__getitem__)


def _rows(
    layers: Sequence[list[Slot]], links: Sequence[tuple[Slot, Slot]]
) -> list[Sequence[list[Slot]]]:
    """Return the layers in rows of four, or more where a row can't end."""
    ends = [
        end
        for end in range(1, len(layers))
        if len(layers[end - 1]) == len(layers[end]) == 1
        and (layers[end - 1][0], layers[end][0]) in links
    ]
    rows, start = [], 0
    while len(layers) - start > _LAYERS_OF_A_ROW:
        possible = [end for end in ends if end > start]
        if not possible:
            break
        fitting = [end for end in possible if end - start <= _LAYERS_OF_A_ROW]
        end = fitting[-1] if fitting else possible[0]
        rows.append(layers[start:end])
        start = end
    return [*rows, layers[start:]] if layers else []
