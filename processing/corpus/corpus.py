"""Corpus: all reviews as token ids, in one pass over their texts.

Workers tokenize batches (`processing.corpus.tokenizer`). Here their terms get ids that hold for all
batches. Token ids go to a file, and so do the reviews' names. So memory holds the distinct terms
and 22 bytes a review, never the texts, and the features (`processing.features`) can be written in
any order of the reviews.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processing.corpus.string_file import StringFile
from processing.corpus.token_ids import IdTable, ReviewTokens, TokenIds
from processing.corpus.tokenizer import MAX_WORDS, TokenizedBatch, Tokenizer
from processing.dataset.given_splits import SPLITS, TRAIN_OR_TEST
from processing.dataset.labels import MAX_LABELS, Classes, classes
from processing.dataset.reviews import Batch, Skipped
from processing.feature_sets import FEATURE_SETS, FeatureSet
from processing.names import AUTO, STEMS, TEST, TRAIN
from processing.progress import Progress
from processing.worker_pool import WorkerPool

_TRAIN, _TEST, _UNDECIDED = map(SPLITS.index, (TRAIN, TEST, TRAIN_OR_TEST))

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """The n reviews of a dataset as tokens.

    tokens: the token ids of each review, in reading order.
    terms: the t distinct terms, by id. Ids depend on the number of workers, so nothing that is
        written may depend on them.
    training_counts: how often each term occurs in the training set, of shape (t,).
    names: the reviews' names or ids, in the order of reading.
    labels: 1 positive, 0 negative, uint8 of shape (n,).
    classes: the names of the classes.
    splits: the split of each review, as a position in `processing.dataset.given_splits.SPLITS`, of
        shape (n,): train, validation if that is given, or test.
    test_is_chosen: whether the test set was chosen from train by a hash, because none is given.
    digests: 64 bits of a hash of each text, uint64 of shape (n,), for counting duplicates.
    skipped: the reviews that can't be used, sorted by name.
    sampled: the terms and words of each sampled review, as in a `TokenizedBatch`.
    """

    tokens: ReviewTokens
    terms: list[str]
    training_counts: Counts
    names: StringFile
    labels: npt.NDArray[np.uint8]
    classes: Classes
    splits: npt.NDArray[np.uint8]
    test_is_chosen: bool
    digests: npt.NDArray[np.uint64]
    skipped: list[Skipped]
    sampled: list[str]

    @property
    def in_training_set(self) -> npt.NDArray[np.bool_]:
        """Whether each review is in the training set: train and validation, not test."""
        training: npt.NDArray[np.bool_] = self.splits != _TEST
        return training


def read_corpus(
    batches: Iterable[Batch],
    pool: WorkerPool,
    scratch: Path,
    feature_set: FeatureSet = FEATURE_SETS[STEMS],
    *,
    positive: str = AUTO,
    max_words: int = MAX_WORDS,
    sampled_below: int = 0,
) -> Corpus:
    """Read all batches.

    scratch: path of a file that is created with 4 bytes a token; a file of the names is created
        beside it. The corpus reads both, so they have to exist as long as it does.
    positive: which label is the positive one (`processing.dataset.labels`).
    max_words: how many words a worker remembers.
    sampled_below: reviews whose digest is less are sampled.

    Raise DataError unless there are two labels.
    """
    gathered = _Gathered(StringFile(scratch.with_name(f"{scratch.name}-names")))
    tokenizer = Tokenizer(feature_set.term, max_words=max_words, sampled_below=sampled_below)
    progress = Progress(lambda done, rate: f"read {done:,} reviews ({rate:,.0f} per second)")
    with scratch.open("wb") as file:
        for batch in pool.map(tokenizer, batches):
            file.write(gathered.add(batch).tobytes())
            progress.update(len(gathered))
    return gathered.corpus(scratch, positive)


class _Gathered:
    """The batches so far, without their tokens."""

    def __init__(self, names: StringFile) -> None:
        self._terms = IdTable()
        self._training_counts, self._undecided_counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._names = names
        self._lengths, self._digests = array("i"), array("Q")
        self._labels = IdTable()
        self._label_ids, self._splits = array("B"), array("B")
        self._skipped: list[Skipped] = []
        self._sampled: list[str] = []

    def __len__(self) -> int:
        return len(self._names)

    def add(self, batch: TokenizedBatch) -> TokenIds:
        """Add a batch and return the ids of its tokens."""
        ids = self._terms.ids(batch.terms.split())[batch.tokens]
        splits = np.repeat(batch.splits, batch.lengths)
        self._training_counts = self._counted(self._training_counts, ids[splits < _TEST])
        self._undecided_counts = self._counted(self._undecided_counts, ids[splits == _UNDECIDED])
        self._names.extend(batch.names)
        self._lengths.frombytes(batch.lengths.tobytes())
        self._label_ids.frombytes(self._ids_of_labels(batch.labels).tobytes())
        self._splits.frombytes(batch.splits.tobytes())
        self._digests.frombytes(batch.digests.tobytes())
        self._skipped += batch.skipped
        self._sampled += batch.sampled
        return ids

    def corpus(self, scratch: Path, positive: str) -> Corpus:
        """Return the corpus whose token ids are in the file ``scratch``. Raise DataError."""
        lengths = np.frombuffer(self._lengths, np.int32)
        labels, found_classes = self._by_class(positive)
        splits = np.array(self._splits, np.uint8)
        undecided = splits == _UNDECIDED
        test_is_chosen = not np.any(splits == _TEST)
        splits[undecided] = _TEST if test_is_chosen else _TRAIN
        if not test_is_chosen:
            self._training_counts += self._undecided_counts
        return Corpus(
            tokens=ReviewTokens(scratch, np.cumsum(lengths, dtype=np.int64) - lengths, lengths),
            terms=self._terms.strings,
            training_counts=self._training_counts,
            names=self._names,
            labels=labels,
            classes=found_classes,
            splits=splits,
            test_is_chosen=test_is_chosen,
            digests=np.frombuffer(self._digests, np.uint64),
            skipped=sorted(self._skipped, key=lambda skip: (skip.name, skip.reason)),
            sampled=self._sampled,
        )

    def _counted(self, counts: Counts, ids: TokenIds) -> Counts:
        """Return the number of occurrences of each term so far, with these tokens."""
        counts.resize(len(self._terms), refcheck=False)
        counts += np.bincount(ids, minlength=len(self._terms))
        return counts

    def _ids_of_labels(self, labels: list[str]) -> npt.NDArray[np.uint8]:
        ids = self._labels.ids(labels)
        if len(self._labels) > MAX_LABELS:
            classes(self._labels.strings)  # raises DataError
        return ids.astype(np.uint8)

    def _by_class(self, positive: str) -> tuple[npt.NDArray[np.uint8], Classes]:
        """Return each review's label as 0 or 1, and the classes. Raise DataError."""
        labels, ids = self._labels.strings, np.frombuffer(self._label_ids, np.uint8)
        counts = np.bincount(ids, minlength=len(labels)).tolist()
        found = classes(dict(zip(labels, counts)), positive)
        return np.array([found.number(label) for label in labels], np.uint8)[ids], found
