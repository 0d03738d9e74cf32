"""The HTML report: its numbers, its structure, and that it is self-contained and safe."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from processing.errors import DataError
from processing.evaluation.decision_threshold import chosen_threshold
from processing.evaluation.predictions import read_predictions
from processing.features.ngram_scores import SCORE_NAMES
from processing.jobs import report as report_job
from processing.report.context import ReportContext
from processing.report.inputs import read_inputs
from processing.report.page import render
from processing.report.reference_models import ARTICLE_TEST_TEXTS_HASH
from tests.support.evaluation_samples import (
    BALANCED,
    SCORES,
    Files,
    arguments,
    as_rows,
    champion,
    changed,
    evaluated,
    measured,
    page,
    run_of,
    with_threshold,
)
from tests.support.report_page import (
    Report,
    assert_references_have_a_target,
    assert_self_contained,
    text_of,
)

SECTIONS = [
    *("baselines", "confusion-matrix", "curves", "threshold", "calibration"),
    *("learning-curves", "terms", "errors", "data", "provenance"),
]
CHARTS = 8


@dataclass(frozen=True)
class Evaluated:
    """An evaluation and its report."""

    evaluation: dict[str, Any]
    content: str

    @property
    def report(self) -> Report:
        return Report(self.content)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    folder = tmp_path_factory.mktemp("sample")
    found = evaluated(folder, arguments(folder / "in"), "--provenance", "eta=0.2", "commit=abc123")
    return Evaluated(found, page(folder))


def report_of(folder: Path, *more: str, **inputs: Any) -> Report:
    evaluated(folder, arguments(folder / "in", **inputs), *more)
    return Report(page(folder))


def test_contents_link_to_every_section(sample: Evaluated) -> None:
    report = sample.report
    assert [section.get("id") for section in report.all("section")] == SECTIONS
    assert [link.get("href") for link in report.all("a")] == [f"#{name}" for name in SECTIONS]


def test_ids_are_unique_and_references_have_a_target(sample: Evaluated) -> None:
    assert_references_have_a_target(sample.content)


def test_accuracy_and_metrics_are_those_of_the_evaluation(sample: Evaluated) -> None:
    [headline] = sample.report.all("strong")[:1]
    assert headline.text == "66.7%"
    metrics = sample.evaluation["binary_classification_metrics"]
    expected = [metrics[name]["value"] for name in ("auc", "f1", "precision", "recall")]
    expected += [sample.evaluation["calibration"][name] for name in ("log_loss", "brier")]
    tiles = sample.report.values("tiles")
    assert tiles == [f"{value:.4f}" for value in expected]


def test_confusion_matrix_is_that_of_the_evaluation(sample: Evaluated) -> None:
    matrix = sample.evaluation["binary_classification_metrics"]["confusion_matrix"]
    shares = {0: "0.0%", 1: "33.3%", 2: "66.7%", 3: "100.0%"}
    assert [row[1:] for row in sample.report.rows("confusion-matrix")] == [
        [
            f"{matrix[actual][predicted]} {shares[matrix[actual][predicted]]} of the row"
            for predicted in "01"
        ]
        for actual in "01"
    ]


def test_section_of_the_threshold_has_the_goal_and_metrics_of_the_test_set(
    tmp_path: Path,
) -> None:
    goal = "cost(fp=1,fn=2)"
    chosen = chosen_threshold(goal, np.array([0, 1], np.uint8), np.array([0.68, 0.72]))
    run = with_threshold(tmp_path / "run", chosen)
    report = report_of(tmp_path, run=run)
    first, second = report.about("threshold")[:2]
    assert "0.7 " in first
    assert goal in second
    assert report.rows("threshold") == [
        # Scores of positives: 0.4, 0.8, 0.9; of negatives: 0.1, 0.2, 0.6.
        ["0.1", "0.600", "1.000", "0.750", "0.333"],
        ["0.25", "0.750", "1.000", "0.857", "0.167"],
        ["0.5", "0.667", "0.667", "0.667", "0.500"],
        ["0.7 the model’s", "1.000", "0.667", "0.800", "0.333"],
        ["0.75", "1.000", "0.667", "0.800", "0.333"],
        ["0.9", "0.000", "0.000", "0.000", "1.000"],
    ]
    assert [row[1].split()[0] for row in report.rows("confusion-matrix")] == ["3", "1"]


@pytest.mark.parametrize(("threshold", "verdict"), [("0.6666", "passed"), ("0.66668", "rejected")])
def test_gate_shows_verdict_metric_and_threshold(
    tmp_path: Path, threshold: str, verdict: str
) -> None:
    heading, reason = report_of(tmp_path, "--gate-threshold", threshold).gate
    assert verdict in heading
    value, required = map(float, re.findall(r"\d\.\d+", reason))
    assert value == pytest.approx(2 / 3, abs=1e-4)
    assert required == float(threshold)
    assert (value >= required) == (verdict == "passed"), "rounding must not hide the difference"


def test_report_begins_with_execution_dataset_time_and_commit(tmp_path: Path) -> None:
    commit = "28634772f1d10df0e6ccd4f8bf3d31592cfedd4d"
    report = report_of(
        tmp_path,
        *("--dataset", "https://me:secret@host/reviews.csv?X-Amz-Signature=secret"),
        *("--provenance", "execution=abc", "started=2026-11-29T17:57:00.1+01:00"),
        f"commit={commit}",
    )
    execution, dataset, reviews, positive, started, short = report.values("facts")
    assert (execution, dataset, started) == (
        "abc",
        "https://host/reviews.csv",
        "2026-11-29 16:57 UTC",
    )
    assert int(reviews) == 120
    assert positive == "pos (of neg, pos)"
    assert commit.startswith(short)
    assert "secret" not in page(tmp_path)


def test_provenance_shows_parameters_and_hashes(sample: Evaluated) -> None:
    assert sample.report.rows("provenance") == [["commit", "abc123"], ["eta", "0.2"]]
    hashes = sample.evaluation["inputs_sha256"]
    assert sample.report.rows("provenance", 1) == [[name, hashes[name]] for name in sorted(hashes)]


def test_percent_signs_follow_their_numbers_directly(sample: Evaluated) -> None:
    text = text_of(sample.report.root) + "".join(
        svg.get("aria-label", "") for svg in sample.report.all("svg")
    )
    assert re.findall(r"\d%", text)
    assert re.findall(r"\s%", text) == []


def test_majority_class_is_the_only_baseline_of_other_data(sample: Evaluated) -> None:
    [[name, accuracy, difference, verdict], _] = sample.report.rows("baselines")
    assert "“neg”" in name
    assert (accuracy, difference) == ("50.00%", "+16.67")
    assert verdict not in ("better", "worse"), "six reviews prove nothing"
    assert len(sample.report.root.findall(".//header//li")) == 1
    [chart] = sample.report.root.findall(".//header//svg")
    assert "always" in chart.get("aria-label", "")


def context_of(folder: Path) -> ReportContext:
    given = arguments(folder / "in")
    evaluation = evaluated(folder, given)
    options = report_job.parser().parse_args([*given, "--evaluation=e", "--output=o"])
    inputs = read_inputs(options)
    return ReportContext.of(evaluation, read_predictions(inputs.test_set, 0.5), inputs)


@pytest.mark.parametrize(
    ("test_texts_hash", "baselines"),
    [(ARTICLE_TEST_TEXTS_HASH, 2), ("0" * 16, 1), (None, 1)],
    ids=["article", "other-texts", "manifest-without-hash"],
)
def test_article_is_a_baseline_only_of_its_own_test_set(
    tmp_path: Path, test_texts_hash: str | None, baselines: int
) -> None:
    context = context_of(tmp_path)
    manifest = {**context.inputs.manifest, "test_texts_hash": test_texts_hash}
    inputs = replace(context.inputs, manifest=manifest)
    report = Report(render(replace(context, inputs=inputs)))
    assert len(report.root.findall(".//header//li")) == baselines
    accuracies = [row[1] for row in report.rows("baselines") if len(row) > 1]
    assert accuracies == ["50.00%", "86.53%"][:baselines]


def test_other_balanced_test_sets_of_that_size_are_not_compared_with_the_article(
    tmp_path: Path,
) -> None:
    labels, scores = BALANCED
    report = report_of(tmp_path, labels=labels, scores=scores)
    assert [row[1] for row in report.rows("baselines") if len(row) > 1] == ["50.00%"]
    [chart] = report.root.findall(".//header//svg")
    drawn = chart.get("aria-label", "")
    assert re.findall(r"[\d.]+%", drawn)[:1] == ["94.0%"]
    assert "always" not in drawn, "beside a distant baseline, the interval would be a dot"


def test_champion_of_the_same_test_set_is_compared_by_a_paired_test(tmp_path: Path) -> None:
    old = measured(tmp_path / "old", arguments(tmp_path / "1"))
    folder = champion(tmp_path / "champion", old)
    report = report_of(tmp_path / "new", "--champion", str(folder))
    [name, accuracy, difference, _], [note] = report.rows("baselines")[2:]
    assert name.startswith("version 3")
    assert (accuracy, difference) == ("66.67%", "0.00")
    assert "McNemar" in note
    assert "p = 1;" in note
    heading, _, required = report.gate
    assert "passed" in heading
    assert re.findall(r"\d\.\d+", required) == ["0.6667", "0.6667", "0.6667"]


def test_model_that_passes_the_threshold_is_rejected_below_the_champion(tmp_path: Path) -> None:
    better = {"part-00000.x": "0.9\n0.2\n0.8\n", "part-00001.x": "0.1\n0.1\n0.8\n"}
    old = measured(tmp_path / "old", arguments(tmp_path / "1", scores=better))
    folder = champion(tmp_path / "champion", old)
    more = ("--champion", str(folder), "--champion-margin", "0.1")
    heading, *_ = report_of(tmp_path / "new", *more).gate
    assert "rejected" in heading


def test_gate_without_an_approved_version_requires_only_the_threshold(tmp_path: Path) -> None:
    heading, *reasons = report_of(
        tmp_path / "new", "--champion", str(champion(tmp_path / "champion", {}))
    ).gate
    assert "passed" in heading
    assert len(reasons) == 2, "the second one says that there is no approved version"


def test_champion_of_another_test_set_is_compared_by_an_unpaired_test(tmp_path: Path) -> None:
    rows = {"part-00000.csv": "a,1,1\nb,1,1\nc,1,1\n", "part-00001.csv": "d,1,1\ne,1,1\nf,1,1\n"}
    old = measured(tmp_path / "old", arguments(tmp_path / "1", rows=rows))
    folder = champion(tmp_path / "champion", old)
    report = report_of(tmp_path / "new", "--champion", str(folder))
    [note] = report.rows("baselines")[3]
    assert "unpaired" in note.lower()
    assert "p = 1" in note
    assert len(report.about("baselines")) == 3, "the last one names the different test set"


def test_report_loads_nothing_and_runs_nothing(sample: Evaluated) -> None:
    assert_self_contained(sample.content)


def test_every_chart_has_alternative_text_and_a_caption(sample: Evaluated) -> None:
    charts = sample.report.all("svg")
    assert {chart.get("role") for chart in charts} == {"img"}
    texts = {chart.get("aria-label", "") for chart in charts}
    assert len(texts) == CHARTS
    assert min(map(len, texts)) > 20
    assert len(sample.report.all("figcaption")) == CHARTS


def test_charts_have_the_colours_of_the_page_and_no_date(sample: Evaluated) -> None:
    charts = "".join(re.findall(r"<svg.*?</svg>", sample.content, re.DOTALL))
    assert set(re.findall(r"var\(--(\w+)\)", charts)) >= {"first", "grid", "muted", "second"}
    assert re.findall(r"(?:fill|stroke): #\w+", charts) == []
    assert "font-family" not in charts
    assert re.findall(r"20\d\d-\d\d", sample.content) == []


def test_tables_have_captions_and_headers_with_a_scope(sample: Evaluated) -> None:
    report = sample.report
    assert {heading.get("scope") for heading in report.all("th")} == {"col", "row"}
    assert len(report.all("caption")) == len(report.all("table"))


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("ink", "paper"),
        ("muted", "paper"),
        ("ink", "wash"),
        ("muted", "wash"),
        ("first", "paper"),
        ("second", "paper"),
        ("third", "paper"),
        ("fourth", "paper"),
    ],
)
def test_text_has_the_contrast_that_wcag_requires(sample: Evaluated, ink: str, paper: str) -> None:
    for theme in re.findall(r"(--paper: [^}]*)", sample.content)[:2]:
        colours = dict(re.findall(r"--(\w+): #(\w{6})", theme))
        darker, lighter = sorted((luminance(colours[ink]), luminance(colours[paper])))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


HOSTILE = "<script>alert(1)</script>\"&'\u202e\x07"


def test_names_that_hold_markup_are_escaped(tmp_path: Path) -> None:
    rows = {
        "part-00000.csv": as_rows([(f"{HOSTILE}{number}", 1, 1) for number in range(3)]),
        "part-00001.csv": as_rows([("<img src=x>\udcff", 1, 1), ("b", 1, 1), ("c", 1, 1)]),
    }
    labels = {"labels": {"negative": "<b>no</b>", "positive": '"><i>'}}
    run = changed(run_of(), tmp_path / "run", "vocabulary", {"labels": ["<b>no</b>", '"><i>']})
    run = changed(run, tmp_path / "run2", "manifest", {**labels, "<u>": "<u>"})
    report = report_of(tmp_path, "--provenance", "<em>=<em>", rows=rows, run=run)
    assert report.tags() & {"script", "img", "b", "u", "em"} == set()
    assert [row[0] for row in report.rows("errors")] == [
        "<script>alert(1)</script>\"&'\\u202e\\x072",
        "<img src=x>\\udcff",
    ]
    assert report.rows("provenance")[0] == ["<em>", "<em>"]
    assert "“<b>no</b>”" in report.rows("baselines")[0][0]


def test_errors_are_sorted_by_size_and_then_by_row(tmp_path: Path) -> None:
    scores = {"part-00000.x": "0.2\n0.7\n0.3\n", "part-00001.x": "0.8\n0.7\n0.9\n"}
    assert report_of(tmp_path, scores=scores).rows("errors") == [
        ["part-00000/1", "pos", "0.2000", "10"],
        ["part-00001/1", "neg", "0.8000", "10"],
        ["part-00000/2", "neg", "0.7000", "10"],
        ["part-00000/3", "pos", "0.3000", "10"],
        ["part-00001/2", "neg", "0.7000", "10"],
    ]


@pytest.mark.parametrize(
    ("scores", "accuracy"),
    [
        ({"part-00000.x": "1\n0\n1\n", "part-00001.x": "0\n0\n1\n"}, "100.0%"),
        (dict.fromkeys(SCORES, "0.1\n0.1\n0.1\n"), "50.0%"),
    ],
    ids=["perfect", "constant"],
)
def test_extreme_models_have_a_report(tmp_path: Path, scores: Files, accuracy: str) -> None:
    assert report_of(tmp_path, scores=scores).all("strong")[0].text == accuracy


def test_imbalanced_classes_come_with_their_shares(sample: Evaluated, tmp_path: Path) -> None:
    labels = {"part-00000.csv": "1\n0\n0\n", "part-00001.csv": "0\n0\n0\n"}
    [about] = report_of(tmp_path, labels=labels).about("data")
    assert re.findall(r"[\d.]+%", about) == ["16.7%", "83.3%"]
    assert "%" not in sample.report.about("data")[0]


@pytest.mark.parametrize("feature_format", ["text/libsvm", "text/csv"])
@pytest.mark.parametrize("features", ["stems", "ngrams"])
def test_terms_have_the_names_of_their_columns(
    tmp_path: Path, features: str, feature_format: str
) -> None:
    rows = report_of(tmp_path, run=run_of(features, feature_format)).rows("terms")
    effects = {name: (label, effect) for name, label, effect, _ in rows}
    assert bool(effects.keys() & {*SCORE_NAMES}) == (features == "ngrams")
    if features == "stems":
        signs = {"great": ("pos", "+"), "aw (awful)": ("neg", "−")}
        found = {name: (effects[name][0], effects[name][1][0]) for name in signs.keys() & effects}
        assert found.items() <= signs.items()
        assert found
    assert "padding" not in effects


def test_learning_curves_are_of_all_rounds_and_both_samples(sample: Evaluated) -> None:
    captions = [text_of(one) for one in sample.report.section("learning-curves").iter("figcaption")]
    assert [("after 8 rounds" in caption) for caption in captions] == [True, True]
    splits = json.loads((run_of() / "manifest" / "manifest.json").read_text())["splits"]
    rows = [str(splits[name]["rows"]) for name in ("train", "validation")]
    assert re.findall(r"\d+", sample.report.about("learning-curves")[0]) == rows


def test_model_of_another_execution_is_refused(tmp_path: Path) -> None:
    narrow = changed(run_of(), tmp_path / "run", "vocabulary", {"terms": ["bad"]})
    with pytest.raises(DataError, match="more features than the vocabulary"):
        report_of(tmp_path / "1", run=narrow)


def regenerated(folder: Path, given: Iterable[str], *more: str) -> str:
    """The report of the Report job."""
    words = [*given, "--evaluation", str(folder / "evaluation"), "--output", str(folder / "again")]
    report_job.run(report_job.parser().parse_args([*words, *more]))
    return (folder / "again" / "report.html").read_text(encoding="utf-8")


def test_report_job_writes_the_same_report_as_evaluate(tmp_path: Path) -> None:
    given = arguments(tmp_path / "in")
    evaluated(tmp_path, given)
    assert regenerated(tmp_path, given) == page(tmp_path)


def test_texts_are_shown_only_if_the_raw_reviews_are_given(tmp_path: Path) -> None:
    rows: Files = {
        "part-00000.csv": "a,1,1\nb,1,1\nc,1,1\n",
        "part-00001.csv": "d,1,1\ne,1,1\nf,1,1\n",
    }
    given = arguments(tmp_path / "in", rows=rows)
    evaluated(tmp_path, given)
    raw = tmp_path / "raw"
    raw.mkdir()
    texts = {"c": "So <b>bad</b><script>alert(1)</script> it's & good.", "d": "word " * 99}
    lines = [{"id": name, "body": text, "stars": "1"} for name, text in texts.items()]
    (raw / "r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    columns = ("--text-column", "body", "--label-column", "stars")
    with_texts = Report(regenerated(tmp_path, given, "--raw", str(raw), *columns))
    notes = [text for row in with_texts.rows("errors") if len(row) == 1 for text in row]
    assert "it's & good." in notes[0]
    assert notes[1].endswith("word word…")
    assert "script" not in with_texts.tags()
    without = Report(page(tmp_path))
    assert all(len(row) > 1 for row in without.rows("errors"))
    footers = [text_of(report.all("footer")[0]) for report in (with_texts, without)]
    assert footers[0] != footers[1], "the footer says whether the report holds text"


def test_evaluation_of_another_test_set_is_refused(tmp_path: Path) -> None:
    evaluated(tmp_path, arguments(tmp_path / "in"))
    other = arguments(
        tmp_path / "other",
        labels={"part-00000.csv": "1\n", "part-00001.csv": "0\n"},
        scores={"part-00000.x": "1\n", "part-00001.x": "0\n"},
    )
    with pytest.raises(DataError, match=str(tmp_path / "evaluation")):
        regenerated(tmp_path, other)


@pytest.mark.parametrize(
    "name", ["champion", "download", "find_model", "join", "predict", "prepare", "preprocess"]
)
def test_other_jobs_start_without_the_libraries_of_evaluation(name: str) -> None:
    libraries = {"matplotlib", "scipy", "sklearn", "xgboost"}
    code = f"import sys, processing.jobs.{name}; print({libraries} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
