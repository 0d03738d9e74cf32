"""Models that scripts train and serve, from the training data to the scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_runner.execution.record import PipelineExecution
from local_runner.run import Observer, prepare, run
from local_runner.workdir import Workdir
from tests.support.runner_samples import (
    SKLEARN,
    XGBOOST,
    document,
    model_archive,
    put_object,
)

SOURCE = "s3://b/code/sourcedir.tar.gz"
ROWS = "".join(f"{number % 2},{number % 2 + 0.25},{number % 5}\n" for number in range(80))
NEW_ROWS = "1.25,3\n0.25,1\n1.25,0\n"

SCIKIT_LEARN = """
import argparse, os
import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression

def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--strength", type=float)
    options = parser.parse_args()
    rows = np.loadtxt(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "rows.csv"), delimiter=",")
    model = LogisticRegression(C=options.strength).fit(rows[:, 1:], rows[:, 0].astype(int))
    joblib.dump(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.joblib"))
"""

GRADIENT_BOOSTING = """
import json, os
import numpy as np
import xgboost

def model_fn(model_dir):
    return xgboost.Booster(model_file=os.path.join(model_dir, "trees.json"))

def input_fn(content, content_type):
    rows = [line.split(",") for line in content.strip().split("\\n")]
    return xgboost.DMatrix(np.array(rows, dtype=float))

def output_fn(prediction, accept):
    scores = [{"score": round(float(score), 3)} for score in prediction]
    return json.dumps({"accept": accept, "scores": scores})

if __name__ == "__main__":
    rows = np.loadtxt(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "rows.csv"), delimiter=",")
    matrix = xgboost.DMatrix(rows[:, 1:], label=rows[:, 0])
    booster = xgboost.train({"objective": "binary:logistic"}, matrix, 5)
    booster.save_model(os.path.join(os.environ["SM_MODEL_DIR"], "trees.json"))
"""


def definition(image: str, accept: str, **hyperparameters: str) -> str:
    """Train, create a model with the same script, and score new rows."""
    steps = {
        "Train": {
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "HyperParameters": {
                "sagemaker_program": '"model.py"',
                "sagemaker_submit_directory": f'"{SOURCE}"',
                **hyperparameters,
            },
            "InputDataConfig": [
                {"ChannelName": "train", "DataSource": {"S3DataSource": prefix("s3://b/train")}}
            ],
            "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
        },
        "Model": {
            "PrimaryContainer": {
                "Image": image,
                "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
                "Environment": {
                    "SAGEMAKER_PROGRAM": "model.py",
                    "SAGEMAKER_SUBMIT_DIRECTORY": SOURCE,
                },
            }
        },
        "Transform": {
            "ModelName": {"Get": "Steps.Model.ModelName"},
            "TransformInput": {
                "ContentType": "text/csv",
                "SplitType": "Line",
                "DataSource": {"S3DataSource": prefix("s3://b/new")},
            },
            "TransformOutput": {
                "Accept": accept,
                "AssembleWith": "Line",
                "S3OutputPath": "s3://b/scores",
            },
        },
    }
    types = {"Train": "Training"}
    return json.dumps(
        document(
            *(
                {"Name": name, "Type": types.get(name, name), "Arguments": arguments}
                for name, arguments in steps.items()
            )
        )
    )


def prefix(uri: str) -> dict[str, Any]:
    return {"S3DataType": "S3Prefix", "S3Uri": uri}


def executed(root: Path, text: str, script: str) -> PipelineExecution:
    put_object(root, SOURCE, model_archive({"model.py": script.encode()}))
    put_object(root, "s3://b/train/rows.csv", ROWS)
    put_object(root, "s3://b/new/rows.csv", NEW_ROWS)
    return run(prepare(text, {}, {}), Workdir(root), Observer())


def scores(root: Path) -> str:
    return Workdir(root).store.path("s3://b/scores/rows.csv.out").read_text()


def test_scikit_learn_script_trains_and_the_defaults_of_the_image_score(tmp_path: Path) -> None:
    execution = executed(tmp_path, definition(SKLEARN, "text/csv", strength="10"), SCIKIT_LEARN)
    assert execution.status == "Succeeded"
    assert scores(tmp_path) == "1\n0\n1\n"


def test_xgboost_script_trains_and_its_own_functions_score(tmp_path: Path) -> None:
    text = definition(XGBOOST, "application/json")
    assert executed(tmp_path, text, GRADIENT_BOOSTING).status == "Succeeded"
    answer = json.loads(scores(tmp_path))
    assert answer["accept"] == "application/json"
    assert [item["score"] > 0.5 for item in answer["scores"]] == [True, False, True]


@pytest.mark.parametrize("broken", ["model_fn", "output_fn"])
def test_function_that_fails_is_the_reason_of_the_step(tmp_path: Path, broken: str) -> None:
    script = GRADIENT_BOOSTING.replace(f"def {broken}(", f"def {broken}(*_):\n    1 / 0\ndef old(")
    execution = executed(tmp_path, definition(XGBOOST, ""), script)
    assert (execution.status, execution.steps["Model"].status) == ("Failed", "Succeeded")
    reason = execution.steps["Transform"].failure_reason
    assert reason.startswith(f"AlgorithmError: model.py: {broken}: ZeroDivisionError")
    assert reason.endswith("exit code: 1")
