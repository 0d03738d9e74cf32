"""A model that a script serves, from training to scores, as the SDK renders it.

The SDK adds a step that puts the script into the model's archive, and a program of its own for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from local_runner.platform.opt_ml import can_mount
from local_runner.run import Observer, prepare, run
from local_runner.workdir import Workdir
from pipeline_steps.sdk import (
    Compute,
    ModelBuilder,
    ModelStep,
    ModelTrainer,
    OutputDataConfig,
    Pipeline,
    TrainingStep,
    TransformStep,
    without_telemetry,
)
from tests.support.runner_samples import SKLEARN, put_object
from tests.support.sdk_uploads import BUCKET, rendered_with_uploads

ROLE = "arn:aws:iam::000000000000:role/example"
SCRIPT = """
import os
import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression

def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))

if __name__ == "__main__":
    rows = np.array([[0.0, 1.0], [1.0, 0.0]] * 20)
    model = LogisticRegression().fit(rows, rows[:, 0].astype(int))
    joblib.dump(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.joblib"))
"""


def definition(source: Path) -> str:
    from sagemaker.core.training.configs import SourceCode
    from sagemaker.core.transformer import Transformer
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    session = PipelineSession(boto_session=boto3.Session(), default_bucket=BUCKET)
    code = SourceCode(source_dir=str(source), entry_script="inference.py")
    trainer = ModelTrainer(
        training_image=SKLEARN,
        role=ROLE,
        base_job_name="train",
        compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10),
        source_code=code,
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/models"),
        sagemaker_session=session,
    )
    train = TrainingStep(name="Train", step_args=without_telemetry(trainer.train)())
    builder = ModelBuilder(
        s3_model_data_url=train.properties.ModelArtifacts.S3ModelArtifacts,
        image_uri=SKLEARN,
        role_arn=ROLE,
        sagemaker_session=session,
        source_code=code,
    )
    model = ModelStep(name="Model", step_args=without_telemetry(builder.build)())
    transformer = Transformer(
        model_name=model.properties.ModelName,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{BUCKET}/scores",
        accept="text/csv",
        assemble_with="Line",
        sagemaker_session=session,
    )
    arguments: Any = transformer.transform(
        f"s3://{BUCKET}/new", content_type="text/csv", split_type="Line"
    )
    score = TransformStep(name="Score", step_args=arguments)
    pipeline = Pipeline(name="example", steps=[train, model, score], sagemaker_session=session)
    text: str = pipeline.definition()
    return text


@pytest.mark.skipif(not can_mount(), reason="this machine can't mount /opt/ml")
def test_rendered_model_is_repacked_with_its_script_and_scores(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "inference.py").write_text(SCRIPT)
    root = tmp_path / "runs"
    text = rendered_with_uploads(lambda: definition(source), root)
    put_object(root, f"s3://{BUCKET}/new/rows.csv", "1,0\n0,1\n1,0\n")
    execution = run(prepare(text, {}, {}), Workdir(root), Observer())
    assert {step.status for step in execution.steps.values()} == {"Succeeded"}
    assert len(execution.steps) == 4
    scores = Workdir(root).store.path(f"s3://{BUCKET}/scores/rows.csv.out")
    assert scores.read_text() == "1\n0\n1\n"
