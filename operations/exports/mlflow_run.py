"""Export of a local execution to MLflow, as one run.

Needs MLflow's client, which `make mlflow` installs. It is imported when called, and sends nothing
to anybody but the tracking server.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local_runner.execution.record import PipelineExecution
from local_runner.workdir import Workdir
from operations.errors import CliError
from operations.evaluation_report import EvaluationReport
from operations.execution_summary import ExecutionSummary
from operations.local.deployment_values import DEPLOYED
from operations.local.errors import translated_errors
from operations.local.results import find_with_output, summarize
from processing import names
from processing.names import Parameter

ENVIRONMENT = {
    "MLFLOW_ALLOW_FILE_STORE": "true",  # MLflow refuses folders otherwise
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",  # the default of 7 takes minutes
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
"""Settings of MLflow's client, unless the user's environment has others."""

_ID_TAG, _STARTED_TAG = "sentiment.execution_id", "sentiment.started"
"""Tags that identify the execution: IDs are unique in a work folder only."""

_FILES = {
    names.EVALUATION: "",
    names.MANIFEST: "",
    names.VOCABULARY: names.VOCABULARY,
    names.MODEL: names.MODEL,
}
"""Outputs of the execution to export, and the artifact folder of each."""


@dataclass(frozen=True)
class MlflowRun:
    """The run of an execution in MLflow. page: its page on the server; None for a folder.

    created: whether this is the first export of the execution.
    """

    execution_id: str
    experiment: str
    run_id: str
    created: bool
    page: str | None


def export_to_mlflow(
    path: Path, execution_id: str | None, tracking_uri: str, experiment: str
) -> MlflowRun:
    """Create the run of an execution, None for the newest, or update it. Raise CliError.

    path: of the work folder.
    """
    workdir = Workdir(path.resolve())
    with translated_errors(workdir.root):
        execution, outputs = find_with_output(workdir, execution_id, names.EVALUATION)
        summary = summarize(execution, workdir)
    file = outputs[names.EVALUATION] / names.EVALUATION_FILE
    report = EvaluationReport.parse(str(file), file.read_bytes())
    mlflow = _mlflow()
    try:
        return _export(mlflow, tracking_uri, experiment, execution, outputs, summary, report)
    except Exception as error:  # MLflow's plugins raise their own
        reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        userinfo = urlsplit(tracking_uri).netloc.rpartition("@")[0]
        message = f"--tracking-uri {tracking_uri}: {reason}"
        raise CliError(message.replace(f"{userinfo}@", "") if userinfo else message) from None


def _mlflow() -> Any:
    """Import MLflow's client. Raise CliError without it."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import mlflow
        import mlflow.entities
        import mlflow.exceptions
    except ModuleNotFoundError as error:
        raise CliError(f"{error.name} isn't installed; run `make mlflow`") from None
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    return mlflow


def _export(
    mlflow: Any,
    tracking_uri: str,
    experiment: str,
    execution: PipelineExecution,
    outputs: Mapping[str, Path],
    summary: ExecutionSummary,
    report: EvaluationReport,
) -> MlflowRun:
    mlflow.set_tracking_uri(tracking_uri)  # which plugins read
    client = mlflow.MlflowClient()
    experiment_id = _experiment_id(client, experiment)
    run, created = _run(client, experiment_id, execution)
    run_id = run.info.run_id
    _log_values(mlflow, client, run, execution, summary, report)
    for output, folder in _FILES.items():
        if output in outputs:
            _log_output(client, run_id, outputs[output], folder)
    status = "FINISHED" if summary.succeeded else "FAILED"
    client.set_terminated(run_id, status, _milliseconds(_ended(summary)))
    page = _page(tracking_uri, experiment_id, run_id)
    return MlflowRun(execution.execution_id, experiment, run_id, created, page)


def _experiment_id(client: Any, name: str) -> str:
    found = client.get_experiment_by_name(name)
    return str(found.experiment_id if found else client.create_experiment(name))


def _run(client: Any, experiment_id: str, execution: PipelineExecution) -> tuple[Any, bool]:
    """Return the execution's run, and whether it is new."""
    tags = {_ID_TAG: execution.execution_id, _STARTED_TAG: execution.started}
    wanted = " and ".join(f"tags.`{name}` = '{value}'" for name, value in tags.items())
    for run in client.search_runs([experiment_id], wanted, max_results=1):
        return run, False
    started = _milliseconds(datetime.fromisoformat(execution.started))
    return client.create_run(experiment_id, started, tags, execution.execution_id), True


def _log_values(
    mlflow: Any,
    client: Any,
    run: Any,
    execution: PipelineExecution,
    summary: ExecutionSummary,
    report: EvaluationReport,
) -> None:
    """Log the parameters, metrics and tags that the run doesn't have yet."""
    entities, logged, ended = mlflow.entities, run.data, _milliseconds(_ended(summary))
    parameters = {
        name: str(value) for name, value in execution.parameters.items() if name not in DEPLOYED
    }
    metrics = {
        **report.values,
        names.DECISION_THRESHOLD: report.threshold,
        "seconds": summary.seconds,
        **{f"seconds.{step.name}": step.seconds for step in summary.steps or ()},
    }
    client.log_batch(
        run.info.run_id,
        params=[entities.Param(*it) for it in parameters.items() if it[0] not in logged.params],
        metrics=[
            entities.Metric(name, value, ended, 0)
            for name, value in metrics.items()
            if logged.metrics.get(name) != value
        ],
        tags=[entities.RunTag(*it) for it in _tags(execution, summary).items()],
    )


def _tags(execution: PipelineExecution, summary: ExecutionSummary) -> dict[str, str]:
    """Return tags of the code, the data and the results; MLflow shows the commit itself."""
    given = execution.parameters
    tags = {
        "mlflow.source.git.commit": given.get(Parameter.COMMIT),
        "mlflow.source.name": "sentiment",
        "sentiment.code": given.get(Parameter.CODE_FILE),
        "sentiment.data": _data_hash((summary.artifacts or {}).get(names.MANIFEST)),
        "sentiment.status": summary.status,
        "sentiment.model_package_arn": summary.model_package_arn,
    }
    return {name: str(value) for name, value in tags.items() if value}


def _data_hash(manifest: str | None) -> str | None:
    """Return the hash of the dataset's file; of several files, the hash of their list."""
    try:
        files = json.loads(Path(manifest or "").read_bytes())[names.Inspection.FILES]
        hashes = [file[names.Inspection.SHA256] for file in files]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    listed = json.dumps(files, sort_keys=True).encode()
    return str(hashes[0]) if len(hashes) == 1 else hashlib.sha256(listed).hexdigest()


def _log_output(client: Any, run_id: str, path: Path, folder: str) -> None:
    log = client.log_artifacts if path.is_dir() else client.log_artifact
    log(run_id, str(path), folder or None)


def _ended(summary: ExecutionSummary) -> datetime:
    ends = [it.started + timedelta(seconds=it.seconds) for it in summary.steps or () if it.started]
    return max(ends, default=summary.started)


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def _page(tracking_uri: str, experiment_id: str, run_id: str) -> str | None:
    """Return the address of the run's page; None if the URI isn't that of a web server.

    >>> _page("https://me:secret@mlflow.example.com/", "1", "a9eb")
    'https://mlflow.example.com/#/experiments/1/runs/a9eb'
    """
    parts = urlsplit(tracking_uri)
    if parts.scheme not in ("http", "https"):
        return None
    host, path = parts.netloc.rpartition("@")[2], parts.path.rstrip("/")
    return f"{parts.scheme}://{host}{path}/#/experiments/{experiment_id}/runs/{run_id}"
