"""Texts of scored reviews, downloaded for an export from where the step Prepare has read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from operations.aws import executions, results
from operations.aws.client import Deployment
from operations.aws.maintenance.dataset_lookup import dataset_objects
from operations.aws.pipelines import Pipeline, defaults
from operations.datasets import S3
from operations.errors import CliError
from operations.feedback.job import ScoredReviews
from operations.views.printing import print_warning
from processing import names
from processing.names import Step


def download_texts(
    deployment: Deployment, pipeline: Pipeline, scored: ScoredReviews, arn: str, scratch: Path
) -> ScoredReviews:
    """Return the execution with the folder of its reviews, without it if they can't be read.

    They may have been deleted, or replaced with others: then the texts would be those of other
    reviews.
    """
    folder = scratch / f"{scored.name}-{names.RAW}"
    sagemaker = deployment.client("sagemaker")
    try:
        with deployment.translated_errors():
            steps = executions.steps(sagemaker, arn)
            for uri, name in _scored_objects(deployment, steps):
                path = folder / name
                if not path.resolve().is_relative_to(folder.resolve()):
                    raise CliError(f"{uri}: its name leads out of the folder")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(results.read_object(deployment, uri, "review"))
            given = executions.parameters(sagemaker, arn)
    except CliError as error:
        print_warning(f"no texts of {scored.name}: {error}")
        return scored
    parameters: Mapping[str, str] = {**defaults(pipeline.definition), **given}
    return replace(scored, parameters=parameters, raw=folder)


def _scored_objects(
    deployment: Deployment, steps: list[executions.StepExecution]
) -> list[tuple[str, str]]:
    """Return (URI, path below the dataset) of the objects that the step Prepare has read.

    Raise CliError if there are none, or if they have changed since.
    """
    step = next((it for it in steps if it.name == Step.PREPARE and it.succeeded), None)
    if step is None:
        raise CliError(f"step {Step.PREPARE} hasn't succeeded")
    job = results.processing_job(deployment, step)
    inputs = {it["InputName"]: it["S3Input"]["S3Uri"] for it in job.get("ProcessingInputs", ())}
    if (uri := inputs.get(names.RAW)) is None:
        raise CliError(f"step {step.name} has no input {names.RAW!r}")
    found = list(dataset_objects(deployment, uri))
    if not found:
        raise CliError(f"{uri} doesn't exist any more")
    bucket, _, key = uri.removeprefix(S3).partition("/")
    folder = key[: key.rfind("/") + 1]
    if changed := [it["Key"] for it in found if it["LastModified"] > job["CreationTime"]]:
        raise CliError(f"{S3}{bucket}/{changed[0]} has changed since it was scored")
    return [(f"{S3}{bucket}/{it['Key']}", it["Key"].removeprefix(folder)) for it in found]
