"""Reports: saved and loaded without loss, rendered as Markdown and as a chart in two themes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.harness.report import Chart, Content, Report, Table

pytest.importorskip("matplotlib")

from benchmarks.harness.render import markdown, number, svg, write_page

REPORT = Report(
    suite="pipeline",
    date="2026-11-22",
    machine={
        "cores": 2,
        "load": [0.5, 2.5],
        "memory_gb": 16.0,
        "packages": {"numpy": "2.4.6"},
        "processor": "a processor",
        "python": "3.11.7",
        "system": "Linux x86_64",
    },
    content=Content(
        title="Pipeline",
        introduction="An archive.",
        tables=[Table("Figures", ["a", "b", "c", "d"], [["x", 4300, 0.0757, None]], "A note.")],
        charts=[
            Chart("bars", {"one": [[1.5, 0]], "other": [[30.0, 0]]}, "CPU seconds", log_x=True),  # type: ignore[list-item]
            Chart("lines", {"job": [[1.0, 2.0], [2.0, 3.0]]}, "reviews", highlight=["job"]),  # type: ignore[list-item]
            Chart("points", {"preset": [[1.0, 0.8], [1.1, 0.9]]}, "CPU", "accuracy"),  # type: ignore[list-item]
        ],
        caption="a chart",
    ),
)


def test_a_report_is_the_same_after_saving_and_loading(tmp_path: Path) -> None:
    REPORT.save(tmp_path / "one.json")
    assert Report.load(tmp_path / "one.json") == REPORT
    Report.load(tmp_path / "one.json").save(tmp_path / "other.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()


def test_cells_are_formatted_by_their_types() -> None:
    assert "| x | 4,300 | 0.0757 |  |\n" in markdown(REPORT, "chart.svg")


def test_the_page_has_machine_load_note_and_chart() -> None:
    page = markdown(REPORT, "chart.svg")
    for text in ("2 cores (a processor)", "0.5 before and 2.5 after", "A note.", "(chart.svg)"):
        assert text in page


def test_a_report_without_charts_has_no_image(tmp_path: Path) -> None:
    plain = replace(REPORT, content=replace(REPORT.content, charts=[]))
    plain.save(tmp_path / "plain.json")
    assert "![" not in write_page(tmp_path / "plain.json").read_text("utf-8")
    assert not (tmp_path / "plain.svg").exists()


def test_numbers_have_three_significant_digits() -> None:
    shown = [number(value) for value in (3921.4, 100.4, 18.094, 0.07574, 0, 1e-7)]
    assert shown == ["3,920", "100", "18.1", "0.0757", "0", "1e-07"]


def test_the_chart_is_well_formed_follows_the_theme_and_is_deterministic() -> None:
    text = svg(REPORT.content.charts)
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert text.count("prefers-color-scheme: dark") == 1
    assert text == svg(REPORT.content.charts)
