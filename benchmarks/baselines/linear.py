"""Linear models of words, pairs and triples of words, with scikit-learn.

``python -m benchmarks.baselines.linear ARCHIVE MODEL SEED`` reads the raw reviews, chooses C on a
fifth of the training set, trains on the whole of it with that C, and scores the test set once. It
prints the result as one line of JSON.

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

from benchmarks.harness.archive import reviews

_PAIRS: dict[str, Any] = {"ngram_range": (1, 2), "min_df": 2, "dtype": np.float32}
_TRIPLES = {**_PAIRS, "ngram_range": (1, 3), "binary": True, "token_pattern": r"[\w']+|[!?.]"}


class LogCountRatio(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Multiply each column by the logarithm of its ratio of counts in the two classes."""

    def fit(self, counts: Any, labels: Any) -> LogCountRatio:
        """Count both classes, with one added to each column."""
        positive = np.asarray(counts[labels == 1].sum(axis=0)) + 1.0
        negative = np.asarray(counts[labels == 0].sum(axis=0)) + 1.0
        self.ratio_ = np.log((positive / positive.sum()) / (negative / negative.sum()))
        return self

    def transform(self, counts: Any) -> Any:
        """Return the weighted columns, sparse."""
        return sp.csr_matrix(counts.multiply(self.ratio_))


@dataclass(frozen=True)
class Model:
    """Factories of features and classifier, and the candidates for C."""

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
    "NB + LogisticRegression, triples": Model(
        lambda: make_pipeline(CountVectorizer(**_TRIPLES), LogCountRatio()),
        lambda c: LogisticRegression(C=c, solver="liblinear"),
        (0.03, 0.1, 0.5, 2.0),
    ),
}


def choose_c(model: Model, texts: Sequence[str], labels: Any, seed: int) -> float:
    """Return the C with the best accuracy on a fifth of the reviews, held out from training."""
    train, other, of_train, of_other = train_test_split(
        texts, labels, test_size=0.2, random_state=seed, stratify=labels
    )
    features = model.features()
    fitted, held_out = features.fit_transform(train, of_train), features.transform(other)

    def accuracy(c: float) -> float:
        return float(model.classifier(c).fit(fitted, of_train).score(held_out, of_other))

    return max(model.choices, key=accuracy)


def main(archive: Path, name: str, seed: int) -> None:
    """Read, choose C, train, score, print."""
    splits: dict[str, tuple[list[str], list[int]]] = {"train": ([], []), "test": ([], [])}
    for review in reviews(archive):
        texts, labels = splits[review.split]
        texts.append(review.text)
        labels.append(review.label)
    model, (texts, known) = MODELS[name], splits["train"]
    began, of_texts = time.process_time(), np.array(known)
    c = choose_c(model, texts, of_texts, seed)
    features = model.features()
    classifier = model.classifier(c).fit(features.fit_transform(texts, of_texts), of_texts)
    trained = time.process_time() - began
    texts, known = splits["test"]
    scores = classifier.decision_function(features.transform(texts))
    result = {
        "accuracy": accuracy_score(known, scores > 0),
        "auc": roc_auc_score(known, scores),
        "model_mb": len(gzip.compress(pickle.dumps((features, classifier)), 6)) / 1e6,
        "train_cpu_seconds": trained,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
