"""What an evaluation and its report are made from: folders that other jobs have written."""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processing import names
from processing.errors import DataError
from processing.evaluation.predictions import Folders
from processing.model.archive import MODEL_FILE, model_in

_ARCHIVE = "model.tar.gz"

_FOLDERS = {
    names.PREDICTIONS: "of *.out files",
    names.LABELS: "of the test set's labels, one a line",
    names.ROWS: "of the test set's id,words,known",
    names.MANIFEST: f"of {names.MANIFEST_FILE}",
    names.VOCABULARY: f"of {names.VOCABULARY_FILE}",
    names.MODEL: f"of {_ARCHIVE}",
    names.TRAIN: "of the rows that the model was trained on",
    names.VALIDATION: "of the rows that stopped the training",
}


@dataclass(frozen=True)
class Inputs:
    """The folders, and what is small enough to be read at once.

    model: XGBoost's own file. files: the content of the files whose hashes tell the inputs apart.
    """

    scored: Folders
    train: Path
    validation: Path
    manifest: dict[str, Any]
    vocabulary: dict[str, Any]
    model: bytes
    files: dict[str, bytes]

    def sha256(self) -> dict[str, str]:
        """The hash of each file, in hexadecimal."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One required folder for each input."""
    for name, what in _FOLDERS.items():
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"folder {what}")


def inputs_of(options: argparse.Namespace) -> Inputs:
    """The inputs that were given. Raises DataError for a file that isn't there, or isn't sound."""
    manifest = _read(options.manifest / names.MANIFEST_FILE)
    vocabulary = _read(options.vocabulary / names.VOCABULARY_FILE)
    model = model_in(options.model / _ARCHIVE)
    files = {
        names.MANIFEST_FILE: manifest,
        names.VOCABULARY_FILE: vocabulary,
        MODEL_FILE: model,
    }
    evidence = options.vocabulary / names.EVIDENCE_FILE
    if evidence.is_file():
        files[names.EVIDENCE_FILE] = evidence.read_bytes()
    return Inputs(
        scored=Folders(options.predictions, options.labels, options.rows),
        train=options.train,
        validation=options.validation,
        manifest=json.loads(manifest),
        vocabulary=json.loads(vocabulary),
        model=model,
        files=files,
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file; Preprocess writes it") from None
