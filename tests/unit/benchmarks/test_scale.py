"""More reviews than there are, the laws in what they cost, and what the laws would need."""

from __future__ import annotations

import doctest
import math
import random
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.archive import Review
from benchmarks.measuring import Usage
from benchmarks.scale import heaps, laws
from benchmarks.scale.copies import Copier, words_of
from benchmarks.scale.growth import Growth
from benchmarks.scale.heaps import curve, fit
from benchmarks.scale.instances import estimate, usd_per_core_hour
from benchmarks.scale.laws import line
from benchmarks.scale.points import JOBS, Point
from benchmarks.scale.report import markdown


def invented(count: int) -> list[Review]:
    """Reviews of words that are the rarer the higher their rank."""
    chance = random.Random(0)
    words = [f"w{number:05}" for number in range(20_000)]
    weights = [rank**-1.3 for rank in range(1, len(words) + 1)]
    return [
        Review(
            name=f"train/pos/{number}_9.txt",
            half="train",
            label=1,
            text=" ".join(chance.choices(words, weights, k=100)) + "<br /><br />end",
        )
        for number in range(count)
    ]


ORIGINALS = invented(300)
LAW = fit(curve(words_of(review.text) for review in ORIGINALS))


def distinct(reviews: list[Review]) -> int:
    return len({word for review in reviews for word in words_of(review.text)})


def test_examples_in_the_modules_hold() -> None:
    assert [doctest.testmod(module).failed for module in (heaps, laws)] == [0, 0]


def test_law_is_found_in_what_follows_it() -> None:
    points = [heaps.Point(10**power, int(7 * 10 ** (0.6 * power))) for power in range(3, 9)]
    law = fit(points)
    assert law.beta == pytest.approx(0.6, abs=1e-3)
    assert law.distinct(10**8) == pytest.approx(points[-1].distinct)


def test_copies_are_the_same_each_time() -> None:
    one, other = ([*Copier(ORIGINALS, LAW).reviews(700)] for _ in range(2))
    assert one == other
    assert [*Copier(ORIGINALS, LAW, seed=1).reviews(700)] != one


def test_originals_come_first_and_names_and_texts_are_never_repeated() -> None:
    made = [*Copier(ORIGINALS, LAW).reviews(1_000)]
    assert made[:300] == ORIGINALS
    assert len({review.name for review in made}) == len({review.text for review in made}) == 1_000
    assert made[300].name == "train/pos/1_0_9.txt"
    assert [*Copier(ORIGINALS, LAW).reviews(10)] == ORIGINALS[:10]


def test_copies_keep_to_the_law_of_the_originals() -> None:
    copier = Copier(ORIGINALS, LAW)
    made = [*copier.reviews(2_400)]
    words = sum(len(words_of(review.text)) for review in made)
    assert copier.words == pytest.approx(words, rel=0.02)
    assert copier.distinct == pytest.approx(distinct(made), rel=0.02)
    assert distinct(made) == pytest.approx(LAW.distinct(words), rel=0.02)
    assert distinct(made) > 2 * distinct(ORIGINALS)


def test_copies_change_one_word_in_ten_and_keep_their_markup() -> None:
    made = [*Copier(ORIGINALS, LAW).reviews(600)]
    changed = 0
    for original, copy in zip(made[:300], made[300:], strict=True):
        before, after = original.text.split(" "), copy.text.split(" ")
        assert len(before) == len(after)
        assert original.text.count("<br />") == copy.text.count("<br />")
        changed += sum(a != b for a, b in zip(before, after, strict=True))
    assert 0.06 < changed / sum(len(review.text.split(" ")) for review in ORIGINALS) <= 0.1


def test_frequent_words_stay_frequent() -> None:
    made = [*Copier(ORIGINALS, LAW).reviews(2_400)]
    before, after = (
        Counter(word for review in reviews for word in words_of(review.text))
        for reviews in (ORIGINALS, made)
    )
    for word, count in before.most_common(10):
        assert after[word] / after.total() == pytest.approx(count / before.total(), rel=0.1)


def test_line_goes_through_what_lies_on_one() -> None:
    found = line([50, 200, 400], [60, 210, 410])
    assert (found.fixed, found.each) == (pytest.approx(10), pytest.approx(1))
    assert found.at(1_000) == pytest.approx(1_010)


@pytest.mark.parametrize(("grown", "each"), [(104, 0.0), (96, 0.0), (80, 0.0), (130, 0.1)])
def test_what_hardly_grows_is_taken_not_to_grow(grown: float, each: float) -> None:
    assert line([100, 250, 400], [100, (100 + grown) / 2, grown]).each == pytest.approx(each)


def test_smallest_instance_that_holds_it_is_the_cheapest() -> None:
    small, large = estimate("Preprocess", 7_200, 100), estimate("Preprocess", 7_200, 100_000)
    assert small.instance_type in ("ml.m5.large", "ml.m5.xlarge")
    assert large.instance_type == "ml.r5.8xlarge"
    assert large.usd > small.usd > 0


def test_more_cores_than_the_work_spreads_over_shorten_nothing() -> None:
    transform = estimate("Transform", 7_200, 100)
    assert transform.instance_type == "ml.m5.large"
    assert transform.hours == pytest.approx(1 + 60 / 3600)


def test_what_fits_nowhere_has_no_instance() -> None:
    nothing = estimate("Train", 1, 1e9)
    assert nothing.instance_type is None
    assert math.isnan(nothing.usd)
    assert usd_per_core_hour() > 0


def _growth() -> Growth:
    machine = {"cores": 2, "load": [1.0, 2.0], "processor": "a processor", "python": "3.11.7"}
    points = [
        Point(
            reviews=reviews,
            words=240 * reviews,
            distinct=2 * reviews,
            k=10.0,
            beta=0.57,
            archive_mb=reviews / 1e3,
            output_mb=0.6 * reviews / 1e3,
            usage={
                job: Usage(1 + reviews / 1e4, 1 + reviews / 1e4, 100, 90 + reviews / 1e3)
                for job in JOBS
            },
        )
        for reviews in (50_000, 200_000, 400_000)
    ]
    return Growth("2026-11-22", machine, points)


def test_growth_is_the_same_after_saving_and_loading(tmp_path: Path) -> None:
    _growth().save(tmp_path / "growth.json")
    assert Growth.load(tmp_path / "growth.json") == _growth()


def test_page_tells_laws_and_where_they_break() -> None:
    page = markdown(_growth(), "picture.svg")
    assert "| Train | 1 + 100 M | 90 + 1,000 M | 0% |" in page
    assert "| 10,000,000 | " in page
    assert "| Transform | 5.91 million | 72 million |" in page  # 6 GB, 7,200 s
    [line] = [line for line in page.splitlines() if line.startswith("| 1,000,000,000 |")][:1]
    assert "**none is large enough**" in line
    assert "2,400" not in line
