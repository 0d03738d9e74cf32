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
        (["4", "0"], ("0", "4")),
        (["ham", "SPAM"], ("ham", "SPAM")),
        (["T", "F"], ("F", "T")),
        (["1", "-1"], ("-1", "1")),
        (["2", "1", "2"], ("1", "2")),
    ],
)
def test_auto_finds_the_positive_label(found: list[str], expected: tuple[str, str]) -> None:
    assert classes(found).labels == expected
    assert classes(reversed(found)).labels == expected


def test_a_chosen_positive_label_is_used() -> None:
    assert classes(["ham", "spam"], "ham").labels == ("spam", "ham")
    assert classes(["pos", "neg"], "neg").labels == ("pos", "neg")


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
    assert classes(found).labels == ("neg", "pos")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"positive": 2, "Positive": 3, "negative": 4}, ("negative", "Positive")),
        ({"ham": 1, "SPAM": 2, "spam": 2}, ("ham", "SPAM")),
        ({"ham": 1, "Spam": 9, "HAM": 1, "spam": 8, "SPAM": 8}, ("HAM", "Spam")),
    ],
)
def test_labels_that_differ_in_case_are_one_class_with_the_most_frequent_spelling(
    counts: dict[str, int], expected: tuple[str, str]
) -> None:
    found = classes(counts)
    assert found.labels == expected
    assert classes(dict(reversed(counts.items()))) == found
    assert [found.number(label) for label in counts] == [
        int(label.casefold() == expected[1].casefold()) for label in counts
    ]


def test_messages_name_merged_spellings_and_the_positive_class() -> None:
    assert list(classes({"Fresh": 2, "fresh": 3, "rotten": 4}).messages()) == [
        "labels 'fresh' and 'Fresh' are one class",
        "positive class: rotten (of fresh, rotten); set PositiveLabel to change it",
    ]


@pytest.mark.parametrize(
    ("found", "positive", "source"),
    [
        (["neg", "pos"], "auto", "common pair"),
        (["No", "Yes"], "auto", "common pair"),
        (["fresh", "rotten"], "auto", "alphabetical order"),
        (["fresh", "rotten"], "FRESH", "PositiveLabel"),
    ],
)
def test_the_reason_for_the_positive_class_is_recorded(
    found: list[str], positive: str, source: str
) -> None:
    assert classes(found, positive).as_json()["source"] == source
