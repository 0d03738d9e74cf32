"""Inspection of a local dataset, where it is stored, before anything else is done with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from operations.datasets import S3, WEB, local_path
from operations.errors import CliError, UsageError
from operations.local.processing_code import run_job
from processing import names
from processing.dataset.files.file_formats import data_files
from processing.names import Parameter

_HEAD_ROWS, _HEAD_SECONDS = 10_000, 1.0

_OPTIONS = {
    Parameter.TEXT_COLUMN: "text-column",
    Parameter.LABEL_COLUMN: "label-column",
    Parameter.ID_COLUMN: "id-column",
    Parameter.POSITIVE_LABEL: "positive-label",
    Parameter.TEST_FRACTION: "test-fraction",
    Parameter.VALIDATION_FRACTION: "validation-fraction",
    Parameter.SEED: "seed",
}
"""Options of the job by the parameters that set them."""


def inspect_head(
    dataset: str,
    values: Mapping[str, Any],
    *,
    is_labelled: bool,
    column_options: Mapping[str, str] | None = None,
) -> None:
    """Raise UsageError if the first reviews of a local dataset show that it can't be used.

    values: of the pipeline's parameters. column_options: the options that set a parameter instead
    of ``--parameter``, for messages.
    """
    if dataset.startswith((*WEB, S3)):
        return
    limits = {"rows": str(_HEAD_ROWS), "seconds": str(_HEAD_SECONDS)}
    _inspect(dataset, values, limits, is_labelled, column_options or {})


def inspect(
    dataset: str, values: Mapping[str, Any], *, is_labelled: bool, rows: int | None = None
) -> dict[str, Any]:
    """Return what the job Inspect prints of a local dataset, or of its first ``rows`` reviews.

    Raise UsageError for a dataset that can't be used.
    """
    if dataset.startswith((*WEB, S3)):
        raise UsageError(f"{dataset}: not on this machine; download it and give the file")
    limits = {} if rows is None else {"rows": str(rows)}
    return _inspect(dataset, values, limits, is_labelled, {})


def _inspect(
    dataset: str,
    values: Mapping[str, Any],
    limits: Mapping[str, str],
    is_labelled: bool,
    column_options: Mapping[str, str],
) -> dict[str, Any]:
    if not dataset:
        raise UsageError("the dataset is empty; give a file or folder")
    path = local_path(dataset)
    if not path.exists():
        raise UsageError(f"{dataset}: no such file or folder")
    chosen = {
        option: str(values[parameter])
        for parameter, option in _OPTIONS.items()
        if values.get(parameter) is not None
    }
    options: dict[str, str | Path] = {names.DATASET: path, **chosen, **limits}
    try:
        printed = run_job(names.INSPECT, options, flags=() if is_labelled else ("scoring",))
    except CliError as error:
        message = _as_given(str(error), dataset, path)
        for parameter, option in column_options.items():
            message = re.sub(f"--parameter ('?){parameter}=", rf"{option} \1", message)
            message = message.replace(f"set {parameter} to", f"set {option} to")
        raise UsageError(message) from None
    inspected: dict[str, Any] = json.loads(printed)
    return inspected


def _as_given(message: str, dataset: str, path: Path) -> str:
    """Return a job's message with the path that the user gave; jobs know files by their names."""
    name, _, rest = message.partition(": ")
    if path.is_file():
        return f"{dataset}: {rest}" if name == path.name else f"{dataset}: {message}"
    if name in (path.name, str(path)):
        return f"{dataset}: {rest}"
    files = [file for file in data_files(path) if name in (file.name, str(file.relative_to(path)))]
    if len(files) == 1:
        return f"{Path(dataset) / files[0].relative_to(path)}: {rest}"
    return f"{dataset}: {message}"
