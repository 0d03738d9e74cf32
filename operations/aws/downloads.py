"""Download tables of executions: scores of new reviews, predictions of a test set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from operations import predictions_table
from operations.aws import executions, results
from operations.aws.client import Deployment
from operations.aws.executions import StepExecution
from operations.aws.pipelines import find_pipeline
from operations.errors import CliError
from operations.execution_summary import ExecutionSummary
from operations.output_files import SavedTable, StoredPage, csv_output
from operations.progress import Progress
from processing import names
from processing.names import Parameter, Step

_CHUNK_BYTES = 1 << 20


def save_scores(
    deployment: Deployment,
    wanted: str | None,
    output: Path,
    *,
    dataset: str | None = None,
    quiet: bool,
) -> SavedTable:
    """Download ``scores.csv`` of an execution, None for the newest that has one.

    dataset: look only at executions with this dataset. Shows progress on stderr, unless ``quiet``.
    Raise CliError if there are no scores.
    """
    execution, steps = _find(deployment, wanted, "scores", Step.JOIN, dataset)
    uri = results.outputs(deployment, steps, Step.JOIN)[names.SCORES]
    with (
        results.opened_object(deployment, uri, "scores") as source,
        csv_output(output) as file,
        Progress(quiet=quiet) as progress,
    ):
        for number, content in enumerate(source.iter_chunks(_CHUNK_BYTES), start=1):
            file.write(content)
            progress.set_status(f"downloaded {number * _CHUNK_BYTES / 1e6:.0f} MB")
    return SavedTable(execution.execution_id, uri, output, file.rows)


def drift_page(deployment: Deployment, wanted: str | None, dataset: str | None) -> StoredPage:
    """Return the page about drift of an execution, which is chosen as for `save_scores`.

    Raise CliError if there is none.
    """
    execution, steps = _find(deployment, wanted, "scores", Step.JOIN, dataset)
    folder = results.outputs(deployment, steps, Step.JOIN)[names.DRIFT].rpartition("/")[0]
    uri = f"{folder}/{names.DRIFT_PAGE}"
    content = results.read_object(deployment, uri, "page about drift")
    return StoredPage(execution.execution_id, uri, content)


def save_predictions(
    deployment: Deployment, wanted: str | None, output: Path, *, quiet: bool
) -> SavedTable:
    """Download the predictions of a training execution's test set as one table.

    Otherwise like `save_scores`.
    """
    execution, steps = _find(deployment, wanted, "predictions", Step.EVALUATE)
    job = results.processing_job(deployment, next(it for it in steps if it.name == Step.EVALUATE))
    report = results.job_outputs(job, Step.EVALUATE)[names.EVALUATION]
    evaluation = results.evaluation_report_at(deployment, report)
    folders = test_set_folders(job)
    with csv_output(output) as file, Progress(quiet=quiet) as progress:
        progress.set_status("looking up the part files")
        files = {content: list(objects(deployment, folder)) for content, folder in folders.items()}
        count = len(files[names.PREDICTIONS])
        parts = predictions_table.table(
            files,
            lambda uri: results.read_object(deployment, uri, "part file"),
            evaluation,
        )
        for number, content in enumerate(parts):
            progress.set_status(f"downloaded {number} of {count} parts")
            file.write(content)
    return SavedTable(execution.execution_id, folders[names.PREDICTIONS], output, file.rows)


def _find(
    deployment: Deployment, wanted: str | None, what: str, step: str, dataset: str | None = None
) -> tuple[ExecutionSummary, list[StepExecution]]:
    """The execution, None for the newest in which the step succeeded, and its steps."""
    pipeline, sagemaker = find_pipeline(deployment), deployment.client("sagemaker")
    if wanted is not None:
        execution = executions.find_execution(deployment, pipeline, wanted)
        steps = executions.steps(sagemaker, execution.arn)
        results.require_succeeded(deployment, execution, steps, what, step)
        return execution, steps
    for execution in executions.newest_first(deployment, pipeline):
        if dataset is not None and not _has_dataset(sagemaker, execution, dataset):
            continue
        steps = executions.steps(sagemaker, execution.arn)
        if results.has_succeeded(steps, step):
            return execution, steps
    of_dataset = f" and dataset {dataset!r}" if dataset is not None else ""
    raise CliError(
        f"{pipeline.name} has no execution with {what}{of_dataset}; {deployment.command('list')} "
        "lists executions"
    )


def _has_dataset(sagemaker: Any, execution: ExecutionSummary, dataset: str) -> bool:
    """Whether the execution's dataset has this URI, or one that ends with these parts."""
    uri = executions.parameters(sagemaker, execution.arn).get(Parameter.DATASET_URI, "")
    return f"/{uri.strip('/')}".endswith(f"/{dataset.strip('/')}")


def test_set_folders(job: Mapping[str, Any]) -> dict[str, str]:
    """Return the S3 URIs of the test set's tables, by content: inputs of the job of Evaluate.

    Raise CliError without one of them.
    """
    inputs = {it["InputName"]: it for it in job.get("ProcessingInputs", ())}
    if missing := [it for it in predictions_table.CONTENTS if it not in inputs]:
        raise CliError(f"step {Step.EVALUATE} has no input {missing[0]!r}")
    return {it: inputs[it]["S3Input"]["S3Uri"] for it in predictions_table.CONTENTS}


def objects(deployment: Deployment, uri: str) -> Iterator[str]:
    """Yield the URIs of the objects below ``uri``."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    pages = deployment.client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=bucket, Prefix=f"{key.rstrip('/')}/"):
        yield from (f"s3://{bucket}/{item['Key']}" for item in page.get("Contents", ()))
