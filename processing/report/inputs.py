"""The inputs of an evaluation and of its report: folders that other jobs have written."""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processing import names
from processing.errors import DataError
from processing.evaluation.predictions import PredictionFolders
from processing.model.archive import read_model

_FOLDERS = {
    names.PREDICTIONS: "*.out files with the predictions",
    names.LABELS: "the test set's labels, one per line",
    names.ROWS: "the test set's rows id,words,known",
    names.MANIFEST: names.MANIFEST_FILE,
    names.VOCABULARY: names.VOCABULARY_FILE,
    names.PACKAGE: f"{names.MODEL_ARCHIVE} and {names.THRESHOLD_FILE}",
    names.TRAIN: "the training rows",
    names.VALIDATION: "the validation rows",
}


@dataclass(frozen=True)
class EvaluationInputs:
    """Folders, and the content of the small files.

    model: XGBoost's model file. files: the content of the files whose hashes identify the inputs,
    by file name. example_words: the most frequent word of stems, by stem.
    """

    test_set: PredictionFolders
    train: Path
    validation: Path
    manifest: dict[str, Any]
    vocabulary: dict[str, Any]
    model: bytes
    files: dict[str, bytes]
    example_words: dict[str, str]

    def sha256(self) -> dict[str, str]:
        """Return the SHA-256 of each file in hexadecimal."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}


def add_input_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a required argument for the folder of each input."""
    for name, content in _FOLDERS.items():
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"folder with {content}")


def read_inputs(options: argparse.Namespace) -> EvaluationInputs:
    """Read the inputs. Raise DataError for a file that is missing or damaged."""
    manifest = _read(options.manifest / names.MANIFEST_FILE)
    vocabulary = _read(options.vocabulary / names.VOCABULARY_FILE)
    model = read_model(options.package / names.MODEL_ARCHIVE)
    files = {
        names.MANIFEST_FILE: manifest,
        names.VOCABULARY_FILE: vocabulary,
        names.MODEL_FILE: model,
    }
    ngram_scores = options.vocabulary / names.NGRAM_SCORES_FILE
    if ngram_scores.is_file():
        files[names.NGRAM_SCORES_FILE] = ngram_scores.read_bytes()
    return EvaluationInputs(
        test_set=PredictionFolders(options.predictions, options.labels, options.rows),
        train=options.train,
        validation=options.validation,
        manifest=json.loads(manifest),
        vocabulary=json.loads(vocabulary),
        model=model,
        files=files,
        example_words=json.loads(_read(options.manifest / names.EXAMPLE_WORDS_FILE)),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; use the output of Preprocess") from None
