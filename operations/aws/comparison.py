"""Executions on AWS to compare. Their outputs are downloaded once, into the user's cache."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from local_runner.definition.parameters import parameter_values
from local_runner.definition.parsing import parse
from local_runner.errors import LocalRunnerError
from operations.aws import downloads, executions, results
from operations.aws.client import Deployment
from operations.aws.executions import StepExecution
from operations.aws.pipelines import defaults, find_pipeline
from operations.comparison import ExecutionToCompare
from operations.environments import pipeline_name
from operations.errors import CliError
from operations.progress import Progress
from operations.views.printing import print_warning
from pipeline_diff.render.definition_settings import definition_settings
from processing import names
from processing.names import Step


def aws_execution(deployment: Deployment, wanted: str, *, quiet: bool) -> ExecutionToCompare:
    """Return an execution, given its ID or ARN, with those of its outputs that can be read.

    Shows progress on stderr, unless ``quiet``. Raise UsageError or CliError.
    """
    sagemaker = deployment.client("sagemaker")
    found = executions.find_execution(deployment, find_pipeline(deployment), wanted)
    steps = executions.steps(sagemaker, found.arn)
    summary = results.summarize(deployment, found, steps)
    definition = executions.definition(sagemaker, found.arn)
    step = next((it for it in steps if it.name == Step.EVALUATE and it.succeeded), None)
    folders: dict[str, Path] = {}
    unfinished = f"its status is {summary.status}"
    not_run = f"step {Step.EVALUATE} isn't one of its steps"
    reason = summary.failure_reason or (not_run if summary.succeeded else unfinished)
    if step:
        with Progress(quiet=quiet) as progress:
            progress.set_status(f"downloading results of {summary.execution_id}")
            folders, reason = _downloaded(deployment, found.arn, step)
    return ExecutionToCompare(
        name=summary.execution_id,
        environment=f"{deployment.environment} ({deployment.region})",
        status=summary.status,
        started=summary.started.isoformat(),
        parameters=_parameters(definition, executions.parameters(sagemaker, found.arn)),
        settings=definition_settings(definition),
        folders=folders,
        reason=None if names.EVALUATION in folders else reason,
    )


def _downloaded(
    deployment: Deployment, arn: str, step: StepExecution
) -> tuple[dict[str, Path], str]:
    """Return the folders of the evaluation and of the tables, and why something is missing.

    Without the tables, the comparison is possible with less detail.
    """
    cache = cache_of(arn)
    job = results.processing_job(deployment, step)
    found, reason = {}, ""
    try:
        with deployment.translated_errors():
            file = results.job_outputs(job, step.name)[names.EVALUATION]
            found[names.EVALUATION] = cached_folder(deployment, cache / names.EVALUATION, [file])
            for name, uri in downloads.test_set_folders(job).items():
                path = cache / name
                files = [] if path.is_dir() else downloads.objects(deployment, uri)
                found[name] = cached_folder(deployment, path, files)
    except CliError as error:
        reason = str(error)
        if names.EVALUATION in found:
            print_warning(f"no predictions of {arn.rpartition('/')[2]}: {reason}")
    return found, reason


def cached_folder(deployment: Deployment, path: Path, uris: Iterable[str]) -> Path:
    """Download objects into a folder, unless it exists, and return it.

    For results, which never change. Raise CliError if there are none.
    """
    if path.is_dir():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    staging = Path(mkdtemp(prefix=".", dir=path.parent))
    try:
        for uri in uris:
            content = results.read_object(deployment, uri, "object")
            (staging / uri.rpartition("/")[2]).write_bytes(content)
        if not any(staging.iterdir()):
            raise CliError(f"the {path.name} of the test set don't exist any more")
        if not path.is_dir():
            staging.rename(path)
        return path
    except OSError as error:
        raise CliError(f"{error.filename}: {error.strerror}") from None
    finally:
        rmtree(staging, ignore_errors=True)


def cache_of(arn: str) -> Path:
    """Return the folder of an execution in the user's cache."""
    return _cache() / arn.replace(":", "/")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "sentiment/executions")


def downloaded(deployment: Deployment) -> list[Path]:
    """Return the folders with downloaded results of the executions of both pipelines."""
    pipelines = (pipeline_name(deployment.environment, scoring=it) for it in (False, True))
    arns = f"arn/*/sagemaker/{deployment.region}/*/pipeline"
    return sorted(
        path for name in pipelines for path in _cache().glob(f"{arns}/{name}/execution/*")
    )


def _parameters(definition: str, given: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the values of all parameters, with the types of a local execution."""
    try:
        return parameter_values(parse(definition).parameters, given, {})
    except LocalRunnerError:
        return {**defaults(definition), **given}
