"""JSON lines that a user's script scores, filtered and joined with their predictions."""

from __future__ import annotations

import json
from pathlib import Path

from local_runner.run import Observer, prepare, run
from local_runner.workdir import Workdir
from tests.support.runner_samples import SKLEARN, document, model_archive, put_object

SCRIPT = """
import json

def model_fn(model_dir):
    return 2

def input_fn(content, content_type):
    return [json.loads(line) for line in content.splitlines()]

def predict_fn(rows, model):
    return [{"label": sum(row) * model} for row in rows]

def output_fn(predictions, accept):
    return "\\n".join(map(json.dumps, predictions))
"""
LINES = "application/jsonlines"


def test_documented_example_runs_with_a_users_script(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/code.tar.gz", model_archive({"score.py": SCRIPT.encode()}))
    put_object(tmp_path, "s3://b/model.tar.gz", model_archive({"model": b"2"}))
    records = [{"id": 7, "features": [1, 2]}, {"id": 8, "features": [3, 4]}]
    put_object(tmp_path, "s3://b/new/part", "".join(f"{json.dumps(it)}\n" for it in records))
    script = {"SAGEMAKER_PROGRAM": "score.py", "SAGEMAKER_SUBMIT_DIRECTORY": "s3://b/code.tar.gz"}
    container = {"Image": SKLEARN, "ModelDataUrl": "s3://b/model.tar.gz", "Environment": script}
    transform = {
        "ModelName": {"Get": "Steps.Model.ModelName"},
        "TransformInput": {
            "ContentType": LINES,
            "SplitType": "Line",
            "DataSource": {"S3DataSource": {"S3Uri": "s3://b/new"}},
        },
        "TransformOutput": {
            "Accept": LINES,
            "AssembleWith": "Line",
            "S3OutputPath": "s3://b/scores",
        },
        "DataProcessing": {
            "InputFilter": "$.features",
            "JoinSource": "Input",
            "OutputFilter": "$['id','SageMakerOutput']",
        },
    }
    steps = (
        {"Name": "Model", "Type": "Model", "Arguments": {"PrimaryContainer": container}},
        {"Name": "Transform", "Type": "Transform", "Arguments": transform},
    )
    workdir = Workdir(tmp_path)
    execution = run(prepare(json.dumps(document(*steps)), {}, {}), workdir, Observer())
    assert execution.status == "Succeeded"
    scores = workdir.store.path("s3://b/scores/part.out").read_text().splitlines()
    assert [json.loads(line) for line in scores] == [
        {"id": 7, "SageMakerOutput": {"label": 6}},
        {"id": 8, "SageMakerOutput": {"label": 14}},
    ]
