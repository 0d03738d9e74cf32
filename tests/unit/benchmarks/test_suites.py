"""The suites' figures: totals, ratios, targets, means over seeds, copies of reviews."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from benchmarks.baselines.linear import MODELS
from benchmarks.harness.archive import Review, reviews
from benchmarks.harness.measure import Usage
from benchmarks.pipeline import rows as names
from benchmarks.pipeline.rows import Row, find, total, totals
from benchmarks.pipeline.suite import _compared
from benchmarks.pipeline.targets import COMMAND_SECONDS, Target, targets
from benchmarks.presets import suite as presets
from benchmarks.presets.suite import Run
from benchmarks.scaling import suite as scaling
from benchmarks.scaling.larger_archive import copies
from benchmarks.scoring import suite as scoring
from benchmarks.serving import suite as serving
from benchmarks.serving.suite import Served
from operations.presets import with_preset

ROWS = [
    Row(names.LOWER_BOUND, names.WHOLE, Usage(1.5, 1.5, 280, 280), runs=3),
    Row(names.SKLEARN, names.WHOLE, Usage(24, 25, 560, 560)),
    Row(names.ARTICLE, names.AS_WRITTEN, Usage(3900, 3900, 300, 300), scale=250),
    Row(names.ARTICLE, names.ONE_LIST, Usage(250, 250, 300, 300), scale=50),
    Row(names.ARTICLE, "CSV files", Usage(100, 100, 4100, 4100)),
    Row(names.PIPELINE, names.WHOLE, Usage(10, 11, 320, 400), runs=3),
    Row(names.PIPELINE, names.PREPROCESS, Usage(7, 3.5, 110, 300), runs=3),
]


def test_a_total_contains_one_of_the_two_variants() -> None:
    assert total(ROWS, names.ARTICLE, without=names.ONE_LIST).cpu_seconds == 4000
    assert total(ROWS, names.ARTICLE, without=names.AS_WRITTEN).cpu_seconds == 350
    assert total(ROWS, names.ARTICLE, without=names.AS_WRITTEN).peak_mb == 4100
    assert find(totals_as_rows(), "this pipeline").cpu_seconds == 10


def totals_as_rows() -> list[Row]:
    return [Row(name, names.WHOLE, usage) for name, usage in totals(ROWS).items()]


def held(**change: Usage) -> list[Target]:
    rows = [
        Row(row.program, row.stage, change.get(row.stage, row.usage))
        if row.program == names.PIPELINE
        else row
        for row in ROWS
    ]
    return targets(rows, {"train": 15.4, "test": 14.4}, COMMAND_SECONDS)


def test_ratios_compare_with_the_pipeline_of_the_same_run() -> None:
    _, same_work, stages = _compared(ROWS, held())
    by_name = {row[0]: row[1:] for row in same_work.rows}
    assert by_name["the article's code"] == (4000, 400, 4000, 4100)
    assert by_name["this pipeline"] == (10, 1, 11, 320)
    [sample] = [row for row in stages.rows if "as written" in str(row[1])]
    assert "multiplied by 250.0" in str(sample[1])


def test_targets_hold_within_their_limits() -> None:
    assert [target.holds for target in held()] == [True] * 11


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({"whole": Usage(10, 12, 320, 320)}, "the whole pipeline, wall"),
        ({"whole": Usage(15.1, 11, 320, 320)}, "the whole pipeline, CPU"),
        ({"whole": Usage(10, 11, 501, 501)}, "the largest process"),
        ({"Preprocess": Usage(7.1, 3.5, 110, 300)}, "Preprocess with its imports, CPU"),
        ({"Preprocess": Usage(7, 3.6, 110, 300)}, "Preprocess, wall"),
        ({"Preprocess": Usage(7, 3.5, 110, 301)}, "Preprocess, all its processes"),
    ],
)
def test_a_missed_target_is_reported(change: dict[str, Usage], missed: str) -> None:
    assert [target.what for target in held(**change) if not target.holds] == [missed]


def test_a_ratio_below_the_article_s_is_reported() -> None:
    missed = [target.what for target in held(whole=Usage(54, 11, 320, 320)) if not target.holds]
    assert "the article's CPU time, divided by the pipeline's" in missed


def test_bytes_and_start_up_times_have_targets() -> None:
    slow = {what: limit + 0.01 for what, limit in COMMAND_SECONDS.items()}
    missed = [target for target in targets(ROWS, {"train": 32.1}, slow) if not target.holds]
    assert [target.what for target in missed] == ["sent to S3 by an execution", *COMMAND_SECONDS]


def run(name: str, seed: int, accuracy: float, usd: float | None = None) -> Run:
    return Run(name, seed, accuracy, accuracy + 0.08, Usage(10, 5, 100, 200), 4, 0.5, usd)


def test_presets_are_shown_with_mean_and_deviation_over_the_seeds() -> None:
    runs = [run("mine", 1, 0.86, 0.01), run("mine", 2, 0.88, 0.01), run("NB-SVM", 1, 0.91)]
    training, scoring = presets.content(runs, {"mine": Usage(10, 5, 1, 1)}, 25_000).tables
    assert training.rows[0] == ("mine", "0.8700", "0.0100", "0.9500", 10, 5, 4, 100, 0.5, 0.01, 2)
    assert (training.rows[1][2], training.rows[1][9]) == (None, None)
    assert scoring.rows == [("mine", 10, 5, 5000)]


def test_each_job_is_billed_a_minute_beyond_its_work() -> None:
    assert presets.usd(0, jobs=60) == pytest.approx(0.115)
    assert presets.usd(7200, jobs=0) == pytest.approx(0.115)


def test_the_measured_presets_and_models_exist() -> None:
    assert all(isinstance(with_preset(preset, {}), dict) for preset in presets.PRESETS)
    assert set(presets.LINEAR_MODELS) == set(MODELS)


def test_the_test_set_alone_is_packed_for_scoring(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        for name in ("train/pos/0_9.txt", "test/pos/0_9.txt", "test/neg/0_1.txt"):
            member = tarfile.TarInfo(name)
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
    assert presets.pack_test_set(tmp_path / "all.tar", tmp_path / "test.tar") == 2
    packed = [review.name for review in reviews(tmp_path / "test.tar")]
    assert packed == ["test/pos/0_9.txt", "test/neg/0_1.txt"]


def test_copies_change_one_word_in_ten_and_keep_their_markup() -> None:
    text = " ".join(f"w{'abcdefghij'[number % 10]}" for number in range(99)) + " <br />"
    originals = [Review(f"train/pos/{number}_9.txt", "train", 1, text) for number in range(20)]
    made = list(copies(originals, 60))
    assert made[:20] == originals
    assert made == list(copies(originals, 60))
    assert len({review.name for review in made}) == 60
    assert made[20].name == "train/pos/1_0_9.txt"
    words = [review.text.split(" ") for review in made[20:]]
    changed = sum(a != b for copy in words for a, b in zip(text.split(" "), copy, strict=True))
    assert 0.05 < changed / (40 * 101) <= 0.1
    assert all(copy[-2:] == ["<br", "/>"] for copy in words)


def test_serving_is_compared_with_the_jobs_of_the_same_run() -> None:
    requests = {"start": [0.5], "alone": [0.002], "explained": [0.01], "together": [1.0, 1.0]}
    [table] = serving.content({"stems": Served(requests, Usage(3, 3, 99.5, 120), 200, 4)}).tables
    assert table.rows == [("stems", 0.5, 2, 2, 10, 100, 0.5, 100)]


def test_growth_has_a_row_for_each_size_and_job() -> None:
    usages = {size: dict.fromkeys(scaling.JOBS, Usage(2, 1, 10, 20)) for size in (100, 200)}
    [table] = scaling.content(usages).tables
    assert len(table.rows) == 6
    assert table.rows[0] == (100, "Preprocess", 2, 50, 1, 20)


def test_scoring_has_a_row_for_each_size_and_program() -> None:
    programs = (scoring.WHOLE, *scoring.JOBS)
    usages = {size: dict.fromkeys(programs, Usage(2, 1, 10, 20)) for size in (100, 200)}
    found = scoring.content(usages)
    assert len(found.tables[0].rows) == 8
    assert found.tables[0].rows[1] == (100, "Prepare", 2, 50, 1, 10, 20)
    assert [set(chart.series) for chart in found.charts] == [set(scoring.JOBS)] * 2
