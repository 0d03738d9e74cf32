"""Channels: their names and content types, and how their files become a matrix.

In the image: algorithm_mode/channel_validation.py and data_utils.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xgboost

from local_runner.algorithms.xgboost.errors import UserError

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
"""Content types of channels; they must match exactly: ``text/csv;label_size=1`` is invalid.

The image also reads parquet and recordio-protobuf; this emulation doesn't.
"""

DEFAULT_CONTENT_TYPE = "text/libsvm"


def validate_channels(config: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the format (libsvm or csv) of each channel. Raise UserError if one is invalid."""
    if REQUIRED_CHANNEL not in config:
        raise UserError(f"Missing required channel: {REQUIRED_CHANNEL}")
    formats = {}
    for name, channel in config.items():
        if name not in CHANNELS:
            raise UserError(f"Extraneous channel found: {name}")
        content_type = channel.get("ContentType") or DEFAULT_CONTENT_TYPE
        if content_type not in FORMATS:
            raise UserError(
                f"Channel configuration for '{name}' channel is not supported: {channel}"
            )
        formats[name] = FORMATS[content_type]
    return formats


def load(folder: Path, form: str) -> xgboost.DMatrix | None:
    """Return the labelled rows of every file below ``folder``, in the order of the files' names.

    Return None if there are no bytes, as on some hosts if there are fewer files than hosts. Raise
    UserError for a hidden file, an empty CSV file, or lines of another format.

    The image reads several files in an order that changes from run to run (seen by running it), and
    rows in another order give another model if ``subsample`` is below 1.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        if path.name.startswith("."):
            raise UserError("Hidden file found in the data path! Remove that before training.")
    if not any(path.stat().st_size for path in files):
        return None
    for path in files:
        _validate_format(path, form)
    # In a folder of its own: XGBoost reads the status of every file beside the one that it opens,
    # and fails if another process deletes one of them meanwhile.
    with tempfile.TemporaryDirectory() as scratch:
        joined = Path(scratch) / f"rows.{form}"
        with joined.open("wb") as rows:
            for path in files:
                content = path.read_bytes()
                rows.write(content if content.endswith(b"\n") else content + b"\n")
        matrix = _read(joined, form)
    if not matrix.get_label().size:
        raise UserError("Got input data without labels. Please check the input data set.")
    return matrix


def _read(path: Path, form: str) -> xgboost.DMatrix:
    options = "format=csv&label_column=0&delimiter=," if form == "csv" else "format=libsvm"
    try:
        return xgboost.DMatrix(f"{path}?{options}")
    except xgboost.core.XGBoostError as error:
        raise UserError(f"Failed to load {form} data with exception:\n{error}") from None


def _validate_format(path: Path, form: str) -> None:
    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.readline()
    if not first:
        if form == "csv":
            raise UserError(
                "Could not determine delimiter on line :\nCould not determine delimiter"
            )
        return
    looks_sparse = ":" in first
    if looks_sparse != (form == "libsvm"):
        raise UserError(
            f"First line '{first[:50]}...' of file '{path.name}' is not '{form.upper()}' format. "
            f"Please ensure the file is in '{form.upper()}' format."
        )
