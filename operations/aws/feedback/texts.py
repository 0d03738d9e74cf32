"""Texts of scored reviews, downloaded for an export: what the step Download has stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from operations.aws import downloads, executions, results
from operations.aws.client import Deployment
from operations.aws.pipelines import Pipeline, defaults
from operations.errors import CliError
from operations.feedback.job import ScoredReviews
from operations.views.printing import print_warning
from processing import names
from processing.names import Step


def download_texts(
    deployment: Deployment, pipeline: Pipeline, scored: ScoredReviews, arn: str, scratch: Path
) -> ScoredReviews:
    """Return the execution with the folder of its reviews, without it if they don't exist any more.

    They expire like other outputs of executions.
    """
    folder = scratch / f"{scored.name}-{names.RAW}"
    sagemaker = deployment.client("sagemaker")
    try:
        with deployment.translated_errors():
            steps = executions.steps(sagemaker, arn)
            uri = results.outputs(deployment, steps, Step.DOWNLOAD)[names.RAW]
            prefix = uri.rstrip("/")
            for each in downloads.objects(deployment, uri):
                path = folder / each.removeprefix(f"{prefix}/")
                if not path.resolve().is_relative_to(folder.resolve()):
                    raise CliError(f"{each}: its name leads out of the folder")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(results.read_object(deployment, each, "review"))
            given = executions.parameters(sagemaker, arn)
    except CliError as error:
        print_warning(f"no texts of {scored.name}: {error}")
        return scored
    parameters: Mapping[str, str] = {**defaults(pipeline.definition), **given}
    return replace(scored, parameters=parameters, raw=folder if folder.is_dir() else None)
