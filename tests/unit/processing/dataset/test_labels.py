"""The choice of the positive one of two labels."""

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
def test_auto_finds_the_positive_label(found: list[str], expected: tuple[str, str]) -> None:
    assert classes(found) == expected
    assert classes(reversed(found)) == expected


def test_a_chosen_positive_label_is_used() -> None:
    assert classes(["ham", "spam"], "ham") == ("spam", "ham")
    assert classes(["pos", "neg"], "neg") == ("pos", "neg")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (["a"], "expected two labels, found 'a'; check the label column"),
        (["a", "b", "c"], "expected two labels, found 'a', 'b', 'c'; check the label column"),
        (list("abcdefg"), "expected two labels, found 'a', 'b', 'c', 'd', 'e' and 2 more;"),
        (["x" * 99] * 9, f"expected two labels, found '{'x' * 40}'; check"),
        (["x\ny"], r"expected two labels, found 'x\\ny'"),
    ],
)
def test_one_label_or_more_than_two_are_refused(found: list[str], message: str) -> None:
    with pytest.raises(DataError) as refusal:
        classes(found)
    assert str(refusal.value).startswith(message)


def test_an_unknown_positive_label_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"PositiveLabel must be 'ham' or 'spam', got 'good'"):
        classes(["spam", "ham"], "good")


@pytest.mark.parametrize("found", [[], ["pos"], ["neg"]])
def test_an_archive_without_a_class_has_the_labels_of_archives(found: list[str]) -> None:
    assert classes(found) == ("neg", "pos")
