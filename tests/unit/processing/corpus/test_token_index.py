"""The token index gives each word the id that a loop over a dict gives it."""

from __future__ import annotations

import random
import string

import pytest

from processing.corpus.token_index import SLOT_BITS, TokenIndex
from processing.text.normalize import stem_unless_stop_word
from processing.text.stop_words import ENGLISH

LETTERS = string.ascii_lowercase + string.digits
SEED = 11

Read = tuple[list[list[int]], list[list[int]], list[str]]
"""The ids and positions of the words of each text, and the terms of the ids."""


def invented_words(rng: random.Random, count: int) -> list[str]:
    """Words around the lengths of 8 and 16 letters, many with a common beginning."""
    words = ["".join(rng.choices(LETTERS, k=rng.randint(1, 20))) for _ in range(count // 2)]
    beginnings = ["".join(rng.choices(LETTERS, k=length)) for length in (6, 7, 8, 14, 15, 16, 40)]
    words += [rng.choice(beginnings) + rng.choice(["", "a", "b", "ab"]) for _ in range(count // 4)]
    return words + rng.choices(sorted(word for word in ENGLISH if word.isalpha()), k=count // 4)


def by_loop(texts: list[str]) -> Read:
    terms: dict[str, int] = {}
    ids: list[list[int]] = []
    positions: list[list[int]] = []
    for text in texts:
        ids.append([])
        positions.append([])
        at = 0
        for word in text.split(" "):
            if word and (term := stem_unless_stop_word(word)) is not None:
                ids[-1].append(terms.setdefault(term, len(terms) + 1))
                positions[-1].append(at)
            at += len(word) + 1
    return ids, positions, ["", *terms]


def by_index(texts: list[str], slot_bits: int = SLOT_BITS) -> Read:
    index = TokenIndex(stem_unless_stop_word, slot_bits)
    read = [index.read(text) for text in texts]
    return [ids.tolist() for ids, _ in read], [at.tolist() for _, at in read], index.terms


@pytest.mark.parametrize("slot_bits", [1, 4, 18])
def test_every_token_has_the_id_that_a_dict_gives_it(slot_bits: int) -> None:
    """With few slots, many words share one."""
    rng = random.Random(SEED)
    words = invented_words(rng, 400)
    texts = [" ".join(rng.choices(words, k=rng.randint(1, 90))) for _ in range(60)]
    assert by_index(texts, slot_bits) == by_loop(texts)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("   ", id="spaces"),
        pytest.param("b", id="one letter"),
        pytest.param(" film  plot   film ", id="many spaces"),
        pytest.param("the of and", id="stop words"),
        pytest.param("movie movies", id="words of one term"),
        pytest.param("abcdefgh abcdefghi abcdefg abcdefgh", id="eight letters, more, fewer"),
        pytest.param(f"{'x' * 16} {'x' * 17} {'x' * 15} {'x' * 16}", id="sixteen, more, fewer"),
        pytest.param(f"{'x' * 16}a {'x' * 16}b {'x' * 16}", id="other letters after sixteen"),
        pytest.param("x" * 100_000, id="one endless word"),
        pytest.param("0 00 000 0000", id="zeros"),
    ],
)
def test_any_text_of_letters_and_digits_can_be_read(text: str) -> None:
    texts = [text] * 3  # new at first, then known to the dict, then to the table
    assert by_index(texts) == by_loop(texts)


def test_a_word_that_occurs_repeatedly_in_its_first_text_has_one_id() -> None:
    ids, _ = TokenIndex(stem_unless_stop_word).read("film film film")
    assert ids.tolist() == [1, 1, 1]


def test_ids_are_kept_between_texts() -> None:
    index = TokenIndex(stem_unless_stop_word)
    index.read("plot film")
    assert index.read("film actor plot")[0].tolist() == [2, 3, 1]
    assert index.terms == ["", "plot", "film", "actor"]


def test_the_term_of_a_word_is_computed_once() -> None:
    words: list[str] = []

    def term(word: str) -> str | None:
        words.append(word)
        return None if word == "the" else word

    index = TokenIndex(term)
    for text in ("the film", "film the the", "extraordinary the film"):
        index.read(text)
    assert words == ["the", "film", "extraordinary"]
    assert len(index) == 3


def test_words_in_the_table_are_found_without_the_dict(monkeypatch: pytest.MonkeyPatch) -> None:
    index = TokenIndex(stem_unless_stop_word)
    text = "film plot extraordinary scene the"
    ids = index.read(text)[0].tolist()
    monkeypatch.setattr(index, "_ids", {})
    assert index.read(text)[0].tolist() == ids
