"""The folder of a version as FindModel leaves it, for tests of what reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from processing.evaluation.drift import Profile
from processing.feature_sets import RECIPES
from processing.features.vocabulary import as_json

TERMS = ["bad", "good", "movi"]


def vocabulary(**other: Any) -> dict[str, Any]:
    told = as_json(
        RECIPES["stems"],
        feature_format="text/libsvm",
        labels=("neg", "pos"),
        terms=TERMS,
        term_counts=[3, 2, 1],
        document_counts=[3, 2, 1],
        documents=4,
    )
    return {**told, **other}


def evaluation(rows: int = 1_000) -> dict[str, Any]:
    """A report whose test set is even: words from 0 to 999, scores from 0 to 1."""
    profile = Profile()
    words = np.arange(rows) % 1_000
    profile.add(words=words, known=words // 2, scores=np.arange(rows) / rows)
    return {"baseline": profile.as_json()}


def version_folder(folder: Path, *, report: Any = None, **other: Any) -> Path:
    folder.mkdir(parents=True)
    (folder / "vocabulary.json").write_text(json.dumps(vocabulary(**other)))
    (folder / "evaluation.json").write_text(json.dumps(report or evaluation()))
    return folder
