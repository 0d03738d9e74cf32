"""Results of a local execution: its summary, and the paths of its outputs."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from local_runner.execution.record import EXECUTING, SUCCEEDED, PipelineExecution, StepExecution
from local_runner.platform.identity import LOCAL
from local_runner.workdir import Workdir
from operations.datasets import datasets_folder, demo_path, local_path
from operations.errors import CliError, UsageError
from operations.evaluation_report import EvaluationReport
from operations.execution_summary import (
    DRIFT_PAGE,
    HTML_REPORT,
    INTERRUPTED,
    MAIN_FILES,
    ExecutionSummary,
    StepOutput,
    StepSummary,
    failure_reason,
    readable,
)
from operations.local.errors import translated_errors
from operations.program import ELSEWHERE, local_command
from operations.views.reasons import FEW, listed, unexpected, with_texts
from processing import names

_MANIFEST_KEYS = (names.Inspection.FILES, names.Inspection.SPLITS)
_DRIFT_KEYS = (names.DRIFT_STATUS, names.ROWS, names.UNSCORED, names.MEASURES)


def summarize(execution: PipelineExecution, workdir: Workdir) -> ExecutionSummary:
    """Summarize an execution with its results; Interrupted, if its process was killed."""
    artifacts = artifact_paths(execution, workdir)
    started = sorted(execution.steps.values(), key=lambda step: step.started)  # not so in a record
    steps = [summarize_step(step) for step in started]
    evaluation = artifacts.get(names.EVALUATION)
    report = (
        EvaluationReport.recognize(str(evaluation), evaluation.read_bytes())
        if evaluation and evaluation.is_file()
        else None
    )
    manifest = _document(artifacts.get(names.MANIFEST), _MANIFEST_KEYS)
    return ExecutionSummary(
        execution_id=execution.execution_id,
        status=_status(execution, workdir),
        started=datetime.fromisoformat(execution.started),
        arn=LOCAL.arn("pipeline", f"{LOCAL.pipeline}/execution/{execution.execution_id}"),
        failure_reason=failure_reason(steps),
        steps=steps,
        parameters=execution.parameters,
        accuracy=report.accuracy if report else None,
        metrics=report.values if report else None,
        positive_class=report.positive_class if report else None,
        gate=report.gate if report else None,
        artifacts={name: str(path) for name, path in artifacts.items()},
        model_package_arn=_registered_version(execution),
        columns=names.columns_of(manifest[names.Inspection.FILES]) or None if manifest else None,
        splits=_splits(manifest) if manifest else None,
        scores=str(artifacts[names.SCORES]) if names.SCORES in artifacts else None,
        drift=_document(artifacts.get(names.DRIFT), _DRIFT_KEYS),
        drift_threshold=execution.parameters.get(names.Parameter.DRIFT_THRESHOLD),
        demo=_is_demo(execution, workdir),
        outputs=None if _is_own(execution) else _step_outputs(execution, workdir),
    )


def _status(execution: PipelineExecution, workdir: Workdir) -> str:
    if execution.status == EXECUTING and not workdir.executions.is_running(execution.execution_id):
        return INTERRUPTED
    return execution.status


def summarize_step(step: StepExecution) -> StepSummary:
    """Summarize a step."""
    return StepSummary(
        name=step.name,
        status=step.status,
        started=datetime.fromisoformat(step.started) if step.started else None,
        seconds=step.seconds,
        attempts=step.attempts,
        cached=step.cached,
        failure_reason=readable(step.failure_reason),
        outcome=step.outcome,
        reused_from=step.reused_from or None,
        cached_from=step.cached_from or None,
        reasons=with_texts(step.reasons) if step.reasons else None,
        why=listed(unexpected(step.reasons), FEW),
    )


def load_execution(workdir: Workdir, wanted: str) -> PipelineExecution:
    """Load the record of an execution by ID or ARN. Raise UsageError if there is none."""
    execution_id = wanted.rpartition("/")[2]
    with translated_errors(workdir.root):
        execution = workdir.executions.load(execution_id)
    if execution is None:
        command = local_command(workdir.root, "list")
        raise UsageError(
            f"{workdir.root} has no execution {execution_id}; {command} lists executions"
        )
    return execution


def log_files(workdir: Workdir, execution_id: str, step: str) -> list[Path]:
    """Return the logs of a step, one for each host or training job; none without a program."""
    folder = workdir.executions.logs(execution_id)
    return sorted(folder.glob(f"{glob.escape(step)}.*log"))


def find_with_output(
    workdir: Workdir, execution_id: str | None, output: str
) -> tuple[PipelineExecution, dict[str, Path]]:
    """Return an execution, None for the newest with this output, and the paths of its outputs.

    Raise UsageError if there is no such execution, CliError if it doesn't have the output.
    """
    if execution_id is None:
        for execution in workdir.executions.newest_first():
            if output in (outputs := output_paths(execution, workdir)):
                return execution, outputs
        verb = "score" if output == names.SCORES else "run"
        command = local_command(workdir.root, verb)
        raise CliError(f"{workdir.root} has no {output}; create it with {command}, {ELSEWHERE}")
    execution = load_execution(workdir, execution_id)
    outputs = output_paths(execution, workdir)
    if output not in outputs:
        summary = summarize(execution, workdir)
        raise CliError(
            f"execution {execution_id} has no {output}: "
            f"{summary.failure_reason or f'its status is {summary.status}'}"
        )
    return execution, outputs


def output_paths(execution: PipelineExecution, workdir: Workdir) -> dict[str, Path]:
    """Return local paths of the outputs by output name: folders, and the model archive."""
    return {
        name: workdir.store.path(uri)
        for step in execution.steps.values()
        for name, uri in _outputs(step)
    }


def reviews_path(execution: PipelineExecution, workdir: Workdir) -> Path | None:
    """Return the folder or file with the raw reviews: what Download wrote, else the dataset.

    None if neither is on this machine.
    """
    downloaded = output_paths(execution, workdir).get(names.RAW)
    uri = str(execution.parameters.get(names.Parameter.DATASET_URI, ""))
    dataset = local_path(uri) if uri.startswith("file://") else None
    return next((path for path in (downloaded, dataset) if path and path.exists()), None)


def artifact_paths(execution: PipelineExecution, workdir: Workdir) -> dict[str, Path]:
    """Return the paths of the outputs' main files, or of the outputs, and of the HTML pages."""
    outputs = output_paths(execution, workdir)
    found = {name: _main_file(name, path) for name, path in outputs.items()}
    for page, output, file in (
        (HTML_REPORT, names.EVALUATION, names.REPORT_FILE),
        (DRIFT_PAGE, names.DRIFT, names.DRIFT_PAGE),
    ):
        if output in outputs and (outputs[output] / file).is_file():
            found[page] = outputs[output] / file
    return found


def _main_file(name: str, path: Path) -> Path:
    """Return the path of an output's main file; of the output if it doesn't have the file."""
    file = path / MAIN_FILES.get(name, "")
    return file if file.exists() else path


def _outputs(step: StepExecution) -> Iterator[tuple[str, str]]:
    """Yield (name, S3 URI) of the outputs of a step that succeeded."""
    if step.status != SUCCEEDED:
        return
    match step.properties:
        case {"ProcessingOutputConfig": {"Outputs": [*outputs]}}:
            for output in outputs:
                match output:
                    case {"OutputName": name, "S3Output": {"S3Uri": uri}}:
                        yield name, uri
    match step.properties:
        case {"ModelArtifacts": {"S3ModelArtifacts": uri}}:
            yield names.MODEL, uri
        case {"TransformOutput": {"S3OutputPath": uri}}:
            yield names.PREDICTIONS, uri


def _is_own(execution: PipelineExecution) -> bool:
    """Return whether the pipeline is one of this project's, whose outputs have known names."""
    return names.Parameter.DATASET_URI in execution.parameters


def _step_outputs(execution: PipelineExecution, workdir: Workdir) -> list[StepOutput]:
    """Return the outputs of the steps that succeeded, and the model packages."""
    found = []
    for step in execution.steps.values():
        outputs = [(name, str(workdir.store.path(uri))) for name, uri in _outputs(step)]
        packages = [("model package", arn) for arn in _packages(step)]
        found += [StepOutput(step.name, *output) for output in (*outputs, *packages)]
    return found


def _is_demo(execution: PipelineExecution, workdir: Workdir) -> bool | None:
    """Return whether the dataset was the demo dataset; None for a definition without datasets."""
    uri = execution.parameters.get(names.Parameter.DATASET_URI)
    return None if uri is None else uri == demo_path(datasets_folder(workdir.root)).as_uri()


def _registered_version(execution: PipelineExecution) -> str | None:
    """Return the ARN of the version that the execution's newest step registered."""
    arns = [arn for step in execution.steps.values() for arn in _packages(step)]
    return arns[-1] if arns else None


def _packages(step: StepExecution) -> Iterator[str]:
    """Yield the ARN of the model package that a step registered."""
    if step.status == SUCCEEDED and "ModelPackageArn" in step.properties:
        yield str(step.properties["ModelPackageArn"])


def _splits(manifest: Mapping[str, Any]) -> str | None:
    """Return the rows of each split, and where it comes from; None if that isn't recorded.

    >>> _splits({"splits": {"train": {"rows": 1200, "source": "path"}}})
    '1,200 train (path)'
    """
    splits = manifest[names.Inspection.SPLITS]
    listed = [
        f"{splits[split][names.ROWS]:,} {split} ({splits[split][names.SOURCE]})"
        for split in (names.TRAIN, names.VALIDATION, names.TEST)
        if names.SOURCE in splits.get(split, ())
    ]
    return ", ".join(listed) or None


def _document(path: Path | None, keys: Iterable[str]) -> Mapping[str, Any] | None:
    """Return the JSON object in a file; None without the file, or with another schema."""
    if path is None or not path.is_file():
        return None
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        return None
    is_known = isinstance(document, dict) and document.keys() >= set(keys)
    return document if is_known else None
