"""Start of an execution: its request is checked before anything is uploaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from local_runner.definition.expressions import as_text
from local_runner.definition.parameters import parameter_values
from local_runner.errors import ParameterError
from operations.aws import executions, upload
from operations.aws.client import Deployment
from operations.aws.pipelines import Pipeline
from operations.errors import UsageError
from operations.execution_summary import ExecutionSummary
from operations.local.inspection import inspect_head
from operations.parameter_ranges import (
    chosen_dataset,
    require_accepted_length,
    require_in_range,
)
from operations.progress import Progress
from processing.names import Parameter

_DISPLAY_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}")


@dataclass(frozen=True)
class StartRequest:
    """Options of an execution to start. dataset: None for the pipeline's default."""

    dataset: str | None
    parameters: Mapping[str, str]
    display_name: str


def start(
    deployment: Deployment, pipeline: Pipeline, request: StartRequest, progress: Progress
) -> ExecutionSummary:
    """Start an execution, after uploading a local dataset.

    Raise UsageError for an invalid request before it uploads anything.
    """
    dataset, parameters = chosen_dataset(request.dataset, request.parameters)
    request = replace(request, dataset=dataset, parameters=parameters)
    chosen = validated_parameters(pipeline, request)
    if dataset is not None:
        if dataset != upload.DEMO:
            values = {**pipeline.defaults, **chosen}
            inspect_head(dataset, values, is_labelled=not deployment.scoring)
        chosen[Parameter.DATASET_URI] = upload.upload_dataset(
            deployment,
            pipeline.bucket,
            dataset,
            progress,
            is_labelled=not deployment.scoring,
        )
    return executions.start_execution(deployment, pipeline, chosen, request.display_name)


def validated_parameters(pipeline: Pipeline, request: StartRequest) -> dict[str, str]:
    """Return the parameters as text, as the service expects them.

    Raise UsageError if they don't match the deployed definition.
    """
    if request.display_name and not _DISPLAY_NAME.fullmatch(request.display_name):
        raise UsageError(
            f"--name {request.display_name!r}: must be 1 to 82 letters, digits and hyphens, "
            "without a hyphen at the start or end"
        )
    require_in_range(request.parameters)
    require_accepted_length(request.parameters)
    given = {Parameter.DATASET_URI: request.dataset} if request.dataset is not None else {}
    is_required = pipeline.defaults.get(Parameter.DATASET_URI, "") is None
    if is_required and not given:
        raise UsageError(f"{pipeline.name} has no default dataset; use --dataset")
    try:
        checked = parameter_values(pipeline.parsed().parameters, request.parameters, given)
    except ParameterError as error:
        raise UsageError(str(error)) from None
    return {name: as_text(checked[name]) for name in request.parameters}
