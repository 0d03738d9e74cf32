"""The output of FindModel, for tests of the jobs that read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from processing.evaluation.drift import Profile
from processing.feature_sets import FEATURE_SETS
from processing.features.vocabulary import vocabulary_json

TERMS = ["bad", "good", "movi"]


def vocabulary(**other: Any) -> dict[str, Any]:
    """The content of a ``vocabulary.json``, with other values for some keys."""
    content = vocabulary_json(
        FEATURE_SETS["stems"],
        feature_format="text/libsvm",
        labels=("neg", "pos"),
        terms=TERMS,
        term_counts=[3, 2, 1],
        document_counts=[3, 2, 1],
        documents=4,
    )
    return {**content, **other}


def evaluation(rows: int = 1_000) -> dict[str, Any]:
    """An evaluation with a uniform test set: 0 to 999 words, scores from 0 to 1."""
    profile = Profile(0.5)
    words = np.arange(rows, dtype=np.int32) % 1_000
    profile.add(words=words, known=words // 2, scores=np.arange(rows) / rows)
    return {"reference_profile": profile.as_json()}


def version_folder(folder: Path, *, report: Any = None, **other: Any) -> Path:
    """Write the files of a version into a new folder; return the folder."""
    folder.mkdir(parents=True)
    (folder / "vocabulary.json").write_text(json.dumps(vocabulary(**other)))
    (folder / "evaluation.json").write_text(json.dumps(report or evaluation()))
    return folder
