"""A work folder with model versions, and a scoring pipeline that takes a second."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from local_runner.execution.record import FAILED, PipelineExecution, StepExecution
from local_runner.workdir import Workdir

ARN = "arn:aws:sagemaker:local-1:000000000000:model-package/sentiment-local"
SKLEARN = "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
SCORES = "id,label,probability\n1,pos,0.9\n"
MEASURES = {"length": 0.01, "positive_share": 0.0, "score": 0.3, "unknown_words": 0.02}

_JOIN = (
    "import json, pathlib, sys; scores, drift, text, report = sys.argv[1:]; "
    "pathlib.Path(scores, 'scores.csv').write_text(text); "
    "pathlib.Path(drift, 'drift.json').write_text(report)"
)


def register(workdir: Path, *approvals: str) -> None:
    """Register versions 1, 2, ... with these approvals."""
    folder = workdir / "model-registry" / "sentiment-local"
    folder.mkdir(parents=True, exist_ok=True)
    for number, approval in enumerate(approvals, start=1):
        place = f"s3://sentiment-local/models/local-{number:04}"
        package = {
            "CustomerMetadataProperties": {
                "model": f"{place}/model.tar.gz",
                "vocabulary": f"{place}/vocabulary",
            },
            "InferenceSpecification": {
                "Containers": [{"Image": "x", "ModelDataUrl": f"{place}/package/model.tar.gz"}]
            },
            "ModelApprovalStatus": approval,
            "ModelMetrics": {
                "ModelQuality": {"Statistics": {"S3Uri": f"{place}/evaluation/evaluation.json"}}
            },
            "ModelPackageArn": f"{ARN}/{number}",
            "ModelPackageVersion": number,
        }
        (folder / f"{number}.json").write_text(json.dumps(package))


def executed(workdir: Path, status: str, *steps: StepExecution) -> str:
    """The ID of an execution that ended with this status."""
    store = Workdir(workdir).executions
    execution = PipelineExecution(store.new_id(), "", {}, "2026-01-01T00:00:00+00:00", status)
    execution.steps = {step.name: step for step in steps}
    execution.planned = [*execution.steps]
    store.save(execution)
    return execution.execution_id


def execution_record(root: Path, number: int = 1) -> Any:
    """The record of an execution in the work folder ``runs``."""
    path = root / "runs" / "executions" / f"local-{number:04}" / "execution.json"
    return json.loads(path.read_text())


def rejected(workdir: Path) -> str:
    """The ID of an execution whose model the gate rejected."""
    step = StepExecution("Reject", "Fail", FAILED, failure_reason="below GateThreshold")
    return executed(workdir, FAILED, step)


def _output(name: str) -> dict[str, Any]:
    place = {"S3Uri": f"s3://b/{name}", "LocalPath": f"/opt/ml/processing/output/{name}"}
    return {"OutputName": name, "S3Output": place}


def _condition(
    name: str, condition: dict[str, Any], if_steps: list[Any], else_steps: list[Any]
) -> dict[str, Any]:
    arguments = {"Conditions": [condition], "IfSteps": if_steps, "ElseSteps": else_steps}
    return {"Name": name, "Type": "Condition", "Arguments": arguments}


def _fail(name: str, message: dict[str, Any]) -> dict[str, Any]:
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}}


def drift_report(max_drift: float | None) -> dict[str, Any]:
    """Return what Join writes to ``drift.json``; None is for unknown drift."""
    is_known = max_drift is not None
    return {
        "max_drift": max_drift,
        "max_drift_measure": "score" if is_known else None,
        "measures": MEASURES if is_known else {},
        "reason": None if is_known else "no reference profile",
        "rows": 2,
        "status": "measured" if is_known else "unknown",
        "unscored": 1,
    }


def score_definition(root: Path, max_drift: float | None = 0.3, program: str = _JOIN) -> str:
    """Return the path of a definition whose Join reports this drift."""

    def drift(path: str) -> dict[str, Any]:
        file = {"Get": "Steps.Join.PropertyFiles.Drift"}
        return {"Std:JsonGet": {"PropertyFile": file, "Path": path}}

    known = {"Type": "Equals", "LeftValue": drift("status"), "RightValue": "measured"}
    condition = {
        "Type": "LessThanOrEqualTo",
        "LeftValue": drift("max_drift"),
        "RightValue": {"Get": "Parameters.DriftThreshold"},
    }
    drifted = {"Std:Join": {"On": "", "Values": ["drifted by ", drift("max_drift")]}}
    unknown = {"Std:Join": {"On": "", "Values": ["unknown: ", drift("reason")]}}
    document = {
        "Version": "2020-12-01",
        "Parameters": [
            {"Name": "DatasetUri", "Type": "String"},
            {"Name": "TextColumn", "Type": "String", "DefaultValue": "text"},
            {"Name": "IdColumn", "Type": "String", "DefaultValue": "id"},
            {"Name": "ModelVersion", "Type": "String", "DefaultValue": "approved"},
            {"Name": "DriftThreshold", "Type": "Float", "DefaultValue": 0.25},
        ],
        "Steps": [
            {
                "Name": "Join",
                "Type": "Processing",
                "PropertyFiles": [
                    {"PropertyFileName": "Drift", "OutputName": "drift", "FilePath": "drift.json"}
                ],
                "Arguments": {
                    "AppSpecification": {
                        "ImageUri": SKLEARN,
                        "ContainerEntrypoint": ["python3", "-c", program],
                        "ContainerArguments": [
                            "/opt/ml/processing/output/scores",
                            "/opt/ml/processing/output/drift",
                            SCORES,
                            json.dumps(drift_report(max_drift)),
                        ],
                    },
                    "ProcessingOutputConfig": {"Outputs": [_output("scores"), _output("drift")]},
                },
            },
            _condition(
                "DriftKnown",
                known,
                [_condition("DriftGate", condition, [], [_fail("Drifted", drifted)])],
                [_fail("DriftUnknown", unknown)],
            ),
        ],
    }
    path = root / "score.json"
    path.write_text(json.dumps(document))
    return str(path)
