"""The stemmer without idle steps gives NLTK's stems."""

from __future__ import annotations

import itertools
import random
import string

import pytest
from nltk.stem.porter import PorterStemmer

from processing.text.stemmer import ENDINGS, Stemmer

STEPS = [name for name in vars(PorterStemmer) if name.startswith("_step")]
BEGINNINGS = ["", "a", "y", "fl", "sky", "happ", "relat", "oscill", "controll", "sayy", "tr0b"]


class Recording(PorterStemmer):  # type: ignore[misc]
    """Records the suffixes that each step looks for."""

    def __init__(self) -> None:
        super().__init__()
        self.suffixes: set[str] = set()

    def _apply_rule_list(self, word: str, rules: list[tuple[str, str, object]]) -> str:
        self.suffixes |= {suffix for suffix, _, _ in rules}
        return word


def suffixes_of(step: str) -> set[str]:
    stemmer = Recording()
    getattr(stemmer, step)("zzz")
    # These two steps have no list for a word like "zzz"; their suffixes are in their code.
    return stemmer.suffixes or {"_step1b": {"ied", "eed", "ed", "ing"}, "_step5a": {"e"}}[step]


def test_every_step_of_the_algorithm_has_its_endings() -> None:
    assert sorted(ENDINGS) == sorted(STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_skipped_only_if_none_of_its_suffixes_matches(step: str) -> None:
    assert all(suffix.endswith(ENDINGS[step]) for suffix in suffixes_of(step))


@pytest.mark.parametrize("step", STEPS)
def test_every_listed_ending_is_that_of_a_suffix(step: str) -> None:
    for ending in ENDINGS[step]:
        assert any(suffix.endswith(ending) for suffix in suffixes_of(step)), ending


def test_words_with_up_to_two_suffixes_have_nltks_stem() -> None:
    theirs, ours = PorterStemmer(), Stemmer()
    suffixes = sorted(set().union(*map(suffixes_of, STEPS)))
    endings = ["", *suffixes, *map("".join, itertools.product(suffixes, repeat=2))]
    for word in map("".join, itertools.product(BEGINNINGS, endings)):
        assert ours.stem(word) == theirs.stem(word), word


def test_letters_and_digits_at_random_have_nltks_stem() -> None:
    theirs, ours, rng = PorterStemmer(), Stemmer(), random.Random(12)
    for _ in range(20_000):
        word = "".join(
            rng.choices("aeiouy" * 3 + string.ascii_lowercase + "19", k=rng.randint(1, 12))
        )
        assert ours.stem(word) == theirs.stem(word), word
