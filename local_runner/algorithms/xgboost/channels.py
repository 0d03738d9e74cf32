"""Channels: which there may be, of which content type, and how their files become a matrix."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xgboost

from local_runner.algorithms.xgboost.errors import UserError

CHANNELS = ("train", "validation")
REQUIRED = "train"
SPOKEN = {"train": "training", "validation": "validation"}
"""How the image's messages call the channels."""

FORMATS = {
    "text/libsvm": "libsvm",
    "text/x-libsvm": "libsvm",
    "libsvm": "libsvm",
    "text/csv": "csv",
    "csv": "csv",
}
"""Content types of channels, letter by letter: ``text/csv;label_size=1`` isn't one of them.

The image also reads parquet and recordio-protobuf; this stand-in doesn't.
"""

DEFAULT_CONTENT_TYPE = "text/libsvm"


def validate(config: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The format (libsvm or csv) of each channel. Raises UserError in the image's words."""
    if REQUIRED not in config:
        raise UserError(f"Missing required channel: {REQUIRED}")
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
    """The labelled rows of every file below ``folder``, in the order of the files' names.

    None if there is not a single byte, as happens where there are more hosts than files.

    The image reads several files in an order that changes from run to run (measured), and rows in
    another order are another model as soon as ``subsample`` is below 1. One file is read alike.
    Raises UserError for a hidden file, an empty CSV file, or lines not of the format.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        if path.name.startswith("."):
            raise UserError("Hidden file found in the data path! Remove that before training.")
    if not any(path.stat().st_size for path in files):
        return None
    for path in files:
        _validate_format(path, form)
    with tempfile.NamedTemporaryFile(suffix=f".{form}") as joined:
        for path in files:
            content = path.read_bytes()
            joined.write(content if content.endswith(b"\n") else content + b"\n")
        joined.flush()
        matrix = _read(Path(joined.name), form)
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
