"""The HTML page of a comparison: its numbers, and that it is self-contained and safe."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from operations.views.comparison import table
from processing.report.comparison.page import render
from tests.support.comparison_samples import compared, execution
from tests.support.report_page import (
    Report,
    assert_references_have_a_target,
    assert_self_contained,
    text_of,
)

SECTIONS = ["differences", "accuracy", "metrics", "errors", "calibration", "changed"]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A baseline, a better model and a worse one."""
    folder = tmp_path_factory.mktemp("page")
    executions = [
        {**execution(folder, name, errors, first=first), "parameters": {"MaxDepth": depth}}
        for name, errors, first, depth in (
            ("base", 40, 0, 5),
            ("good", 12, 36, 7),
            ("bad", 70, 0, 3),
        )
    ]
    return compared(folder / "out", executions, "--page")


@pytest.fixture(scope="module")
def content(document: dict[str, Any]) -> str:
    return render(document)


def test_page_is_written_beside_the_document(tmp_path: Path) -> None:
    one = execution(tmp_path, "one", 10)
    found = compared(tmp_path / "out", [one, one], "--page")
    assert (tmp_path / "out" / "comparison.html").read_text("utf-8") == render(found)


def test_page_loads_nothing_and_its_references_have_targets(content: str) -> None:
    assert_self_contained(content)
    assert_references_have_a_target(content)


def test_contents_link_to_every_section(content: str) -> None:
    report = Report(content)
    assert [section.get("id") for section in report.all("section")] == SECTIONS
    assert [link.get("href") for link in report.all("a")] == [f"#{name}" for name in SECTIONS]


def test_headline_is_the_largest_difference(content: str) -> None:
    report = Report(content)
    assert [one.text for one in report.all("strong")] == ["+14.00"]
    [title] = re.findall("<title>(.*)</title>", content)
    assert title.startswith("+14.00 percentage points of accuracy: good")
    assert [item.get("class") for item in report.all("li")] == ["better", "worse"]


def test_tables_have_what_differs_and_the_metrics(content: str) -> None:
    report = Report(content)
    assert report.rows("differences") == [["MaxDepth", "parameter", "5", "7", "3"]]
    assert report.rows("metrics")[0][:4] == ["accuracy", "0.8000", "0.9400", "+0.1400"]
    assert report.rows("metrics", 1)[0][:4] == ["accuracy", "0.8000", "0.6500", "−0.1500"]
    assert report.rows("errors")[0][:2] == ["neg", "20 20.00% of 100"]
    assert report.rows("changed")[0][2:] == ["0.8000", "0.2000"]


def test_charts_show_every_execution(content: str, document: dict[str, Any]) -> None:
    charts = Report(content).all("svg")
    assert len(charts) == 5
    assert {chart.get("role") for chart in charts} == {"img"}
    names = [it["name"] for it in document["executions"]]
    for chart in charts:
        shown = text_of(chart)
        assert [name for name in names[1:] if name not in shown] == [], chart.get("aria-label")


def test_numbers_in_the_texts_of_charts_keep_their_digits(content: str) -> None:
    [chart] = Report(content).section("accuracy").iter("svg")
    assert "p < 0.0001" in text_of(chart)


def test_page_says_whether_it_contains_text(document: dict[str, Any]) -> None:
    shown = copy.deepcopy(document)
    side = shown["comparisons"][0]["changed"]["newly_correct"]
    side["examples"][0] |= {"id": "<img src=x>", "text": "<script>alert(1)</script>"}
    shown["executions"][1] |= {"name": "<b>good</b>"}
    report = Report(render(shown))
    assert report.tags() & {"script", "img", "b"} == set()
    assert report.rows("changed")[0][0] == "<img src=x>"
    footers = [text_of(it.all("footer")[0]) for it in (report, Report(render(document)))]
    assert footers[0] != footers[1]


@pytest.mark.parametrize("kind", ["mcnemar", "unpaired"])
def test_reason_for_unpaired_intervals_is_in_the_sentence_of_its_comparison(
    document: dict[str, Any], kind: str
) -> None:
    shown = copy.deepcopy(document)
    shown["comparisons"][1] |= {"unpaired_reason": "no predictions"}
    shown["comparisons"][1]["test"]["kind"] = kind
    good, bad = (item.text or "" for item in Report(render(shown)).all("li"))
    assert "no predictions" in bad
    assert "no predictions" not in good
    assert "unpaired" not in good


@pytest.mark.parametrize(
    ("same_model", "difference", "is_same"),
    [(True, 0.0, True), (True, 0.1, False), (None, 0.0, False), (False, 0.0, False)],
    ids=["same", "other-metric", "unknown-model", "other-model"],
)
def test_metrics_are_called_the_same_only_if_they_and_the_model_are(
    document: dict[str, Any], same_model: bool | None, difference: float, is_same: bool
) -> None:
    shown = copy.deepcopy(document)
    [compared_, _] = shown["comparisons"]
    compared_["same_model"] = same_model
    for metric in compared_["metrics"].values():
        metric["difference"] = 0.0
    compared_["metrics"]["auc"]["difference"] = difference
    [sentence, _] = (item.text or "" for item in Report(render(shown)).all("li"))
    assert ("same" in sentence) is is_same
    lines = [it.text for it in table.content(shown) if isinstance(it, table.Line)]
    assert any("same metrics" in line for line in lines) is is_same


def test_execution_without_an_evaluation_has_a_page(tmp_path: Path) -> None:
    one = execution(tmp_path, "one", 10)
    kept = ("environment", "parameters", "started")
    failed = {key: one[key] for key in kept} | {"name": "two", "status": "Failed", "reason": "why"}
    for number, executions in enumerate(([one, failed], [failed, failed], [failed, one])):
        content = render(compared(tmp_path / str(number), executions))
        assert "no evaluation: why" in content
        assert_references_have_a_target(content)


def test_executions_keep_their_colors_if_the_baseline_has_no_evaluation(
    document: dict[str, Any],
) -> None:
    shown = copy.deepcopy(document)
    shown["comparisons"] = []
    shown["executions"][0] |= {"classes": {}, "curve": None}
    for name in ("errors", "calibration"):
        section = ElementTree.tostring(Report(render(shown)).section(name), "unicode")
        assert section.count("--first"), name
        assert section.count("--second"), name


def test_evaluations_without_curves_have_a_page(document: dict[str, Any]) -> None:
    shown = copy.deepcopy(document)
    for one in shown["executions"]:
        one["curve"] = None
    sections = Report(render(shown)).all("section")
    assert [it.get("id") for it in sections] == [it for it in SECTIONS if it != "calibration"]


def test_identical_models_have_a_page(tmp_path: Path) -> None:
    one = execution(tmp_path, "one", 0)
    report = Report(render(compared(tmp_path / "out", [one, {**one, "name": "two"}])))
    assert [one.text for one in report.all("strong")] == ["0.00"]
    assert report.rows("metrics")[0][3] == "0.0000"
