"""Significance: what isn't SciPy's own is compared with SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from processing.evaluation.significance import Z95, paired_difference, unpaired_difference, wilson


def test_95_percent_lie_within_z95_standard_deviations() -> None:
    assert pytest.approx(stats.norm.ppf(0.975), rel=1e-15) == Z95


@pytest.mark.parametrize(("count", "of"), [(0, 10), (10, 10), (1, 3), (21_703, 25_000)])
def test_interval_of_a_share_contains_the_share_and_stays_within_0_and_1(
    count: int, of: int
) -> None:
    low, high = wilson(count, of)
    assert 0 <= low <= count / of <= high <= 1


@pytest.mark.parametrize(("one", "other"), [(0, 1), (3, 12), (4999, 5001), (60_400, 61_100)])
def test_paired_test_is_symmetric(one: int, other: int) -> None:
    first, second = paired_difference(one, other, 200_000), paired_difference(other, one, 200_000)
    assert first.p_value == second.p_value
    assert first.value == -second.value


def test_models_that_agree_on_every_review_have_a_p_value_of_1() -> None:
    difference = paired_difference(0, 0, 25_000)
    assert (difference.value, difference.p_value) == (0, 1)


def test_interval_of_a_paired_difference_ends_at_0_where_the_p_value_is_near_0_05() -> None:
    difference = paired_difference(1_000, 1_000 + 88, 25_000)
    assert difference.p_value == pytest.approx(0.057, abs=0.003)
    assert difference.low < difference.value < difference.high
    assert difference.high == pytest.approx(0.0001, abs=0.0002)


def test_unpaired_test_is_the_chi_square_test_of_two_shares() -> None:
    table = np.array([[90, 10], [80, 20]])
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert unpaired_difference(90, 100, 80, 100).p_value == pytest.approx(expected)


def test_two_models_without_an_error_have_a_p_value_of_1() -> None:
    assert unpaired_difference(100, 100, 50, 50).p_value == 1.0
