"""A graph as a Mermaid flowchart, which GitHub and others draw in Markdown."""

from __future__ import annotations

from operations.views.drawing.graph import Graph, Node

_SHAPES = {"gate": ('{"', '"}'), "bad": ('(["', '"])'), "good": ('(["', '"])'), "box": ('["', '"]')}


def mermaid(graph: Graph) -> str:
    """Return the flowchart. Nodes are numbered, because names may be Mermaid's keywords."""
    ids = {node.name: f"s{number}" for number, node in enumerate(graph.nodes, start=1)}
    lines = ["flowchart TD"]
    lines += [f"    {ids[node.name]}{_shape(node)}" for node in graph.nodes]
    for edge in graph.edges:
        label = f"|{edge.label}|" if edge.label else ""
        lines.append(f"    {ids[edge.source]} -->{label} {ids[edge.target]}")
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    left, right = _SHAPES[node.style]
    return f"{left}{_escaped(node.name)}<br/>{_escaped(node.kind)}{right}"


def _escaped(text: str) -> str:
    """Return text for a quoted label.

    >>> _escaped('a "b" <c>')
    'a #quot;b#quot; #lt;c#gt;'
    """
    for character, entity in {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;"}.items():
        text = text.replace(character, entity)
    return text
