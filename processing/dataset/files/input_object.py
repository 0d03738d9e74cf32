"""The one object that an input is about.

An input of a SageMaker job is a prefix of keys: that of ``s3://bucket/raw/reviews.csv`` also has
the file ``reviews.csv.gz``, if there is such an object. The job knows the URI from its request,
which SageMaker stores in its container.
"""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from processing.dataset.files.file_formats import files_below
from processing.errors import DataError, printable

_OPT_ML = "/opt/ml"
_REQUEST = "config/processingjobconfig.json"
_MAX_LISTED = 5  # ignored files in the log


def input_object(folder: Path) -> Path | None:
    """Return the file of the object that is the whole input in ``folder``.

    None if the input's URI ends in ``/``, or if ``folder`` isn't an input of this job: then
    everything below it counts. Raise DataError if there is no such object.
    """
    uri = _uri_of_input(folder)
    if uri is None or uri.endswith("/"):
        return None
    name = uri.rpartition("/")[2]
    path = folder / (unquote(name) if uri.startswith("file://") else name)
    if not path.is_file():
        raise DataError(f"{uri}: no such object; the URI of a folder must end in /")
    return path


def print_ignored_objects(folder: Path) -> None:
    """Log the objects whose keys begin with that of the input's object."""
    if wanted := input_object(folder):
        others = [path for path in files_below(folder) if path != wanted]
        print_ignored([path.relative_to(folder).as_posix() for path in others])


def print_ignored(names: list[str]) -> None:
    """Log the names of files that aren't read."""
    if names:
        more = ", ..." if len(names) > _MAX_LISTED else ""
        listed = ", ".join(map(printable, names[:_MAX_LISTED]))
        print(f"ignored {len(names):,} other files: {listed}{more}", flush=True)


def _uri_of_input(folder: Path) -> str | None:
    opt_ml = os.environ.get("OPT_ML", _OPT_ML)  # set where jobs run without a container
    try:
        request: dict[str, Any] = json.loads(Path(opt_ml, _REQUEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    for source in (item.get("S3Input", {}) for item in request.get("ProcessingInputs", ())):
        path = PurePosixPath(source.get("LocalPath", ""))
        if path.is_relative_to(_OPT_ML) and Path(opt_ml, path.relative_to(_OPT_ML)) == folder:
            uri: str = source["S3Uri"]
            return uri
    return None
