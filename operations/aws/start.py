"""What ``sentiment start`` asks for, checked before anything is uploaded or started."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from local_runner.definition.expressions import as_text
from local_runner.definition.model import parse
from local_runner.definition.parameters import parameter_values
from local_runner.errors import DefinitionError, ParameterError
from operations.aws import executions, upload
from operations.aws.client import Deployment
from operations.aws.executions import Execution
from operations.aws.pipelines import Pipeline
from operations.errors import CliError, UsageError
from operations.progress import Progress

_DATASET = "DatasetUri"
_DISPLAY_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}")


@dataclass(frozen=True)
class Request:
    """What the user asked for; empty strings and None for what wasn't said."""

    dataset: str | None
    parameters: Mapping[str, str]
    display_name: str


def start(
    deployment: Deployment, pipeline: Pipeline, request: Request, progress: Progress
) -> Execution:
    """Starts an execution, the dataset uploaded first if it lies on this machine.

    Raises UsageError for a wrong request, before anything has happened.
    """
    chosen = checked(pipeline, request)
    if request.dataset is not None:
        chosen[_DATASET] = upload.dataset_uri(
            deployment,
            pipeline.bucket,
            request.dataset,
            progress,
            is_labelled=not deployment.scoring,
        )
    return executions.start(deployment, pipeline, chosen, request.display_name)


def checked(pipeline: Pipeline, request: Request) -> dict[str, str]:
    """The request's parameters, as the service writes their values.

    Raises UsageError if the deployed definition doesn't know them so.
    """
    if request.display_name and not _DISPLAY_NAME.fullmatch(request.display_name):
        raise UsageError(
            f"--name {request.display_name!r}: use up to 82 letters, digits and hyphens, no "
            "hyphen at either end"
        )
    if request.dataset is not None and _DATASET in request.parameters:
        raise UsageError(f"--dataset and --parameter {_DATASET}=... say the same; give one")
    given = {_DATASET: request.dataset} if request.dataset is not None else {}
    is_open = pipeline.defaults.get(_DATASET, "") is None
    if is_open and _DATASET not in {**given, **request.parameters}:
        raise UsageError(f"{pipeline.name} has no reviews of its own; give --dataset")
    try:
        known = parse(pipeline.definition).parameters
        checked = parameter_values(known, request.parameters, given)
    except DefinitionError as error:
        raise CliError(f"the definition of {pipeline.name}: {error}; deploy it anew") from None
    except ParameterError as error:
        raise UsageError(str(error)) from None
    return {name: as_text(checked[name]) for name in request.parameters}
