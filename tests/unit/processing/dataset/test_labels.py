"""Which of two labels is the positive one."""

from __future__ import annotations

import pytest

from processing.dataset.labels import classes
from processing.errors import DataError


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["pos", "neg"], ("neg", "pos")),
        (["Positive", "Negative"], ("Negative", "Positive")),
        (["1", "0"], ("0", "1")),
        (["TRUE", "FALSE"], ("FALSE", "TRUE")),
        (["yes", "no"], ("no", "yes")),
        (["good", "bad"], ("bad", "good")),
        (["spam", "ham"], ("ham", "spam")),
        (["Bad", "good"], ("Bad", "good")),
        (["1", "-1"], ("-1", "1")),
        (["2", "1", "2"], ("1", "2")),
    ],
)
def test_the_positive_label_is_found_by_its_name(
    found: list[str], expected: tuple[str, str]
) -> None:
    assert classes(found) == expected
    assert classes(reversed(found)) == expected


def test_the_user_may_choose_the_other_one() -> None:
    assert classes(["ham", "spam"], "ham") == ("spam", "ham")
    assert classes(["pos", "neg"], "neg") == ("pos", "neg")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (["a"], "two labels are needed, found 'a'; check the label column"),
        (["a", "b", "c"], "two labels are needed, found 'a', 'b', 'c'; check the label column"),
        (list("abcdefg"), "two labels are needed, found 'a', 'b', 'c', 'd', 'e' and 2 more;"),
        (["x" * 99] * 9, f"two labels are needed, found '{'x' * 40}'; check"),
        (["x\ny"], r"two labels are needed, found 'x\\ny'"),
    ],
)
def test_other_than_two_labels_are_refused_and_listed(found: list[str], told: str) -> None:
    with pytest.raises(DataError) as refusal:
        classes(found)
    assert str(refusal.value).startswith(told)


def test_a_positive_label_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(DataError, match=r"'good' is neither 'ham' nor 'spam'; name one of them"):
        classes(["spam", "ham"], "good")


@pytest.mark.parametrize("found", [[], ["pos"], ["neg"]])
def test_an_archive_that_lacks_a_class_is_told_so_later_with_its_half(found: list[str]) -> None:
    assert classes(found) == ("neg", "pos")
