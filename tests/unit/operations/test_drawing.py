"""`sentiment show --svg` and `--mermaid`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from operations.views.drawing.graph import Edge, Graph, graph_of
from operations.views.drawing.layout import Layout, layout
from operations.views.drawing.mermaid import mermaid
from operations.views.drawing.svg import svg
from tests.support.clean_room import ROOT
from tests.support.command_line import assert_refused, invoke
from tests.support.runner_samples import (
    Document,
    compare,
    condition,
    document,
    fail,
    output_of,
    planned,
    processing,
)

GATE = condition(
    "Gate",
    compare("Equals", 1, 1),
    if_steps=(processing("Deploy"),),
    else_steps=(fail("Stop"),),
)


def chain(*names: str) -> list[Document]:
    return [
        processing(name, DependsOn=[before] if before else [])
        for before, name in zip((None, *names), names, strict=False)
    ]


def graph(*steps: Document) -> Graph:
    return graph_of(planned(document(*steps)))


@pytest.mark.parametrize(
    ("arguments", "name"), [((), "pipeline.svg"), (("--scoring",), "score-pipeline.svg")]
)
def test_drawings_in_the_docs_are_those_of_the_committed_definitions(
    arguments: tuple[str, ...], name: str
) -> None:
    drawing = invoke("show", *arguments, "--svg", "-").stdout
    assert drawing == (ROOT / "docs" / name).read_text(), "run `make definition`"


def test_implied_dependencies_are_not_drawn() -> None:
    steps = (*chain("A", "B"), processing("C", DependsOn=["A", "B"]))
    assert graph(*steps).edges == (Edge("A", "B", ""), Edge("B", "C", ""))


def test_branches_have_the_outcome_that_selects_them() -> None:
    assert graph(GATE, processing("After", DependsOn=["Gate"])).edges == (
        Edge("Gate", "Deploy", "true"),
        Edge("Gate", "After", ""),
        Edge("Gate", "Stop", "false"),
    )


def test_nodes_have_their_image_and_outputs() -> None:
    [node] = graph(processing("Split", outputs={"train": "s3://b/1", "test": "s3://b/2"})).nodes
    assert (node.kind, node.outputs) == ("Processing · scikit-learn 1.4-2", ("train", "test"))


def arranged(*steps: Document) -> Layout:
    return layout(graph(*steps))


def test_long_chains_continue_below_in_the_other_direction() -> None:
    places = arranged(*chain(*"ABCDEF")).places
    assert [(places[name].row, places[name].column) for name in "ABCDEF"] == [
        *((0, 0), (0, 1), (0, 2), (0, 3)),
        *((1, 3), (1, 2)),
    ]


def test_row_starts_below_the_end_of_a_shorter_one() -> None:
    steps = [*chain(*"ABCDEF"), processing("Z", DependsOn=["C"])]
    steps[5]["DependsOn"].append("Z")
    places = arranged(*steps).places
    assert (places["B"].row, places["C"].row) == (0, 1)
    assert places["B"].column == places["C"].column


def test_rows_break_only_at_a_single_edge() -> None:
    steps = [*chain(*"ABCDEFG"), processing("Z", DependsOn=["A"])]
    steps[-2]["DependsOn"].append("Z")
    assert arranged(*steps).columns == 7


def test_no_two_nodes_have_the_same_place() -> None:
    steps = [processing(name, {"x": output_of("A", "out")}) for name in "BCD"]
    last = processing("E", DependsOn=["B", "D", "Alone"])
    first = processing("A", outputs={"out": "s3://b/out"})
    places = arranged(first, *steps, processing("Alone"), last, GATE).places
    assert len(set(places.values())) == len(places)


def test_every_step_and_label_is_in_the_drawing() -> None:
    drawing = ElementTree.fromstring(svg(graph(GATE), "Steps"))
    texts = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Gate", "Deploy", "Stop", "true", "false"} <= set(texts)


def test_names_are_escaped() -> None:
    steps = (processing('a<b>&"c"'), processing("end"))
    drawing = ElementTree.fromstring(svg(graph(*steps), "<title>"))
    assert drawing.findtext("{http://www.w3.org/2000/svg}title") == "<title>"
    assert re.findall(r'"(.*?)<br/>', mermaid(graph(*steps))) == ["a#lt;b#gt;&#quot;c#quot;", "end"]


def test_mermaid_has_every_step_and_edge() -> None:
    assert mermaid(graph(GATE)) == (
        "flowchart TD\n"
        '    s1{"Gate<br/>Condition"}\n'
        '    s2["Deploy<br/>Processing · scikit-learn 1.4-2"]\n'
        '    s3(["Stop<br/>Fail"])\n'
        "    s1 -->|true| s2\n"
        "    s1 -->|false| s3\n"
    )


def test_drawing_of_another_definition_is_saved(tmp_path: Path) -> None:
    definition, path = tmp_path / "definition.json", tmp_path / "steps.svg"
    definition.write_text(json.dumps(document(GATE)))
    assert invoke("show", "--definition", str(definition), "--svg", str(path)).stdout == ""
    assert ElementTree.parse(path).getroot().tag.endswith("svg")
    printed = invoke("show", "--definition", str(definition), "--mermaid").stdout
    assert printed == mermaid(graph(GATE))


def test_definition_without_steps_is_drawn() -> None:
    ElementTree.fromstring(svg(graph(), "Steps"))


@pytest.mark.parametrize(
    "arguments", [("--svg", "-", "--mermaid"), ("--mermaid", "--svg", "missing/x.svg")]
)
def test_only_one_form_is_shown(arguments: tuple[str, ...]) -> None:
    assert_refused(invoke("show", *arguments), 2, "--svg", "--mermaid")


def test_folder_of_the_drawing_must_exist(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "steps.svg"
    assert_refused(invoke("show", "--svg", str(path)), 2, str(path))
