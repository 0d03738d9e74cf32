"""A work folder with registered versions, and a small scoring pipeline that is done in a second."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from local_runner.execution.record import FAILED, PipelineExecution, StepExecution
from local_runner.workdir import Workdir
from operations.cli import sentiment

ARN = "arn:aws:sagemaker:local-1:000000000000:model-package/sentiment-local"
SKLEARN = "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
SCORES = "id,label,probability\n1,pos,0.9\n"
MEASURES = {"length": 0.01, "positive_share": 0.0, "score": 0.3, "unknown_words": 0.02}

_JOIN = (
    "import json, pathlib, sys; scores, drift, text, told = sys.argv[1:]; "
    "pathlib.Path(scores, 'scores.csv').write_text(text); "
    "pathlib.Path(drift, 'drift.json').write_text(told)"
)


def invoke(*arguments: str, input: str | bytes | None = None) -> Result:
    """The command."""
    return CliRunner().invoke(sentiment, arguments, prog_name="sentiment", input=input)


def insist_refused(result: Result, code: int, message: str) -> None:
    """One line on stderr, nothing on stdout, no traceback."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.stdout, result.stderr) == ("", f"error: {message}\n")
    assert result.exit_code == code


def register(workdir: Path, *approvals: str) -> None:
    """Versions 1, 2, ... of these approvals."""
    folder = workdir / "model-registry" / "sentiment-local"
    folder.mkdir(parents=True, exist_ok=True)
    for number, approval in enumerate(approvals, start=1):
        place = f"s3://sentiment-local/models/local-{number:04}"
        package = {
            "CustomerMetadataProperties": {"vocabulary": f"{place}/vocabulary"},
            "InferenceSpecification": {
                "Containers": [{"Image": "x", "ModelDataUrl": f"{place}/model.tar.gz"}]
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
    """The id of an execution that ended so."""
    store = Workdir(workdir).executions
    execution = PipelineExecution(store.new_id(), "", {}, "2026-01-01T00:00:00+00:00", status)
    execution.steps = {step.name: step for step in steps}
    store.save(execution)
    return execution.execution_id


def rejected(workdir: Path) -> str:
    """The id of an execution whose model the gate refused."""
    step = StepExecution("Reject", "Fail", FAILED, failure_reason="below GateThreshold")
    return executed(workdir, FAILED, step)


def _output(name: str) -> dict[str, Any]:
    place = {"S3Uri": f"s3://b/{name}", "LocalPath": f"/opt/ml/processing/output/{name}"}
    return {"OutputName": name, "S3Output": place}


def score_definition(root: Path, largest: float = 0.3, program: str = _JOIN) -> str:
    """The path of a definition whose Join tells a drift of so much."""
    drift = {"largest": largest, "measures": MEASURES, "rows": 2, "unscored": 1}
    value = {
        "Std:JsonGet": {
            "PropertyFile": {"Get": "Steps.Join.PropertyFiles.Drift"},
            "Path": "largest",
        }
    }
    condition = {
        "Type": "LessThanOrEqualTo",
        "LeftValue": value,
        "RightValue": {"Get": "Parameters.DriftThreshold"},
    }
    reason = {"Std:Join": {"On": "", "Values": ["drifted by ", value]}}
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
                            json.dumps(drift),
                        ],
                    },
                    "ProcessingOutputConfig": {"Outputs": [_output("scores"), _output("drift")]},
                },
            },
            {
                "Name": "DriftGate",
                "Type": "Condition",
                "Arguments": {
                    "Conditions": [condition],
                    "IfSteps": [],
                    "ElseSteps": [
                        {"Name": "Drifted", "Type": "Fail", "Arguments": {"ErrorMessage": reason}}
                    ],
                },
            },
        ],
    }
    path = root / "score.json"
    path.write_text(json.dumps(document))
    return str(path)
