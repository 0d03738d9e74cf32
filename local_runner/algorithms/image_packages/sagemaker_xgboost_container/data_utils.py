"""Channels to matrices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xgboost

from local_runner.algorithms.xgboost.channels import load


def get_dmatrix(
    data_path: str | Sequence[str] | None,
    content_type: str,
    csv_weights: int = 0,
    is_pipe: bool = False,
) -> xgboost.DMatrix | None:
    """Return the labelled rows of files or folders; None if there are none, or no channel.

    content_type: csv or libsvm. csv_weights: 1 if the second column of a CSV file has weights.
    """
    form = content_type.lower()
    if is_pipe or form not in ("csv", "libsvm"):
        raise ValueError(f"local runs read csv and libsvm files, got {content_type!r}")
    paths = [data_path] if isinstance(data_path, str) else data_path
    places = [Path(path) for path in paths or () if Path(path).exists()]
    return load(places, form, has_weights=csv_weights == 1)


def get_size(data_path: str, *_is_pipe: object) -> int:
    """Return the number of bytes of a file, or of a folder's files."""
    path = Path(data_path)
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
