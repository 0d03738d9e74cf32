"""A plan as a graph: steps, and the dependencies that others don't imply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local_runner.definition.model import CONDITION, FAIL, Step
from local_runner.plan import Plan

_REGISTER = "RegisterModel"
_KINDS = {_REGISTER: "Model package", "Transform": "Batch Transform"}
_IMAGES = (("AppSpecification", "ImageUri"), ("AlgorithmSpecification", "TrainingImage"))


@dataclass(frozen=True)
class Node:
    """A step. kind: its type and its image. outputs: their names. style: gate, good, bad or box."""

    name: str
    kind: str
    outputs: tuple[str, ...]
    style: str
    description: str


@dataclass(frozen=True)
class Edge:
    """A dependency. label: the outcome of a condition that selects the target, else empty."""

    source: str
    target: str
    label: str


@dataclass(frozen=True)
class Graph:
    """Steps in the plan's order, and edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(plan: Plan) -> Graph:
    """Return the graph of a plan."""
    before: dict[str, set[str]] = {}
    for planned in plan.steps:
        direct = set(planned.depends_on)
        before[planned.step.name] = direct.union(*(before[name] for name in direct))
    edges = []
    for planned in plan.steps:
        condition, outcome = planned.branch or ("", False)
        for name in planned.depends_on:
            if not any(name in before[other] for other in planned.depends_on):
                label = str(outcome).lower() if name == condition else ""
                edges.append(Edge(name, planned.step.name, label))
    order = {planned.step.name: number for number, planned in enumerate(plan.steps)}
    # A condition's true branch comes first.
    edges.sort(key=lambda it: (order[it.source], it.label == "false", order[it.target]))
    return Graph(tuple(_node(planned.step) for planned in plan.steps), tuple(edges))


def _node(step: Step) -> Node:
    styles = {CONDITION: "gate", FAIL: "bad", _REGISTER: "good"}
    kind, image = _KINDS.get(step.type, step.type), _image(step)
    return Node(
        name=step.name,
        kind=f"{kind} · {image}" if image else kind,
        outputs=tuple(_outputs(step)),
        style=styles.get(step.type, "box"),
        description=step.description,
    )


def _image(step: Step) -> str:
    """Return the name and version of the step's image; empty without a literal one."""
    for parent, key in _IMAGES:
        specification = step.arguments.get(parent)
        image = specification.get(key) if isinstance(specification, Mapping) else None
        if isinstance(image, str):
            return short_image(image)
    return ""


def short_image(image: str) -> str:
    """Return an image's name and the version in its tag.

    >>> short_image("1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-py312-cpu-py3")
    'scikit-learn 1.4-2'
    """
    name, _, tag = image.rpartition("/")[2].partition(":")
    return f"{name.removeprefix('sagemaker-')} {'-'.join(tag.split('-')[:2])}".strip()


def _outputs(step: Step) -> list[str]:
    match step.arguments:
        case {"ProcessingOutputConfig": {"Outputs": [*outputs]}}:
            names = [output.get("OutputName") for output in outputs if isinstance(output, Mapping)]
            return [name for name in names if isinstance(name, str)]
    return []
