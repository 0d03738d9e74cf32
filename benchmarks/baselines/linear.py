"""What a user would pick instead: linear models of words and pairs of words, with scikit-learn.

``python -m benchmarks.baselines.linear ARCHIVE MODEL SEED``: reads the raw reviews, chooses C on a
fifth of the training half, trains on all of it with that C, and scores the test half once. The
last line printed is what came of it, as JSON.

NB-SVM is that of Wang and Manning, Baselines and Bigrams, ACL 2012.
"""

from __future__ import annotations

import gzip
import json
import pickle
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks.archive import reviews

_PAIRS: dict[str, Any] = {"ngram_range": (1, 2), "min_df": 2, "dtype": np.float32}


class LogCountRatio(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Multiplies each column by how much more often the positive class has it, as a logarithm."""

    def fit(self, counts: Any, labels: Any) -> LogCountRatio:
        """Counts both classes, one added to each column."""
        positive = np.asarray(counts[labels == 1].sum(axis=0)) + 1.0
        negative = np.asarray(counts[labels == 0].sum(axis=0)) + 1.0
        self.ratio_ = np.log((positive / positive.sum()) / (negative / negative.sum()))
        return self

    def transform(self, counts: Any) -> Any:
        """The columns, weighted; sparse."""
        return sp.csr_matrix(counts.multiply(self.ratio_))


@dataclass(frozen=True)
class Model:
    """How its features and its classifier are made, and the values of C to choose from."""

    features: Callable[[], Any]
    classifier: Callable[[float], Any]
    choices: Sequence[float]


MODELS: Mapping[str, Model] = {
    "TF-IDF + LogisticRegression": Model(
        lambda: TfidfVectorizer(sublinear_tf=True, **_PAIRS),
        lambda c: LogisticRegression(C=c, solver="liblinear"),
        (1.0, 4.0, 16.0, 64.0),
    ),
    "NB-SVM": Model(
        lambda: make_pipeline(CountVectorizer(binary=True, **_PAIRS), LogCountRatio()),
        lambda c: LinearSVC(C=c, random_state=0),
        (0.001, 0.01, 0.1),
    ),
}


def chosen(model: Model, texts: Sequence[str], labels: Any, seed: int) -> float:
    """The C with the best accuracy on a fifth of these reviews, which the training doesn't see."""
    train, other, of_train, of_other = train_test_split(
        texts, labels, test_size=0.2, random_state=seed, stratify=labels
    )
    features = model.features()
    seen, unseen = features.fit_transform(train, of_train), features.transform(other)

    def accuracy(c: float) -> float:
        return float(model.classifier(c).fit(seen, of_train).score(unseen, of_other))

    return max(model.choices, key=accuracy)


def main(archive: Path, name: str, seed: int) -> None:
    """Reads, chooses, trains, scores, tells."""
    halves: dict[str, tuple[list[str], list[int]]] = {"train": ([], []), "test": ([], [])}
    for review in reviews(archive):
        texts, labels = halves[review.half]
        texts.append(review.text)
        labels.append(review.label)
    model, (texts, known) = MODELS[name], halves["train"]
    began, of_texts = time.process_time(), np.array(known)
    c = chosen(model, texts, of_texts, seed)
    features = model.features()
    classifier = model.classifier(c).fit(features.fit_transform(texts, of_texts), of_texts)
    trained = time.process_time() - began
    texts, known = halves["test"]
    scores = classifier.decision_function(features.transform(texts))
    told = {
        "accuracy": accuracy_score(known, scores > 0),
        "auc": roc_auc_score(known, scores),
        "c": c,
        "model_mb": len(gzip.compress(pickle.dumps((features, classifier)), 6)) / 1e6,
        "train_cpu_seconds": trained,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
