"""A pipeline as the SDK's documentation builds it, rendered by the installed SDK."""

from __future__ import annotations

from functools import cache
from typing import Any

from pipeline_steps.sdk import (
    CacheConfig,
    Channel,
    Compute,
    ConditionLessThanOrEqualTo,
    ConditionStep,
    DataSource,
    FailStep,
    Join,
    JsonGet,
    ModelTrainer,
    OfflineSession,
    OutputDataConfig,
    ParameterFloat,
    ParameterString,
    Pipeline,
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
    ProcessingStep,
    PropertyFile,
    S3DataSource,
    TrainingStep,
    image_uris,
    offline,
    without_telemetry,
)
from pipeline_steps.steps.processing_step import output_of
from processing.names import input_path, output_path

BUCKET = "s3://example"
PREPARE = f"{BUCKET}/code/prepare.py"
DATA = f"{BUCKET}/data/rows.csv"
ROLE = "arn:aws:iam::000000000000:role/example"

SCRIPT = """
import json, os, pathlib
root = pathlib.Path(os.environ.get("OPT_ML", "/opt/ml")) / "processing"
lines = (root / "input" / "rows" / "rows.csv").read_text().splitlines()
(root / "output" / "train" / "part.csv").write_text("\\n".join(lines[::2]))
(root / "output" / "validation" / "part.csv").write_text("\\n".join(lines[1::2]))
(root / "output" / "facts" / "facts.json").write_text(json.dumps({"rows": len(lines)}))
(root.parent / "output" / "message").write_text(f"{len(lines)} rows")
"""


@cache
def rendered() -> str:
    """Return the definition, with everything that the SDK writes."""
    with offline():
        definition: str = _pipeline().definition()
        return definition


def _pipeline() -> Pipeline:
    from sagemaker.core.processing import ScriptProcessor

    role = ParameterString("Role", default_value=ROLE)
    limit = ParameterFloat("LargestError", default_value=100.0)
    session = OfflineSession(role)
    month = CacheConfig(enable_caching=True, expire_after="30d")
    processor = ScriptProcessor(
        image_uri=image_uris.retrieve("sklearn", "us-east-1", version="1.4-2"),
        command=["python3"],
        role=ROLE,
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=session,
    )
    facts = PropertyFile(name="Facts", output_name="facts", path="facts.json")
    prepare = ProcessingStep(
        name="Prepare",
        step_args=processor.run(
            code=PREPARE,
            inputs=[processing_input("rows", DATA, input_path("rows"))],
            outputs=[
                processing_output(name, f"{BUCKET}/{name}", output_path(name))
                for name in ("train", "validation", "facts")
            ],
        ),
        property_files=[facts],
        cache_config=month,
    )
    trainer = ModelTrainer(
        training_image=image_uris.retrieve("xgboost", "us-east-1", version="3.0-5"),
        role=ROLE,
        base_job_name="train",
        compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10),
        input_data_config=[channel(prepare, "train"), channel(prepare, "validation")],
        output_data_config=OutputDataConfig(s3_output_path=f"{BUCKET}/models"),
        hyperparameters={"objective": "reg:squarederror", "num_round": "5"},
        sagemaker_session=session,
    )
    train = TrainingStep(
        name="Train", step_args=without_telemetry(trainer.train)(), cache_config=month
    )
    error = train.properties.FinalMetricDataList["validation:rmse"].Value
    rows = JsonGet(step_name=prepare.name, property_file=facts, json_path="rows")
    message = Join(on=" ", values=["error", error, "of", prepare.properties.ExitMessage])
    check = ConditionStep(
        name="Check",
        conditions=[
            ConditionLessThanOrEqualTo(left=error, right=limit),
            ConditionLessThanOrEqualTo(left=rows, right=1000),
        ],
        if_steps=[],
        else_steps=[FailStep(name="TooLarge", error_message=message)],
    )
    return Pipeline(
        name="example",
        parameters=[role, limit],
        steps=[prepare, train, check],
        sagemaker_session=session,
    )


def processing_input(name: str, uri: Any, path: str) -> ProcessingInput:
    """An input at a path of the container."""
    source = ProcessingS3Input(s3_uri=uri, local_path=path, s3_data_type="S3Prefix")
    return ProcessingInput(input_name=name, s3_input=source)


def processing_output(name: str, uri: str, path: str) -> ProcessingOutput:
    """An output from a path of the container."""
    target = ProcessingS3Output(s3_uri=uri, local_path=path, s3_upload_mode="EndOfJob")
    return ProcessingOutput(output_name=name, s3_output=target)


def channel(step: ProcessingStep, name: str) -> Channel:
    """A channel that reads an output of a step."""
    source = S3DataSource(s3_data_type="S3Prefix", s3_uri=output_of(step, name))
    return Channel(
        channel_name=name, content_type="text/csv", data_source=DataSource(s3_data_source=source)
    )
