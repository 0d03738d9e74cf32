"""New reviews become rows of features, batch by batch; runs in the workers and in a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from processing.corpus.corpus import Counts
from processing.corpus.token_ids import Lengths
from processing.corpus.tokenizer import Tokenizer
from processing.dataset.reviews import Batch, Skipped
from processing.features.bag_of_words import TextEncoders
from processing.features.ngram_weights import NgramWeights
from processing.features.preprocessing import Preprocessing
from processing.features.writer import FORMATS


@dataclass(frozen=True)
class EncodedRows:
    """The n rows of a batch, in its order.

    lines: of features. names: of the reviews. words, known: how many tokens each review has, and
    how many of them are in the vocabulary; of shape (n,). unusable: the positions of reviews
    without a usable text, which have no tokens; skipped: why, in the same order.
    """

    lines: bytes
    names: list[str]
    words: Lengths
    known: Counts
    unusable: list[int]
    skipped: list[Skipped]


class RowEncoder:
    """Encodes batches with the preprocessing of a version.

    It is the text path of Preprocess without labels and fitting. The terms of words are remembered
    between batches. weights: of n-grams, if the feature set has their scores.
    """

    def __init__(self, preprocessing: Preprocessing, weights: NgramWeights | None) -> None:
        feature_set = preprocessing.feature_set
        self._tokenizer = Tokenizer(feature_set.term, keep_unusable=True)
        self._encoders = TextEncoders(feature_set, preprocessing.terms, weights)
        self._feature_format = preprocessing.feature_format

    def __call__(self, batch: Batch) -> EncodedRows:
        """Return the rows of a batch."""
        tokenized = self._tokenizer(batch)
        encoder = self._encoders.of(tokenized.terms.split())
        bag, known = encoder.encode_tokens(tokenized.tokens, tokenized.lengths)
        return EncodedRows(
            lines=FORMATS[self._feature_format].lines(bag, None),
            names=tokenized.names,
            words=tokenized.lengths,
            known=known,
            unusable=tokenized.unusable,
            skipped=tokenized.skipped,
        )


def split_batches(batches: Iterable[Batch], rows: int) -> Iterator[Batch]:
    """Yield the same reviews in batches of at most ``rows``."""
    for batch in batches:
        for start in range(0, len(batch.names), rows):
            part = slice(start, start + rows)
            yield Batch(
                batch.names[part], batch.texts[part], batch.labels[part], batch.splits[part]
            )
