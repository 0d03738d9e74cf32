"""Script mode of framework images: a job or a model that names its own program and source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_runner.definition.model import Json
from local_runner.errors import JobFailed

COMMAND = ("python3", "-m", "local_runner.algorithms.script_mode")

_PROGRAM = ("sagemaker_program", "SAGEMAKER_PROGRAM")
_SOURCE = ("sagemaker_submit_directory", "SAGEMAKER_SUBMIT_DIRECTORY")


def is_script_mode(arguments: Mapping[str, Json]) -> bool:
    """Return whether a training job or a model's container names a program of the user."""
    return bool(_value(arguments, _PROGRAM))


def source_archive(arguments: Mapping[str, Json]) -> str:
    """Return the S3 URI of the source archive. Raise JobFailed if there is none."""
    uri = str(_value(arguments, _SOURCE) or "").strip('"')
    if not uri.startswith("s3://"):
        raise JobFailed(
            f"ClientError: {_SOURCE[0]} must be the S3 URI of a tar.gz archive, got {uri!r}"
        )
    return uri


def source_of_model(container: Mapping[str, Json]) -> Json:
    """Return the source of a model's script: an S3 URI or a path; None if it isn't given."""
    return _value(container, _SOURCE)


def _value(arguments: Mapping[str, Json], names: tuple[str, str]) -> Any:
    for parent, name in zip(("HyperParameters", "Environment"), names, strict=True):
        values = arguments.get(parent)
        if isinstance(values, Mapping) and name in values:
            return values[name]
    return None
