"""Scorer: probabilities and explanations of texts, in memory.

    texts -> the rows that Prepare would write -> the probabilities of Batch Transform

It is the text path of the jobs with a memory: the terms of words are remembered between calls, as
in the workers of Prepare.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from processing.dataset.reviews import Batch, StoredText, Unusable
from processing.errors import DataError
from processing.features.ngram_weights import NgramWeights
from processing.features.preprocessing import (
    Preprocessing,
    ngram_weights_in,
    read_preprocessing,
)
from processing.features.row_encoder import RowEncoder
from processing.features.writer import rows_in_memory
from processing.model.booster import Model
from processing.model.explain import ignored_words, word_contributions
from processing.names import TEST, is_positive
from processing.text.normalize import split_words

_DIGITS = 6
_LETTERS_AT_A_TIME = 250_000


class Scorer:
    """Scores texts with a model and the preprocessing that it was trained with.

    threshold: the decision threshold. Not for several threads at a time. Raise DataError if the
    vocabulary makes other features than the model was trained with.
    """

    def __init__(
        self,
        preprocessing: Preprocessing,
        weights: NgramWeights | None,
        model: Model,
        threshold: float,
    ) -> None:
        if preprocessing.width != model.width:
            raise DataError(
                f"the model has {model.width:,} features, and the vocabulary makes "
                f"{preprocessing.width:,}; take both from one run"
            )
        self._preprocessing = preprocessing
        self._weights = weights
        self._model = model
        self._threshold = threshold
        self._encode = RowEncoder(preprocessing, weights)
        self._rows_at_a_time = rows_in_memory(preprocessing.width)

    @classmethod
    def of(cls, vocabulary: Path, model: bytes, threshold: float) -> Scorer:
        """Return the scorer for the files in a folder and the content of a model file.

        Raise DataError for files that training didn't write.
        """
        preprocessing = read_preprocessing(vocabulary)
        weights = ngram_weights_in(vocabulary, preprocessing.feature_set)
        return cls(preprocessing, weights, Model(model), threshold)

    def label(self, probability: float) -> str:
        """Return the name of the class that is predicted."""
        return self._preprocessing.labels[is_positive(probability, self._threshold)]

    def probabilities(self, texts: Sequence[StoredText]) -> list[float | Unusable]:
        """Return the probability of the positive class for each text, or why it has none."""
        scores: list[float | Unusable] = []
        for some in self._batches(texts):
            rows, unusable = self.rows(some)
            of_batch = self._model.probabilities(rows, self._preprocessing.feature_format)
            scores += [unusable.get(number, score) for number, score in enumerate(of_batch)]
        return scores

    def explain(self, text: str) -> dict[str, Any]:
        """Return a text's label, probability and threshold, its words, and their contributions.

        ``base_value`` + the contributions of ``words`` + ``absent_words`` = ``log_odds``, to the
        last digit. ``ignored_words`` have no contribution.
        """
        preprocessing = self._preprocessing
        row, _ = self.rows([text])
        [probability] = self._model.probabilities(row, preprocessing.feature_format)
        [values] = self._model.contributions(row, preprocessing.feature_format).tolist()
        *contributions, bias = values
        shares = {
            word: rounded
            for word, share in word_contributions(
                split_words(text), preprocessing, self._weights, contributions
            )
            if (rounded := round(share, _DIGITS))
        }
        base_value, log_odds = round(bias, _DIGITS), round(sum(contributions) + bias, _DIGITS)
        return {
            "absent_words": round(log_odds - base_value - sum(shares.values()), _DIGITS),
            "base_value": base_value,
            "ignored_words": [
                {"reason": reason, "word": word}
                for word, reason in ignored_words(text, preprocessing, shares)
            ],
            "label": self.label(probability),
            "log_odds": log_odds,
            "probability": probability,
            "threshold": self._threshold,
            "words": [{"contribution": share, "word": word} for word, share in shares.items()],
        }

    def rows(self, texts: Sequence[StoredText]) -> tuple[bytes, dict[int, Unusable]]:
        """Return the lines that Prepare writes for texts, and which texts can't be used."""
        nothing = [""] * len(texts)
        rows = self._encode(Batch(nothing, [*texts], nothing, [TEST] * len(texts)))
        reasons = (Unusable(skipped.reason) for skipped in rows.skipped)
        return rows.lines, dict(zip(rows.unusable, reasons, strict=True))

    def _batches(self, texts: Sequence[StoredText]) -> Iterator[list[StoredText]]:
        """Yield the texts in batches, so that memory doesn't grow with their number."""
        batch: list[StoredText] = []
        letters = 0
        for text in texts:
            batch.append(text)
            letters += len(text or "")
            if len(batch) == self._rows_at_a_time or letters >= _LETTERS_AT_A_TIME:
                yield batch
                batch, letters = [], 0
        if batch:
            yield batch
