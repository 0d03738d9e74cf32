"""One pass over the reviews: text in, a corpus of word ids out.

The workers of a pool give ids to the words that they meet. Here those become the corpus's own ids,
in the order in which words are first met, and go to a file, as the reviews' names do. So memory
holds the distinct words and 22 bytes a review, never the text, and the second pass
(`processing.features.writer`) can read the reviews in any order. When all words are known, the
pool stems each of them once, where the recipe wants stems.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processing.corpus.string_file import TextFile
from processing.corpus.token_ids import Ids, Runs, WordIds
from processing.corpus.tokenizer import Indexed, Indexer
from processing.dataset.labels import AUTO
from processing.dataset.labels import classes as classes_of
from processing.dataset.reviews import Batch, Skipped
from processing.feature_sets import RECIPES, Recipe
from processing.names import STEMS
from processing.text.normalize import stem
from processing.worker_pool import WorkerPool

_PROGRESS_EVERY = 5_000  # reviews
_MOST_CLASSES = 255
_STEMMED_AT_A_TIME = 4_000  # words

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """The reviews of one archive, n of them, as ids of their w distinct words.

    runs: each review's ids in reading order.
    terms: the t distinct stems of the words, or the words themselves; the recipe says which.
    term_of_word: the number of each word's term, uint32 of shape (w,).
    training_counts: how often each term occurs in the training half, of shape (t,).
    names: what tells the reviews apart, in the order of reading.
    labels: 1 positive, 0 negative, uint8 of shape (n,); all 0 where there are no labels.
    classes: the names of the negative and the positive label; empty where there are none.
    in_train_half: whether the review is one to learn from, bool of shape (n,).
    digests: 64 bits of each text's hash, uint64 of shape (n,), to count duplicates with.
    skipped: the reviews that can't be used, sorted by name.
    unusable: the numbers of those that are kept all the same, as reviews without words.
    """

    runs: Runs
    terms: list[str]
    term_of_word: WordIds
    training_counts: Counts
    names: TextFile
    labels: npt.NDArray[np.uint8]
    classes: tuple[str, str]
    in_train_half: npt.NDArray[np.bool_]
    digests: npt.NDArray[np.uint64]
    skipped: list[Skipped]
    unusable: list[int]


def read_corpus(
    batches: Iterable[Batch],
    pool: WorkerPool,
    scratch: Path,
    recipe: Recipe = RECIPES[STEMS],
    *,
    positive: str | None = AUTO,
) -> Corpus:
    """Reads ``batches`` to the end, as the recipe says.

    positive: which label is the positive one (`processing.dataset.labels`). None: nothing is to be
    learned, so labels don't count, and every review stays.
    Raises DataError unless the labels are two.

    ``scratch`` becomes a file of 4 bytes a word, ``<scratch>-names`` one of the reviews' names.
    They back ``Corpus.runs`` and ``Corpus.names``, and have to outlive them.
    """
    gathered = _Gathered(scratch.with_name(f"{scratch.name}-names"))
    with scratch.open("wb") as file:
        for indexed in pool.map(Indexer(recipe.dropped, keep_all=positive is None), batches):
            file.write(gathered.add(indexed).tobytes())
    gathered.ids.clear()  # which leaves the words; the stems need the memory
    words = gathered.ids.words
    terms, term_of_word = _stemmed(words, pool) if recipe.stemmed else _as_they_are(words)
    training_counts = np.zeros(len(terms), np.int64)
    np.add.at(training_counts, term_of_word, gathered.training_counts)
    lengths = np.frombuffer(gathered.lengths, np.int32)
    labels, classes = gathered.by_class(positive)
    return Corpus(
        runs=Runs(scratch, np.cumsum(lengths, dtype=np.int64), lengths),
        terms=terms,
        term_of_word=term_of_word,
        training_counts=training_counts,
        names=gathered.names,
        labels=labels,
        classes=classes,
        in_train_half=np.frombuffer(gathered.in_train_half, np.bool_),
        digests=np.frombuffer(gathered.digests, np.uint64),
        skipped=sorted(gathered.skipped, key=lambda skip: (skip.name, skip.reason)),
        unusable=gathered.unusable,
    )


class _Gathered:
    """What is known of the batches so far."""

    def __init__(self, names: Path) -> None:
        self.ids = Ids()
        self.training_counts = np.zeros(0, np.int64)  # of each word
        self.names = TextFile(names)
        self.lengths, self.digests = array("i"), array("Q")
        self.labels, self.in_train_half = array("B"), array("B")
        self.skipped: list[Skipped] = []
        self.unusable: list[int] = []
        self._classes = Ids()
        # A process's ids -> those of the corpus; there is no word 0.
        self._ids_of: defaultdict[int, array[int]] = defaultdict(lambda: array("I", [0]))

    def add(self, indexed: Indexed) -> WordIds:
        """Adds a batch; returns its words' ids in the corpus."""
        known = self._ids_of[indexed.process]
        del known[indexed.told :]
        known.frombytes(self.ids.of(indexed.new_words).tobytes())
        ids = np.frombuffer(known, np.uint32)[indexed.ids]
        in_training = ids[np.repeat(indexed.in_train_half, indexed.lengths)]
        self.training_counts.resize(len(self.ids), refcheck=False)
        self.training_counts += np.bincount(in_training, minlength=len(self.ids))
        self.unusable += [len(self.names) + number for number in indexed.unusable]
        self.names.extend(indexed.names)
        self.lengths.frombytes(indexed.lengths.tobytes())
        classes = self._classes.of(indexed.labels)
        if len(self._classes) > _MOST_CLASSES:  # of which a column of texts has any number
            classes_of(self._classes.words)
        self.labels.frombytes(classes.astype(np.uint8).tobytes())
        self.in_train_half.frombytes(indexed.in_train_half.tobytes())
        self.digests.frombytes(indexed.digests.tobytes())
        self.skipped += indexed.skipped
        self._tell(len(indexed.names))
        return ids

    def by_class(self, positive: str | None) -> tuple[npt.NDArray[np.uint8], tuple[str, str]]:
        """Each review's label as 0 or 1, and what these are called. Raises DataError."""
        if positive is None:
            return np.zeros(len(self.labels), np.uint8), ("", "")
        names = classes_of(self._classes.words, positive)
        number_of = np.array([names.index(name) for name in self._classes.words], np.uint8)
        return number_of[np.frombuffer(self.labels, np.uint8)], names

    def _tell(self, added: int) -> None:
        before, now = len(self.names) - added, len(self.names)
        for mark in range(before // _PROGRESS_EVERY + 1, now // _PROGRESS_EVERY + 1):
            print(f"read {mark * _PROGRESS_EVERY:,} reviews", flush=True)


def _as_they_are(words: list[str]) -> tuple[list[str], WordIds]:
    return words, np.arange(len(words), dtype=np.uint32)


def _stemmed(words: list[str], pool: WorkerPool) -> tuple[list[str], WordIds]:
    """The words' stems, and the number of each word's; takes the words off the list."""
    ids = Ids()
    stems = chain.from_iterable(pool.map(_stems, _taken_off(words)))
    stem_of_word = ids.of(stems)
    return ids.words, stem_of_word


def _taken_off(words: list[str]) -> Iterator[list[str]]:
    while words:
        yield words[:_STEMMED_AT_A_TIME]
        del words[:_STEMMED_AT_A_TIME]


def _stems(words: list[str]) -> list[str]:
    return [stem(word) for word in words]
