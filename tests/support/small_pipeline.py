"""A small pipeline with a step of each type, whose jobs end within a fraction of a second."""

from __future__ import annotations

from typing import Any

from tests.support.runner_samples import (
    XGBOOST,
    compare,
    condition,
    document,
    fail,
    output_of,
    parameter,
    processing,
)

ROWS = "".join(f"{number % 2},{number % 2 + number / 100},1\n" for number in range(40))
"""Rows of the label and two features."""

_SPLIT = """
import pathlib, sys
source, rows, features = map(pathlib.Path, sys.argv[1:])
lines = (source / "rows.csv").read_text().splitlines()
(rows / "part.csv").write_text("\\n".join(lines))
(features / "part.csv").write_text("\\n".join(line.partition(",")[2] for line in lines))
"""
_EVALUATE = """
import json, pathlib, sys
predictions, rows, output = map(pathlib.Path, sys.argv[1:])
scores = [float(line) for line in (predictions / "part.csv.out").read_text().split()]
labels = [float(line.partition(",")[0]) for line in (rows / "part.csv").read_text().split()]
right = sum((score > 0.5) == label for score, label in zip(scores, labels, strict=True))
report = json.dumps({"accuracy": 0.9 * right / len(labels)})
print(report)
(output / "evaluation.json").write_text(report)
"""
_IN, _OUT = "/opt/ml/processing/input", "/opt/ml/processing/output"
_CACHED: dict[str, Any] = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}}
_ACCURACY = {
    "Std:JsonGet": {
        "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"},
        "Path": "accuracy",
    }
}
_GATE = {"Get": "Parameters.GateThreshold"}
_MODEL = {
    "Image": XGBOOST,
    "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
}


def definition(bucket: str, group: str) -> dict[str, Any]:
    """Return the definition. Its jobs write to ``bucket``, its versions are in ``group``."""
    folder = f"s3://{bucket}"
    return document(
        processing(
            "Preprocess",
            {"rows": {"Get": "Parameters.DatasetUri"}},
            {"rows": f"{folder}/rows", "features": f"{folder}/features"},
            ("-c", _SPLIT, f"{_IN}/rows", f"{_OUT}/rows", f"{_OUT}/features"),
            **_CACHED,
        ),
        {"Name": "Train", "Type": "Training", "Arguments": _train(folder), **_CACHED},
        {"Name": "CreateModel", "Type": "Model", "Arguments": {"PrimaryContainer": _MODEL}},
        {"Name": "Transform", "Type": "Transform", "Arguments": _transform(folder)},
        processing(
            "Evaluate",
            {
                "predictions": {"Get": "Steps.Transform.TransformOutput.S3OutputPath"},
                "rows": output_of("Preprocess", "rows"),
            },
            {"evaluation": _of_execution(folder, "evaluation")},
            ("-c", _EVALUATE, f"{_IN}/predictions", f"{_IN}/rows", f"{_OUT}/evaluation"),
            PropertyFiles=[
                {
                    "PropertyFileName": "Evaluation",
                    "OutputName": "evaluation",
                    "FilePath": "evaluation.json",
                }
            ],
        ),
        condition(
            "QualityGate",
            compare("GreaterThanOrEqualTo", _ACCURACY, _GATE),
            if_steps=(_register(group),),
            else_steps=(fail("Reject", {"Std:Join": {"On": " < ", "Values": [_ACCURACY, _GATE]}}),),
        ),
        parameters=(
            parameter("DatasetUri", DefaultValue=f"{folder}/raw"),
            parameter("Format", DefaultValue="text/csv", EnumValues=["text/csv"]),
            parameter("GateThreshold", "Float", DefaultValue=0.5),
            parameter("NumRound", "Integer", DefaultValue=2),
        ),
    )


def _of_execution(folder: str, name: str) -> dict[str, Any]:
    values = [folder, {"Get": "Execution.PipelineExecutionId"}, name]
    return {"Std:Join": {"On": "/", "Values": values}}


def _train(folder: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": output_of("Preprocess", "rows")}
    rounds = {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.NumRound"}]}}
    return {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "HyperParameters": {"num_round": rounds, "objective": "binary:logistic"},
        "InputDataConfig": [
            {
                "ChannelName": name,
                "ContentType": {"Get": "Parameters.Format"},
                "DataSource": {"S3DataSource": source},
            }
            for name in ("train", "validation")
        ],
        "OutputDataConfig": {"S3OutputPath": f"{folder}/models"},
    }


def _transform(folder: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": output_of("Preprocess", "features")}
    return {
        "ModelName": {"Get": "Steps.CreateModel.ModelName"},
        "TransformInput": {
            "ContentType": {"Get": "Parameters.Format"},
            "DataSource": {"S3DataSource": source},
            "SplitType": "Line",
        },
        "TransformOutput": {
            "Accept": "text/csv",
            "AssembleWith": "Line",
            "S3OutputPath": _of_execution(folder, "predictions"),
        },
        "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
    }


def _register(group: str) -> dict[str, Any]:
    inference = {
        "Containers": [_MODEL],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    return {
        "Name": "RegisterModel",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": group,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": inference,
        },
    }
