"""A pipeline in the style of AWS's abalone example, rendered by the installed SDK.

The ages of shells: preprocess, train the built-in XGBoost 1.0-1, evaluate, and, if the error is
small, register and create the model and score a batch.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from typing import Any

from pipeline_steps.sdk import (
    PLACEHOLDER_ROLE,
    Compute,
    ConditionLessThanOrEqualTo,
    ConditionStep,
    FailStep,
    Join,
    JsonGet,
    MetricsSource,
    ModelBuilder,
    ModelStep,
    ModelTrainer,
    OfflineSession,
    OutputDataConfig,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
    Pipeline,
    ProcessingStep,
    PropertyFile,
    TrainingStep,
    Transformer,
    TransformStep,
    image_uris,
    offline,
    without_telemetry,
)
from pipeline_steps.steps.processing_step import output_of
from tests.support.sdk_pipeline import channel, processing_input, processing_output

BUCKET = "s3://shells"
_BASE = "/opt/ml/processing"
DATA, BATCH = f"{BUCKET}/raw/shells.csv", f"{BUCKET}/raw/batch"
PREPROCESS_CODE, EVALUATE_CODE = f"{BUCKET}/code/preprocess.py", f"{BUCKET}/code/evaluate.py"
_REPORT = PropertyFile(name="Report", output_name="evaluation", path="evaluation.json")

PREPROCESS = '''
"""Split the shells that boto3 downloads into standardized features and rings."""
import argparse
import pathlib

import boto3
import numpy as np
from sklearn.preprocessing import OneHotEncoder, StandardScaler

parser = argparse.ArgumentParser()
parser.add_argument("--input-data", required=True)
bucket, _, key = parser.parse_args().input_data.removeprefix("s3://").partition("/")
base = pathlib.Path("/opt/ml/processing")
(base / "download").mkdir()
boto3.resource("s3").Bucket(bucket).download_file(key, "/opt/ml/processing/download/shells.csv")

rows = np.loadtxt(base / "download" / "shells.csv", delimiter=",", dtype=str)
rows = rows[np.random.default_rng(0).permutation(len(rows))]
features = np.hstack(
    [
        StandardScaler().fit_transform(rows[:, 1:-1].astype(float)),
        OneHotEncoder(sparse_output=False).fit_transform(rows[:, :1]),
    ]
)
table = np.column_stack([rows[:, -1].astype(float), features])
parts = np.split(table, [int(len(table) * 0.7), int(len(table) * 0.85)])
for name, part in zip(("train", "validation", "test"), parts):
    np.savetxt(f"/opt/ml/processing/{name}/{name}.csv", part, delimiter=",")
'''

EVALUATE = '''
"""Measure the error of the model, a pickle, on the test set."""
import json
import pickle
import tarfile

import numpy as np
import xgboost
from sklearn.metrics import mean_squared_error

with tarfile.open("/opt/ml/processing/model/model.tar.gz") as archive:
    archive.extractall("/opt/ml/processing/model", filter="data")
with open("/opt/ml/processing/model/xgboost-model", "rb") as file:
    model = pickle.load(file)
test = np.loadtxt("/opt/ml/processing/test/test.csv", delimiter=",")
predictions = model.predict(xgboost.DMatrix(test[:, 1:]))
report = {
    "regression_metrics": {
        "mse": {
            "value": float(mean_squared_error(test[:, 0], predictions)),
            "standard_deviation": float(np.std(test[:, 0] - predictions)),
        }
    }
}
with open("/opt/ml/processing/evaluation/evaluation.json", "w") as file:
    json.dump(report, file)
'''


def shells(count: int) -> str:
    """Rows of sex, length, weight and rings, without a header."""
    chance = random.Random(0)
    rows = []
    for _ in range(count):
        rings = chance.randint(1, 20)
        length, weight = rings / 20 + chance.gauss(0, 0.05), rings**2 / 400 + chance.gauss(0, 0.05)
        rows.append(f"{chance.choice('MFI')},{length:.3f},{weight:.3f},{rings}\n")
    return "".join(rows)


def batch(count: int) -> str:
    """Rows of libsvm whose columns count from 1, as the example's batch has them."""
    return "".join(f"{rings}.0 1:{rings / 10 - 1} 2:0.5 5:1.0\n" for rings in range(count))


@cache
def rendered() -> str:
    """Return the definition."""
    with offline():
        definition: str = _pipeline().definition()
        return definition


def _pipeline() -> Pipeline:
    from sagemaker.core.model_metrics import ModelMetrics

    role = ParameterString("Role", default_value=PLACEHOLDER_ROLE)
    count = ParameterInteger("ProcessingInstanceCount", default_value=1)
    approval = ParameterString("ModelApprovalStatus", default_value="PendingManualApproval")
    data = ParameterString("InputData", default_value=DATA)
    rows = ParameterString("BatchData", default_value=BATCH)
    limit = ParameterFloat("MseThreshold", default_value=6.0)
    session = OfflineSession(role)

    process = _processing_step(
        "Process",
        session,
        image_uris.retrieve("sklearn", "us-east-1", version="1.2-1"),
        code=PREPROCESS_CODE,
        inputs={"input": data},
        outputs=("train", "validation", "test"),
        arguments=["--input-data", data],
        instance_count=count,
    )
    image = image_uris.retrieve("xgboost", "us-east-1", version="1.0-1")
    trainer = ModelTrainer(
        training_image=image,
        role=PLACEHOLDER_ROLE,
        base_job_name="train",
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        input_data_config=[channel(process, "train"), channel(process, "validation")],
        output_data_config=OutputDataConfig(s3_output_path=f"{BUCKET}/models"),
        hyperparameters={
            "objective": "reg:linear",
            "num_round": 50,
            "max_depth": 5,
            "eta": 0.2,
            "silent": 0,
        },
        sagemaker_session=session,
    )
    train = TrainingStep(name="Train", step_args=without_telemetry(trainer.train)())
    model = train.properties.ModelArtifacts.S3ModelArtifacts
    evaluate = _processing_step(
        "Evaluate",
        session,
        image,
        code=EVALUATE_CODE,
        inputs={"model": model, "test": output_of(process, "test")},
        outputs=("evaluation",),
        property_files=[_REPORT],
    )
    builder = ModelBuilder(
        image_uri=image,
        s3_model_data_url=model,
        role_arn=PLACEHOLDER_ROLE,
        dependencies={},
        model_path=None,
        sagemaker_session=session,
    )
    create = ModelStep(name="CreateModel", step_args=without_telemetry(builder.build)())
    transformer = Transformer(
        model_name=create.properties.ModelName,
        instance_type="ml.m5.large",
        instance_count=1,
        output_path=f"{BUCKET}/scores",
        sagemaker_session=session,
    )
    score = TransformStep(name="Transform", step_args=transformer.transform(data=rows))
    report = Join(on="/", values=[output_of(evaluate, "evaluation"), _REPORT.path])
    register = ModelStep(
        name="Register",
        step_args=without_telemetry(builder.register)(
            model_package_group_name="shells",
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.m5.large"],
            transform_instances=["ml.m5.large"],
            approval_status=approval,
            model_metrics=ModelMetrics(
                model_statistics=MetricsSource(content_type="application/json", s3_uri=report)
            ),
        ),
    )
    error = JsonGet(
        step_name=evaluate.name, property_file=_REPORT, json_path="regression_metrics.mse.value"
    )
    check = ConditionStep(
        name="CheckError",
        conditions=[ConditionLessThanOrEqualTo(left=error, right=limit)],
        if_steps=[register, create, score],
        else_steps=[
            FailStep(name="TooLarge", error_message=Join(on=" ", values=["MSE >", limit])),
        ],
    )
    return Pipeline(
        name="shells",
        parameters=[role, count, approval, data, rows, limit],
        steps=[process, train, evaluate, check],
        sagemaker_session=session,
    )


def _processing_step(
    name: str,
    session: OfflineSession,
    image: str,
    *,
    code: str,
    inputs: Mapping[str, Any],
    outputs: tuple[str, ...],
    arguments: list[Any] | None = None,
    instance_count: Any = 1,
    property_files: list[PropertyFile] | None = None,
) -> ProcessingStep:
    """A script with its inputs and outputs in folders of the same names."""
    from sagemaker.core.processing import ScriptProcessor

    processor = ScriptProcessor(
        image_uri=image,
        command=["python3"],
        role=PLACEHOLDER_ROLE,
        instance_type="ml.m5.large",
        instance_count=instance_count,
        sagemaker_session=session,
    )
    run = processor.run(
        code=code,
        inputs=[processing_input(name, uri, f"{_BASE}/{name}") for name, uri in inputs.items()],
        outputs=[
            processing_output(name, f"{BUCKET}/{name}", f"{_BASE}/{name}") for name in outputs
        ],
        arguments=arguments,
    )
    return ProcessingStep(name=name, step_args=run, property_files=property_files or [])
