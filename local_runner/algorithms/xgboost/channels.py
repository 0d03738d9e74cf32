"""Channels: their names and content types, and how their files become a matrix.

In the image: algorithm_mode/channel_validation.py and data_utils.py.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xgboost

from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.unsupported import CONTENT_TYPES, unsupported_channel

CHANNELS = ("train", "validation")
REQUIRED_CHANNEL = "train"
NAMES_IN_MESSAGES = {"train": "training", "validation": "validation"}
"""The channels' names in the image's messages."""

FORMATS = {
    "text/libsvm": "libsvm",
    "text/x-libsvm": "libsvm",
    "libsvm": "libsvm",
    "text/csv": "csv",
    "csv": "csv",
}
"""Content types of channels; they must match exactly: ``text/csv;label_size=1`` is invalid."""

DEFAULT_CONTENT_TYPE = "text/libsvm"
CODE_CHANNEL = "code"
"""Accepted beside the data and not read, as in the image without a script."""
MAX_FOLDER_DEPTH = 3
"""The channel's folder is the first."""


def validate_channels(config: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the format (libsvm or csv) of each data channel: that of the train channel.

    Raise UserError if a channel is invalid.
    """
    if REQUIRED_CHANNEL not in config:
        raise UserError(f"Missing required channel: {REQUIRED_CHANNEL}")
    for name, channel in config.items():
        if name not in (*CHANNELS, CODE_CHANNEL):
            raise UserError(f"Extraneous channel found: {name}")
        content_type = channel.get("ContentType") or DEFAULT_CONTENT_TYPE
        accepted = ("text/python",) if name == CODE_CHANNEL else (*FORMATS, *CONTENT_TYPES)
        if content_type not in accepted:
            raise UserError(
                f"Channel configuration for '{name}' channel is not supported: {channel}"
            )
        for problem in unsupported_channel(name, content_type):
            raise UserError(problem)
    form = FORMATS[config[REQUIRED_CHANNEL].get("ContentType") or DEFAULT_CONTENT_TYPE]
    return {name: form for name in config if name != CODE_CHANNEL}


def load(folders: Sequence[Path], form: str, has_weights: bool = False) -> xgboost.DMatrix | None:
    """Return the labelled rows of the files below the folders, in the order of the files' names.

    has_weights: whether the second column of a CSV file is each row's weight.

    Return None if there are no bytes, as on some hosts if there are fewer files than hosts. Raise
    UserError for a hidden or too deep file, an empty CSV file, or lines of another format.

    The image reads several files in an order that changes from run to run (seen by running it), and
    rows in another order give another model if ``subsample`` is below 1.
    """
    files = [path for folder in folders for path in _files(folder, form)]
    if not any(path.stat().st_size for path in files):
        return None
    # In a folder of its own: XGBoost reads the status of every file beside the one that it opens,
    # and fails if another process deletes one of them meanwhile.
    with tempfile.TemporaryDirectory() as scratch:
        joined = Path(scratch) / f"rows.{form}"
        with joined.open("wb") as rows:
            for path in files:
                content = path.read_bytes()
                rows.write(content if content.endswith(b"\n") else content + b"\n")
        options = f"format={form}"
        if form == "csv":
            # The image takes any of the files, also an empty one such as Spark's _SUCCESS.
            first = next(path for path in files if path.stat().st_size)
            options += f"&label_column=0&delimiter={_delimiter(_first_line(first))}"
            options += "&weight_column=1" if has_weights else ""
        matrix = _read(joined, form, options)
    if not matrix.get_label().size:
        raise UserError("Got input data without labels. Please check the input data set.")
    return matrix


def _files(folder: Path, form: str) -> list[Path]:
    """Return the files below the folder. Raise UserError for those that the image refuses.

    A script can also give a single file.
    """
    below = [folder] if folder.is_file() else folder.rglob("*")
    files = sorted(path for path in below if path.is_file())
    for path in files:
        if path.name.startswith("."):
            raise UserError("Hidden file found in the data path! Remove that before training.")
    if any(path.stat().st_size for path in files):
        for path in _validated_files(folder):
            _validate_format(path, form)
        _require_depth(folder, files)
    return files


def _require_depth(folder: Path, files: Iterable[Path]) -> None:
    """Raise UserError for a file in a deep folder.

    Which files the image reads then depends on the order in which the file system lists them.
    """
    for path in files:
        name = path.relative_to(folder)
        if len(name.parts) > MAX_FOLDER_DEPTH:
            raise UserError(
                f"Folder depth exceed the limit: {MAX_FOLDER_DEPTH}. Move {name} of the channel "
                f"{folder.name} at least {len(name.parts) - MAX_FOLDER_DEPTH} folders up."
            )


def _validated_files(folder: Path) -> list[Path]:
    """Return the files whose first lines the image checks: those of one folder without folders."""
    for place, folders, names in os.walk(folder):
        if not folders:
            return [Path(place, name) for name in sorted(names) if not name.startswith("_")]
        folders.sort()
    return []


def _read(path: Path, form: str, options: str) -> xgboost.DMatrix:
    try:
        return xgboost.DMatrix(f"{path}?{options}")
    except xgboost.core.XGBoostError as error:
        raise UserError(f"Failed to load {form} data with exception:\n{error}") from None


def _validate_format(path: Path, form: str) -> None:
    if form == "csv":
        _delimiter(_first_line(path))
        return
    with path.open(encoding="utf-8", errors="ignore") as file:
        for line in file:
            features = _libsvm_features(line)
            if features is None:
                raise UserError(
                    f"First line '{line[:50]}...' of file '{path.name}' is not 'LIBSVM' format. "
                    "Please ensure the file is in 'LIBSVM' format."
                )
            if features > 1:
                return


def _libsvm_features(line: str) -> int | None:
    """Return the number of features, or None if the image doesn't recognize a libsvm row.

    Single blanks separate ``label[:weight]`` and the features. Each has a colon, and the first one
    has exactly one.
    """
    label, *features = line.split(" ")
    try:
        numbers = [float(part) for part in label.split(":")]
    except ValueError:
        return None
    if len(numbers) > 2 or not all(":" in feature for feature in features):
        return None
    return None if features and features[0].count(":") != 1 else len(features)


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8", errors="ignore") as file:
        return file.readline()


def _delimiter(line: str) -> str:
    """Return a CSV file's delimiter, guessed from its first line as in the image."""
    try:
        return csv.Sniffer().sniff(line).delimiter
    except csv.Error as error:
        raise UserError(f"Could not determine delimiter on line {line[:50]}:\n{error}") from None
