"""Results of an execution on AWS: the evaluation report, the HTML report, and the scores."""

from __future__ import annotations

from collections.abc import Iterable

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import error_code
from operations.aws.executions import StepExecution
from operations.errors import CliError
from operations.evaluation_report import EvaluationReport
from operations.execution_summary import ExecutionSummary
from processing import names
from processing.names import Step

_NO_OBJECT = ("404", "NoSuchBucket", "NoSuchKey", "NotFound")


def evaluation_report(
    deployment: Deployment, execution: ExecutionSummary, steps: Iterable[StepExecution]
) -> EvaluationReport:
    """Return the evaluation report of an execution. Raise CliError if it has none (yet)."""
    step = _succeeded(steps, Step.EVALUATE)
    if step is None:
        raise CliError(
            f"execution {execution.execution_id} ({execution.status}) has no evaluation, because "
            f"step {Step.EVALUATE} hasn't succeeded; "
            f"{deployment.command('watch', execution.execution_id)} shows its steps"
        )
    return evaluation_report_at(
        deployment, f"{_output(deployment, step, names.EVALUATION)}/{names.EVALUATION_FILE}"
    )


def scores_uri(deployment: Deployment, steps: Iterable[StepExecution]) -> str | None:
    """Return the S3 URI of the scores of a scoring execution; None if it has none (yet)."""
    step = _succeeded(steps, Step.JOIN)
    return f"{_output(deployment, step, names.SCORES)}/{names.SCORES_FILE}" if step else None


def evaluation_report_at(deployment: Deployment, uri: str) -> EvaluationReport:
    """Return the evaluation report at an S3 URI. Raise CliError if there is none."""
    return EvaluationReport.parse(uri, _object(deployment, uri, "evaluation report"))


def html_report(deployment: Deployment, report: EvaluationReport) -> bytes:
    """Return the HTML report next to the evaluation report. Raise CliError if there is none."""
    folder = report.uri.rpartition("/")[0]
    return _object(deployment, f"{folder}/{names.REPORT_FILE}", "HTML report")


def _succeeded(steps: Iterable[StepExecution], name: str) -> StepExecution | None:
    return next((step for step in steps if step.name == name and step.succeeded), None)


def _output(deployment: Deployment, step: StepExecution, name: str) -> str:
    """The S3 URI of a job's output."""
    job = deployment.client("sagemaker").describe_processing_job(
        ProcessingJobName=step.resource_name
    )
    for output in job["ProcessingOutputConfig"]["Outputs"]:
        if output["OutputName"] == name:
            return str(output["S3Output"]["S3Uri"])
    raise CliError(f"job {step.resource_name} has no output {name!r}")


def _object(deployment: Deployment, uri: str, what: str) -> bytes:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        answer = deployment.client("s3").get_object(Bucket=bucket, Key=key)
        content: bytes = answer["Body"].read()
    except ClientError as error:
        if error_code(error) in _NO_OBJECT:
            raise CliError(f"{uri}: no {what} there") from None
        raise
    return content
