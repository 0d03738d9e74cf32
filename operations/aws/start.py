"""Start of an execution: its request is checked before anything is uploaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from shlex import quote
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from local_runner.definition.expressions import as_text
from local_runner.definition.parameters import parameter_values
from local_runner.errors import ParameterError
from local_runner.plan import Plan
from local_runner.selection import Selection
from operations.aws import executions, upload
from operations.aws.client import Deployment
from operations.aws.dataset_access import require_readable
from operations.aws.maintenance.dataset_lookup import dataset_version
from operations.aws.pipelines import Pipeline
from operations.aws.pricing.expected_cost import ExpectedCost, expected_cost, require_at_most
from operations.aws.selective_execution import (
    SelectiveExecution,
    plan_of,
    selective_execution,
)
from operations.datasets import S3, require_downloadable
from operations.errors import UsageError
from operations.execution_summary import ExecutionSummary
from operations.local.inspection import inspect_head
from operations.local.reused_results import kept_values, listed, require_partial, reuse_warnings
from operations.parameter_ranges import (
    chosen_dataset,
    require_accepted_length,
    require_in_range,
)
from operations.progress import Progress
from operations.views.maintenance.expected_cost import expected_cost_document, print_expected_cost
from operations.views.printing import print_warning
from processing.names import Parameter

_DISPLAY_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}")


@dataclass(frozen=True)
class StartRequest:
    """Options of an execution to start.

    dataset: None for the pipeline's default. repeated: parameter values of the execution ``like``,
    which ``parameters`` override. reuse: the execution whose results the selected steps need; None
    for ``like``, or the newest that has them. max_cost: the highest expected cost in USD with which
    it starts; None for any.
    """

    dataset: str | None
    parameters: Mapping[str, str]
    display_name: str = ""
    selection: Selection = field(default_factory=Selection)
    reuse: str | None = None
    like: str | None = None
    max_cost: float | None = None
    repeated: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckedStart:
    """A request that can be started. parameters: values to send; without a dataset to upload."""

    request: StartRequest
    parameters: Mapping[str, str]
    part: SelectiveExecution | None
    note: str

    def plan(self, pipeline: Pipeline, parameters: Mapping[str, str]) -> Plan:
        """Return the plan of the steps to run."""
        if self.part is None:
            return plan_of(pipeline, parameters)
        return self.part.plan(pipeline, parameters)

    def expected_cost(self, deployment: Deployment, pipeline: Pipeline) -> ExpectedCost:
        """Return the expected cost. Raise CliError if it is too high."""
        expected = expected_cost(deployment, pipeline, self.plan(pipeline, self.parameters))
        require_at_most(expected, self.request.max_cost)
        return expected


def start(
    deployment: Deployment, pipeline: Pipeline, request: StartRequest, progress: Progress
) -> ExecutionSummary:
    """Start an execution, after uploading a local dataset.

    Raise UsageError or CliError for an invalid request before it uploads anything.
    """
    checked = checked_start(deployment, pipeline, request)
    expected = checked.expected_cost(deployment, pipeline)
    dataset, parameters = checked.request.dataset, dict(checked.parameters)
    if dataset is not None:
        parameters[Parameter.DATASET_URI] = upload.upload_dataset(
            deployment,
            pipeline.bucket,
            dataset,
            progress,
            is_labelled=not deployment.scoring,
        )
    if (part := checked.part) and part.source:
        progress.print_line(f"reused ({part.source.execution_id}): {listed(part.reused)}")
        if checked.note:
            progress.print_line(checked.note)
        print_reuse_warnings(checked.plan(pipeline, parameters))
    print_expected_cost(expected, progress)
    started = _started(deployment, pipeline, replace(checked, parameters=parameters))
    return replace(started, expected_cost=expected_cost_document(expected))


def print_reuse_warnings(plan: Plan) -> None:
    """Print warnings of results that were made with other values than the plan's."""
    for warning in reuse_warnings(plan):
        print_warning(warning)


def checked_start(
    deployment: Deployment, pipeline: Pipeline, request: StartRequest
) -> CheckedStart:
    """Check a request before anything is uploaded, and print warnings.

    Raise UsageError or CliError if it can't be started.
    """
    if request.display_name and not _DISPLAY_NAME.fullmatch(request.display_name):
        raise UsageError(
            f"--name {request.display_name!r}: must be 1 to 82 letters, digits and hyphens, "
            "without a hyphen at the start or end"
        )
    dataset, parameters = chosen_dataset(request.dataset, request.parameters)
    # The dataset may have changed since the execution to repeat.
    repeated = {k: it for k, it in request.repeated.items() if k != Parameter.DATASET_VERSION}
    request = replace(request, dataset=dataset, parameters=parameters, repeated=repeated)
    request = replace(request, repeated=_repeated(pipeline, request))
    part, request, note = _selected(deployment, pipeline, request)
    chosen = _validated(pipeline, request)
    uri = chosen.get(Parameter.DATASET_URI) or dataset or ""
    require_downloadable(uri, [step.name for step in pipeline.parsed().all_steps()])
    if dataset is not None and dataset != upload.DEMO:
        values = {**pipeline.defaults, **chosen}
        inspect_head(dataset, values, is_labelled=not deployment.scoring)
    if part is None:  # a part reads results that are kept
        require_readable(deployment, pipeline, uri)
    checked = CheckedStart(request, chosen, part, note)
    uri = uri or str(pipeline.defaults.get(Parameter.DATASET_URI))
    read = {name for it in checked.plan(pipeline, chosen).steps_to_run for name in it.parameters}
    if uri.startswith(S3) and Parameter.DATASET_VERSION in read - chosen.keys():
        version = {Parameter.DATASET_VERSION: dataset_version(deployment, uri)}
        return replace(checked, parameters={**chosen, **version})
    return checked


def _repeated(pipeline: Pipeline, request: StartRequest) -> dict[str, str]:
    """Return the values to repeat that the pipeline doesn't have by default. Raise UsageError."""
    repeated = dict(request.repeated)
    if request.dataset is not None:
        repeated.pop(Parameter.DATASET_URI, None)
    uri = urlsplit(repeated.get(Parameter.DATASET_URI, ""))
    if uri.scheme == "file":
        raise UsageError(
            f"the dataset of {request.like} is on this machine; give it with --dataset "
            f"{quote(unquote(uri.path))}"
        )
    for name in sorted(repeated.keys() - pipeline.defaults.keys()):
        print_warning(f"{name} isn't a parameter of the definition; its value isn't repeated")
        del repeated[name]
    typed = pipeline.values(repeated)
    return {name: it for name, it in repeated.items() if typed[name] != pipeline.defaults[name]}


def _selected(
    deployment: Deployment, pipeline: Pipeline, request: StartRequest
) -> tuple[SelectiveExecution | None, StartRequest, str]:
    """Return the selected steps, the request with the values of their results, and a note."""
    require_partial(request.selection, request.reuse)
    if not request.selection.is_partial:
        return None, request, ""
    given = {**request.repeated, **request.parameters}
    part = selective_execution(
        deployment,
        pipeline,
        plan_of(pipeline, given),
        request.selection,
        reuse=request.reuse,
        preferred=request.like,
    )
    chosen = {*given, Parameter.DATASET_URI} if request.dataset is not None else given
    values, note = kept_values(part.plan(pipeline, given), chosen)
    kept = _repeated(pipeline, replace(request, repeated=values))
    return part, replace(request, repeated={**kept, **request.repeated}), note


def _validated(pipeline: Pipeline, request: StartRequest) -> dict[str, str]:
    """Return the parameters as text, as the service expects them.

    Raise UsageError if they don't match the deployed definition.
    """
    chosen = {**request.repeated, **request.parameters}
    require_in_range(chosen)
    require_accepted_length(chosen)
    given = {Parameter.DATASET_URI: request.dataset} if request.dataset is not None else {}
    if pipeline.requires_dataset and not given and Parameter.DATASET_URI not in chosen:
        raise UsageError(f"{pipeline.name} has no default dataset; use --dataset")
    try:
        checked = parameter_values(pipeline.parsed().parameters, chosen, given)
    except ParameterError as error:
        raise UsageError(str(error)) from None
    return {name: as_text(checked[name]) for name in chosen}


def _started(deployment: Deployment, pipeline: Pipeline, checked: CheckedStart) -> ExecutionSummary:
    """Start the execution and describe it. Retries of the call don't start another one."""
    sagemaker = deployment.client("sagemaker")
    name, part = checked.request.display_name, checked.part
    answer = sagemaker.start_pipeline_execution(
        PipelineName=pipeline.name,
        PipelineParameters=[
            {"Name": key, "Value": value} for key, value in sorted(checked.parameters.items())
        ],
        ClientRequestToken=uuid4().hex,
        **({"PipelineExecutionDisplayName": name} if name else {}),
        **({"SelectiveExecutionConfig": part.configuration} if part else {}),
    )
    return executions.describe(sagemaker, answer["PipelineExecutionArn"])
