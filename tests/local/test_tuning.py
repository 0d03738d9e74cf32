"""A tuning job of the built-in XGBoost, whose best model is the model of the next step."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.local_runs import run_in
from tests.support.runner_samples import XGBOOST, document


def channel(name: str) -> dict[str, object]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://data/{name}/"}
    return {
        "ChannelName": name,
        "ContentType": "text/csv",
        "DataSource": {"S3DataSource": source},
    }


TUNING = {
    "HyperParameterTuningJobConfig": {
        "Strategy": "Bayesian",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 2},
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
        "ParameterRanges": {
            "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "3"}]
        },
    },
    "TrainingJobDefinition": {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "StaticHyperParameters": {"num_round": "5", "objective": "binary:logistic"},
        "InputDataConfig": [channel("train"), channel("validation")],
        "OutputDataConfig": {"S3OutputPath": "s3://data/models"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
        "RoleArn": "arn:aws:iam::000000000000:role/x",
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    },
}
BEST = {"Get": "Steps.Tune.TrainingJobSummaries[0].TrainingJobName"}
ARCHIVE = {
    "Std:Join": {"On": "/", "Values": ["s3:/", "data", "models", BEST, "output/model.tar.gz"]}
}


def test_model_of_the_best_training_job_is_used(tmp_path: Path) -> None:
    rows = "".join(f"{int(number > 20)},{number % 7},{number}\n" for number in range(40))
    for name in ("train", "validation"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.csv").write_text(rows)
    container = {"Image": XGBOOST, "ModelDataUrl": ARCHIVE}
    definition = document(
        {"Name": "Tune", "Type": "Tuning", "Arguments": TUNING},
        {"Name": "Best", "Type": "Model", "Arguments": {"PrimaryContainer": container}},
    )
    (tmp_path / "definition.json").write_text(json.dumps(definition))
    inputs = [f"--input=s3://data/{name}/={name}" for name in ("train", "validation")]
    ended = run_in(tmp_path, *inputs)
    assert ended.code == 0, ended.stderr
    record = json.loads((tmp_path / "runs/executions/local-0001/execution.json").read_text())
    best = record["steps"]["Tune"]["properties"]["BestTrainingJob"]
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] > 0.9
    archive = record["steps"]["Best"]["properties"]["PrimaryContainer"]["ModelDataUrl"]
    assert archive == f"s3://data/models/{best['TrainingJobName']}/output/model.tar.gz"
