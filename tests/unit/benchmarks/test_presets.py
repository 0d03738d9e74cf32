"""The table of presets: means over seeds, rivals without a price, the linear models' choice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.archive import reviews
from benchmarks.baselines.linear import MODELS, LogCountRatio, chosen
from benchmarks.measuring import Usage
from benchmarks.presets.__main__ import PRESETS, raw_reviews
from benchmarks.presets.comparison import Comparison
from benchmarks.presets.report import markdown
from benchmarks.presets.rivals import RIVALS
from benchmarks.presets.runs import Run, usd
from benchmarks.presets.written import write
from operations.presets import with_preset
from tests.unit.benchmarks.test_search import archive_at

USAGE = Usage(10, 5, 100, 200)
FOUND = Comparison(
    date="2026-11-25",
    machine={"cores": 2, "load": [0.5, 2.5], "processor": "a processor", "python": "3.11.7"},
    runs=[
        Run("fast", 1, 0.86, 0.94, USAGE, USAGE, 0.5, usd=0.01),
        Run("fast", 2, 0.88, 0.96, USAGE, USAGE, 0.5, usd=0.01),
        Run("NB-SVM", 1, 0.91, 0.97, USAGE, USAGE, 12.0, chosen="C=0.01"),
    ],
    reviews=25_000,
    scored={"fast": Usage(10, 5, 100, 200)},
)


def test_the_table_gives_mean_and_spread_of_the_seeds() -> None:
    assert "| fast | 0.8700 | 0.0100 | 0.9500 | 10 | 5 | 10 | 100 | 0.50 | 0.0100 | 2 |\n" in (
        markdown(FOUND, "x.svg")
    )


def test_a_rival_has_no_price_and_tells_what_validation_chose() -> None:
    page = markdown(FOUND, "x.svg")
    assert "| 12.00 |  | 1 |" in page
    assert "validation chooses C (NB-SVM C=0.01)" in page


def test_throughput_is_of_the_whole_command() -> None:
    assert "| fast | 10 | 5 | 5,000 |\n" in markdown(FOUND, "x.svg")


def test_page_and_picture_are_made_from_the_saved_numbers(tmp_path: Path) -> None:
    FOUND.save(tmp_path / "found.json")
    assert Comparison.load(tmp_path / "found.json") == FOUND
    assert write(tmp_path / "found.json").read_text(encoding="utf-8") == markdown(
        FOUND, "found.svg"
    )
    assert (tmp_path / "found.svg").read_text(encoding="utf-8").count("NB-SVM") >= 1


def test_each_job_is_billed_a_minute_besides_its_work() -> None:
    assert usd(0, jobs=60) == pytest.approx(0.115)
    assert usd(7200, jobs=0) == pytest.approx(0.115)


def test_what_is_measured_is_there() -> None:
    assert all(isinstance(with_preset(preset, {}), dict) for preset in PRESETS)
    assert set(RIVALS) == set(MODELS)


def test_what_is_scored_is_the_raw_test_half(tmp_path: Path) -> None:
    assert raw_reviews(archive_at(tmp_path / "all.tar"), tmp_path / "half.tar") == 6
    first, *others = reviews(tmp_path / "half.tar")
    assert (first.name, first.text) == ("test/pos/0_5.txt", "test pos 0")
    assert all(review.half == "test" for review in others)


def test_log_count_ratio_favours_words_of_the_positive_class() -> None:
    counts = sp.csr_matrix(np.array([[1, 0, 1], [1, 0, 1], [0, 1, 1], [0, 1, 1]], np.float32))
    weighted = LogCountRatio().fit(counts, np.array([1, 1, 0, 0])).transform(counts).toarray()
    assert weighted[0, 0] == pytest.approx(np.log(3))
    assert weighted[2, 1] == pytest.approx(-np.log(3))
    assert weighted[0, 2] == 0


@pytest.mark.parametrize("name", MODELS)
def test_c_is_chosen_by_reviews_that_the_training_does_not_see(name: str) -> None:
    texts = ["good fine film", "bad poor film"] * 20
    assert chosen(MODELS[name], texts, np.array([1, 0] * 20), 1) in MODELS[name].choices
