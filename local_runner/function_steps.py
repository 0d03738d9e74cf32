"""Functions of the SDK's ``@step``: training jobs whose program calls a pickled function.

The definition has the SDK's own scripts as the program. The function and its arguments are objects
that the SDK stores when it renders the definition; the job reads them and stores the result.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise

from local_runner.definition.model import Json
from local_runner.platform.opt_ml import can_mount

_CHANNEL = "sagemaker_remote_function_bootstrap"
_SDK_VERSION, _PYTHON_VERSION = "--client_sagemaker_pysdk_version", "--client_python_version"


def calls_function(arguments: Mapping[str, Json]) -> bool:
    """Return whether a training job calls a function, which runs in any image."""
    return _options(arguments) is not None


def function_step_refusals(arguments: Mapping[str, Json]) -> Iterator[str]:
    """Yield what this machine lacks to call the function of a training job, if it has one."""
    options = _options(arguments)
    if options is None:
        return
    if not can_mount():
        yield "functions of @step need /opt/ml, which this machine can't mount"
    if "--job_conda_env" in options:
        yield "functions of @step run in this environment; remove job_conda_env"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    if options.get(_PYTHON_VERSION, python) != python:
        yield (
            f"the function was stored by Python {options[_PYTHON_VERSION]}, and this environment "
            f"has {python}; use one version for both"
        )
    given, installed = options.get(_SDK_VERSION, ""), _sdk_version()
    if installed.partition(".")[0] != given.partition(".")[0] or not installed:
        found = f"has {installed}" if installed else "doesn't have it"
        yield (
            f"the function needs the SageMaker Python SDK {given}, and this environment {found}; "
            f"uv pip install sagemaker=={given}"
        )


def function_inputs(arguments: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield (name, S3 URI) of the function that the SDK stored for a job, and of its arguments."""
    options = _options(arguments) or {}
    names = ("--s3_base_uri", "--pipeline_step_name", "--func_step_s3_dir")
    if all(name in options for name in names):
        uri = "/".join(options[name] for name in names)
        yield "function", f"{uri}/function"
        yield "arguments", f"{uri}/arguments"


def _options(arguments: Mapping[str, Json]) -> dict[str, str] | None:
    """Return the program's options whose values are known; None if it calls no function."""
    match arguments:
        case {
            "InputDataConfig": [*channels],
            "AlgorithmSpecification": {"ContainerArguments": [*given]},
        } if any(isinstance(it, Mapping) and it.get("ChannelName") == _CHANNEL for it in channels):
            words = [word if isinstance(word, str) else "" for word in given]
        case _:
            return None
    return {name: value for name, value in pairwise(words) if name.startswith("--") and value}


def _sdk_version() -> str:
    """Return the version of the SageMaker Python SDK; empty if it isn't installed."""
    # Imported late: takes 40 ms.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("sagemaker")
    except PackageNotFoundError:
        return ""
