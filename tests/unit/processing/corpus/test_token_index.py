"""Words found by arithmetic, beside a loop over a dict."""

from __future__ import annotations

import random
import string
from collections.abc import Iterable

import numpy as np
import pytest

from processing.corpus import token_index as lexicon_module
from processing.corpus.token_ids import WordIds
from processing.corpus.token_index import Lexicon
from processing.text.stop_words import ENGLISH

LETTERS = string.ascii_lowercase + string.digits
SEED = 11


def invented_words(rng: random.Random, count: int) -> list[str]:
    """Words of all lengths about the borders of 8 and 16 letters, many with a common beginning."""
    words = ["".join(rng.choices(LETTERS, k=rng.randint(1, 20))) for _ in range(count // 2)]
    stems = ["".join(rng.choices(LETTERS, k=length)) for length in (6, 7, 8, 14, 15, 16, 40)]
    words += [rng.choice(stems) + rng.choice(["", "a", "b", "ab"]) for _ in range(count // 4)]
    return words + rng.choices(sorted(word for word in ENGLISH if word.isalpha()), k=count // 4)


def by_loop(texts: list[str]) -> tuple[list[list[int]], list[list[int]], list[str]]:
    """Ids and places of each text's words, and the words of the ids."""
    known: dict[str, int] = {}
    ids: list[list[int]] = []
    places: list[list[int]] = []
    for text in texts:
        ids.append([])
        places.append([])
        at = 0
        for word in text.split(" "):
            if word and word not in ENGLISH:
                ids[-1].append(known.setdefault(word, len(known) + 1))
                places[-1].append(at)
            at += len(word) + 1
    return ids, places, ["", *known]


def by_lexicon(texts: list[str]) -> tuple[list[list[int]], list[list[int]], list[str]]:
    lexicon = Lexicon()
    read = [lexicon.read(text) for text in texts]
    return [ids.tolist() for ids, _ in read], [at.tolist() for _, at in read], lexicon.words


@pytest.mark.parametrize("slot_bits", [1, 4, 18])
def test_every_word_has_the_id_that_a_dict_gives_it(
    monkeypatch: pytest.MonkeyPatch, slot_bits: int
) -> None:
    monkeypatch.setattr(lexicon_module, "_SLOT_BITS", slot_bits)  # few slots: many words share one
    rng = random.Random(SEED)
    words = invented_words(rng, 400)
    texts = [" ".join(rng.choices(words, k=rng.randint(1, 90))) for _ in range(60)]
    assert by_lexicon(texts) == by_loop(texts)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("   ", id="spaces"),
        pytest.param("a", id="one letter"),
        pytest.param(" film  plot   film ", id="many spaces"),
        pytest.param("the of and", id="stop words"),
        pytest.param("abcdefgh abcdefghi abcdefg abcdefgh", id="eight letters, more, fewer"),
        pytest.param(f"{'x' * 16} {'x' * 17} {'x' * 15} {'x' * 16}", id="sixteen, more, fewer"),
        pytest.param(f"{'x' * 16}a {'x' * 16}b {'x' * 16}", id="other letters behind sixteen"),
        pytest.param("x" * 100_000, id="one endless word"),
        pytest.param("0 00 000 0000", id="zeros"),
    ],
)
def test_any_text_of_letters_and_digits_is_read(text: str) -> None:
    texts = [text] * 3  # unknown at first, then known to the dict, then to the table
    assert by_lexicon(texts) == by_loop(texts)


def test_words_of_the_same_text_that_are_new_have_one_id() -> None:
    ids, _ = Lexicon().read("film film film")
    assert ids.tolist() == [1, 1, 1]


def test_ids_are_kept_from_one_text_to_the_next() -> None:
    lexicon = Lexicon()
    lexicon.read("plot film")
    assert lexicon.read("film actor plot")[0].tolist() == [2, 3, 1]
    assert lexicon.words == ["", "plot", "film", "actor"]


def test_frequent_words_are_found_without_the_dict(monkeypatch: pytest.MonkeyPatch) -> None:
    lexicon = Lexicon()
    text = "film plot extraordinary scene"
    ids = lexicon.read(text)[0].tolist()

    class Nobody:
        def of(self, words: Iterable[str]) -> WordIds:
            assert list(words) == []
            return np.zeros(0, np.uint32)

    monkeypatch.setattr(lexicon, "_ids", Nobody())
    assert lexicon.read(text)[0].tolist() == ids
