"""Handler: from the body of a request and its headers to the answer.

A request that can't be answered gets a status of 4xx and one sentence, never an exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from processing.dataset.reviews import Unusable
from processing.names import Serving
from processing.serving.answers import (
    ERROR,
    ID,
    LABEL,
    PROBABILITY,
    Answer,
    Prediction,
    answer_of,
    error_answer,
)
from processing.serving.errors import TOO_LARGE, RequestError
from processing.serving.media_types import answer_type, request_type
from processing.serving.reviews import Review, read_reviews
from processing.serving.scorer import Scorer

MAX_BYTES = 6 * 1024**2
"""The largest body, as of the built-in XGBoost."""

_EXPLAIN = re.compile(r"(?:^|[,;&\s])explain=true(?:$|[,;&\s])", re.IGNORECASE)


@dataclass(frozen=True)
class Handler:
    """Answers requests with a scorer. model_version: as answers name it."""

    scorer: Scorer
    model_version: str

    def answer(
        self, body: bytes, content_type: str, accept: str = "", attributes: str = ""
    ) -> Answer:
        """Return the answer to a request.

        attributes: the header X-Amzn-SageMaker-Custom-Attributes; with ``explain=true``, all
        predictions are explained.
        """
        try:
            of_request = request_type(content_type)
            of_answer = answer_type(accept, of_request)
            if len(body) > MAX_BYTES:
                raise too_large()
            explained = _EXPLAIN.search(attributes) is not None
            reviews = read_reviews(body, of_request, explained=explained)
            if of_answer == Serving.CSV and any(review.explained for review in reviews):
                raise RequestError("CSV has no explanations; accept application/json")
            return answer_of([*self._predictions(reviews)], self.model_version, of_answer)
        except RequestError as error:
            return error_answer(error.status, str(error))

    def _predictions(self, reviews: Sequence[Review]) -> Iterator[Prediction]:
        probabilities = self.scorer.probabilities([review.text for review in reviews])
        for review, probability in zip(reviews, probabilities):
            named = {} if review.id is None else {ID: review.id}
            yield {**named, **self._prediction(review, probability)}

    def _prediction(self, review: Review, probability: float | Unusable) -> dict[str, Any]:
        if isinstance(probability, Unusable):
            return {LABEL: None, PROBABILITY: None, ERROR: probability.reason}
        if review.explained and review.text is not None:
            return self.scorer.explain(review.text)
        return {LABEL: self.scorer.label(probability), PROBABILITY: probability}


def too_large() -> RequestError:
    """Return the error for a body above `MAX_BYTES`."""
    return RequestError(
        f"the body is larger than {MAX_BYTES // 1024**2} MB; split it into several requests",
        TOO_LARGE,
    )
