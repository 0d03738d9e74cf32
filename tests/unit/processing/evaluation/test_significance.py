"""Intervals and tests beside SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from processing.evaluation.significance import (
    mcnemar,
    paired,
    unpaired,
    wilson,
)


@pytest.mark.parametrize(("count", "of"), [(0, 10), (10, 10), (1, 3), (21_703, 25_000)])
def test_the_interval_of_a_share_is_wilsons(count: int, of: int) -> None:
    expected = stats.binomtest(count, of).proportion_ci(0.95, method="wilson")
    assert wilson(count, of) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (3, 12), (120, 80), (862, 1_832), (4999, 5001)])
def test_the_paired_test_is_exact(one: int, other: int) -> None:
    expected = stats.binomtest(one, one + other).pvalue
    assert mcnemar(one, other) == pytest.approx(expected, rel=1e-9)
    assert mcnemar(one, other) == mcnemar(other, one)


def test_the_paired_test_of_very_many_goes_by_its_limit() -> None:
    expected = stats.binomtest(60_400, 121_500).pvalue
    assert mcnemar(60_400, 61_100) == pytest.approx(expected, rel=0.01)


def test_a_difference_that_chance_makes_one_time_in_twenty_is_at_the_intervals_edge() -> None:
    found = paired(1_000, 1_000 + 88, 25_000)
    assert found.p_value == pytest.approx(0.057, abs=0.003)
    assert found.low < found.value < found.high
    assert found.high == pytest.approx(0.0001, abs=0.0002)


def test_the_unpaired_test_is_that_of_two_shares() -> None:
    table = np.array([[90, 10], [80, 20]])
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert unpaired(90, 100, 80, 100).p_value == pytest.approx(expected)
    assert unpaired(100, 100, 50, 50).p_value == 1.0
