"""Results of executions on AWS: evaluation report, HTML report, scores and drift."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from operations.aws import executions
from operations.aws.client import Deployment
from operations.aws.errors import error_code
from operations.aws.executions import StepExecution
from operations.aws.pipelines import Pipeline
from operations.errors import CliError
from operations.evaluation_report import EvaluationReport
from operations.execution_summary import MAIN_FILES, ExecutionSummary, failure_reason
from processing import names
from processing.names import Step

_NO_OBJECT = ("404", "NoSuchBucket", "NoSuchKey", "NotFound")
_PARALLEL_REQUESTS = 4
"""Executions of which the results are read at the same time; AWS throttles more."""

Answer = TypeVar("Answer")


def with_results(
    deployment: Deployment, pipeline: Pipeline, listed: Sequence[ExecutionSummary]
) -> Iterator[ExecutionSummary]:
    """Yield each execution with its parameters and results, in the same order.

    One request each for the steps and the parameters of an execution, and if it has been evaluated
    or has scored reviews, two for the results.
    """
    sagemaker = deployment.client("sagemaker")

    def complete(execution: ExecutionSummary) -> ExecutionSummary:
        given = or_none(deployment, lambda: executions.parameters(sagemaker, execution.arn))
        found = summarize(deployment, execution, executions.steps(sagemaker, execution.arn))
        return replace(found, parameters=None if given is None else pipeline.values(given))

    with ThreadPoolExecutor(_PARALLEL_REQUESTS) as requests:
        yield from requests.map(complete, listed)


def summarize(
    deployment: Deployment, execution: ExecutionSummary, steps: Sequence[StepExecution]
) -> ExecutionSummary:
    """Return the execution with its results; None for a result that it doesn't have.

    None also for one that can't be read.
    """
    now = datetime.now(UTC)
    summaries = [step.summary(now) for step in steps]
    report = or_none(deployment, lambda: evaluation_report(deployment, execution, steps))
    scoring = or_none(deployment, lambda: outputs(deployment, steps, Step.JOIN)) or Outputs("")
    drift = scoring.get(names.DRIFT)
    return replace(
        execution,
        failure_reason=failure_reason(summaries, execution.failure_reason),
        steps=summaries,
        accuracy=report.accuracy if report else None,
        metrics=report.values if report else None,
        positive_class=report.positive_class if report else None,
        gate=report.gate if report else None,
        model_package_arn=executions.registered_version(steps),
        scores=scoring.get(names.SCORES),
        drift=or_none(deployment, lambda: _drift_report(deployment, drift)) if drift else None,
    )


def evaluation_report(
    deployment: Deployment, execution: ExecutionSummary, steps: Iterable[StepExecution]
) -> EvaluationReport:
    """Return the evaluation report of an execution. Raise CliError if it has none (yet)."""
    require_succeeded(deployment, execution, steps, names.EVALUATION, Step.EVALUATE)
    found = outputs(deployment, steps, Step.EVALUATE)
    return evaluation_report_at(deployment, found[names.EVALUATION])


def require_succeeded(
    deployment: Deployment,
    execution: ExecutionSummary,
    steps: Iterable[StepExecution],
    what: str,
    name: str,
) -> None:
    """Raise CliError unless the step that writes ``what`` has succeeded."""
    if not has_succeeded(steps, name):
        raise CliError(
            f"execution {execution.execution_id} ({execution.status}) has no {what}, because step "
            f"{name} hasn't succeeded; {deployment.command('watch', execution.execution_id)} shows "
            "its steps"
        )


def has_succeeded(steps: Iterable[StepExecution], name: str) -> bool:
    """Whether the step with this name has succeeded."""
    return any(step.name == name and step.succeeded for step in steps)


def evaluation_report_at(deployment: Deployment, uri: str) -> EvaluationReport:
    """Return the evaluation report at an S3 URI. Raise CliError if there is none."""
    return EvaluationReport.parse(uri, read_object(deployment, uri, "evaluation report"))


def html_report(deployment: Deployment, report: EvaluationReport) -> bytes:
    """Return the HTML report next to the evaluation report. Raise CliError if there is none."""
    folder = report.uri.rpartition("/")[0]
    return read_object(deployment, f"{folder}/{names.REPORT_FILE}", "HTML report")


class Outputs(dict[str, str]):
    """S3 URIs of the outputs of a step by name. A missing one raises CliError."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self._step = step

    def __missing__(self, name: str) -> str:
        raise CliError(f"step {self._step} has no output {name!r}")


def outputs(deployment: Deployment, steps: Iterable[StepExecution], name: str) -> Outputs:
    """Return S3 URIs of the outputs of a step's processing job by output name.

    The URI is that of the main file of an output that has one, else that of its folder. Empty if
    the step hasn't succeeded.
    """
    step = next((step for step in steps if step.name == name and step.succeeded), None)
    if step is None:
        return Outputs(name)
    return job_outputs(processing_job(deployment, step), name)


def processing_job(deployment: Deployment, step: StepExecution) -> Mapping[str, Any]:
    """Describe the processing job of a step."""
    job: Mapping[str, Any] = deployment.client("sagemaker").describe_processing_job(
        ProcessingJobName=step.resource_name
    )
    return job


def job_outputs(job: Mapping[str, Any], name: str) -> Outputs:
    """Return what `outputs` does, of the description of the step's job."""
    found = Outputs(name)
    for output in job.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        uri, file = output["S3Output"]["S3Uri"], MAIN_FILES.get(output["OutputName"])
        found[output["OutputName"]] = f"{uri}/{file}" if file else uri
    return found


def read_object(deployment: Deployment, uri: str, what: str) -> bytes:
    """Return the content of an object. Raise CliError, which says ``what``, if there is none."""
    with opened_object(deployment, uri, what) as body:
        content: bytes = body.read()
    return content


@contextmanager
def opened_object(deployment: Deployment, uri: str, what: str) -> Iterator[Any]:
    """Yield the body of an object. Raise CliError, which says ``what``, if there is none."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        answer = deployment.client("s3").get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error_code(error) in _NO_OBJECT:
            raise CliError(f"{uri}: no {what} there") from None
        raise
    with closing(answer["Body"]) as body:
        yield body


def _drift_report(deployment: Deployment, uri: str) -> Mapping[str, Any]:
    try:
        report: Mapping[str, Any] = json.loads(read_object(deployment, uri, "drift report"))
        report[names.DRIFT_STATUS]
    except (ValueError, KeyError, TypeError) as error:
        raise CliError(f"{uri}: not a drift report ({error!r})") from None
    return report


def or_none(deployment: Deployment, request: Callable[[], Answer]) -> Answer | None:
    """Return the answer to a request, None if AWS refuses it."""
    try:
        with deployment.translated_errors():
            return request()
    except CliError:
        return None
