"""Script mode of framework images: a job or a model that names its own program and source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from local_runner.definition.model import Json
from local_runner.jobs.hosts import Hosts

COMMAND = ("python3", "-m", "local_runner.algorithms.script_mode")

CHANNELS = "/opt/ml/input/data"

_PROGRAM = ("sagemaker_program", "SAGEMAKER_PROGRAM")
_SOURCE = ("sagemaker_submit_directory", "SAGEMAKER_SUBMIT_DIRECTORY")


def is_script_mode(arguments: Mapping[str, Json]) -> bool:
    """Return whether a training job or a model's container names a program of the user."""
    return bool(_value(arguments, _PROGRAM))


def source_faults(arguments: Mapping[str, Json], below: str) -> Iterator[str]:
    """Yield what is wrong with the source, unless it is an expression, whose value isn't known.

    below: the folder of the job in which a source that isn't in S3 must be.
    """
    source = _value(arguments, _SOURCE)
    uri = source.strip('"') if isinstance(source, str) else source
    if isinstance(uri, str | None) and not f"{uri}/".startswith(("s3://", f"{below}/")):
        hyperparameter, variable = _SOURCE
        name = hyperparameter if "HyperParameters" in arguments else f"Environment.{variable}"
        given = "but is missing" if source is None else f"got {source!r:.60}"
        yield f"{name} must be the S3 URI of a tar.gz archive or a path below {below}, {given}"


def fetch_source(arguments: Mapping[str, Json], hosts: Hosts) -> None:
    """Fetch the source archive, if it is in S3, to the folder that the program unpacks."""
    uri = str(_value(arguments, _SOURCE)).strip('"')
    if uri.startswith("s3://"):
        hosts.fetch(uri, "/opt/ml/code")


def _value(arguments: Mapping[str, Json], names: tuple[str, str]) -> Any:
    for parent, name in zip(("HyperParameters", "Environment"), names, strict=True):
        values = arguments.get(parent)
        if isinstance(values, Mapping) and name in values:
            return values[name]
    return None
