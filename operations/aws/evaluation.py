"""What executions have told: the evaluation report from the bucket, and where scores lie."""

from __future__ import annotations

from collections.abc import Iterable

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.executions import Execution, StepExecution
from operations.errors import CliError
from operations.evaluation_report import Report

_STEP, _OUTPUT, _FILE = "Evaluate", "evaluation", "evaluation.json"
_PAGE = "report.html"
_JOIN, _SCORES, _SCORES_FILE = "Join", "scores", "scores.csv"
_NO_OBJECT = ("404", "NoSuchBucket", "NoSuchKey", "NotFound")


def of_execution(
    deployment: Deployment, execution: Execution, steps: Iterable[StepExecution]
) -> Report:
    """What the execution measured. Raises CliError if it hasn't, or hasn't yet."""
    step = next((step for step in steps if step.name == _STEP and step.succeeded), None)
    if step is None:
        raise CliError(
            f"execution {execution.execution_id} is {execution.status} and has no evaluation: "
            f"step {_STEP} hasn't succeeded; "
            f"{deployment.hint('watch', execution.execution_id)} shows why"
        )
    return at(deployment, f"{_output(deployment, step, _OUTPUT)}/{_FILE}")


def scores(deployment: Deployment, steps: Iterable[StepExecution]) -> str | None:
    """Where the scores of an execution of the scoring pipeline lie; None if it has none (yet)."""
    step = next((step for step in steps if step.name == _JOIN and step.succeeded), None)
    return f"{_output(deployment, step, _SCORES)}/{_SCORES_FILE}" if step else None


def _output(deployment: Deployment, step: StepExecution, name: str) -> str:
    """The S3 URI of a job's output."""
    job = deployment.client("sagemaker").describe_processing_job(
        ProcessingJobName=step.resource_name
    )
    for output in job["ProcessingOutputConfig"]["Outputs"]:
        if output["OutputName"] == name:
            return str(output["S3Output"]["S3Uri"])
    raise CliError(f"{step.resource_name} has no output {name!r}")


def at(deployment: Deployment, uri: str) -> Report:
    """The report that lies at an S3 URI. Raises CliError if there is none."""
    return Report.of(uri, _fetched(deployment, uri, "evaluation any more"))


def page_beside(deployment: Deployment, report: Report) -> bytes:
    """The page for people that lies beside the report. Raises CliError if there is none."""
    folder = report.uri.rpartition("/")[0]
    return _fetched(deployment, f"{folder}/{_PAGE}", "report for people")


def _fetched(deployment: Deployment, uri: str, what: str) -> bytes:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        answer = deployment.client("s3").get_object(Bucket=bucket, Key=key)
        content: bytes = answer["Body"].read()
    except ClientError as error:
        if error.response["Error"].get("Code") in _NO_OBJECT:
            raise CliError(f"{uri}: there is no {what}") from None
        raise
    return content
