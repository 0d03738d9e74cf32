"""Responses of AWS about the pipeline sentiment-dev, with the fields that the commands read."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from operations.options import DEFINITION
from tests.support.scripted_aws import ScriptedAws

ACCOUNT = "111122223333"
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
PIPELINE_ARN = f"{ARN}:pipeline/sentiment-dev"
BUCKET = "artifacts"
GROUP = "sentiment-dev"
ID = "abcdefghij12"
HERE = "-e dev --region us-east-1"
START = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)

JOB_LOG_GROUPS = (
    "/aws/sagemaker/ProcessingJobs",
    "/aws/sagemaker/TrainingJobs",
    "/aws/sagemaker/TransformJobs",
)
"""The log groups of jobs, which all pipelines of an account share."""

DEPLOYED = {
    "ArtifactsUri": f"s3://{BUCKET}",
    "CodeUri": "s3://assets",
    "CodeFile": "abc.pyz",
    "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/sentiment",
    "ModelPackageGroupName": GROUP,
}


def definition(**defaults: Any) -> str:
    """The committed definition with a deployment's defaults."""
    document = json.loads(DEFINITION.read_text())
    deployed = {**DEPLOYED, **defaults}
    for parameter in document["Parameters"]:
        if parameter["Name"] in deployed:
            parameter["DefaultValue"] = deployed[parameter["Name"]]
    return json.dumps(document)


def pipeline(text: str | None = None, status: str = "Active") -> dict[str, Any]:
    """DescribePipeline."""
    return {
        "PipelineArn": PIPELINE_ARN,
        "PipelineName": "sentiment-dev",
        "PipelineStatus": status,
        "PipelineDefinition": text or definition(),
    }


def execution_arn(execution_id: str = ID) -> str:
    """The ARN of an execution of the pipeline."""
    return f"{PIPELINE_ARN}/execution/{execution_id}"


def execution(status: str, execution_id: str = ID, reason: str = "") -> dict[str, Any]:
    """DescribePipelineExecution."""
    return {
        "PipelineArn": PIPELINE_ARN,
        "PipelineExecutionArn": execution_arn(execution_id),
        "PipelineExecutionDisplayName": f"name-of-{execution_id}",
        "PipelineExecutionStatus": status,
        "CreationTime": START,
        **({"FailureReason": reason} if reason else {}),
    }


def summary(execution_id: str, status: str = "Succeeded") -> dict[str, Any]:
    """An item of ListPipelineExecutions."""
    return {
        "PipelineExecutionArn": execution_arn(execution_id),
        "PipelineExecutionDisplayName": f"name-of-{execution_id}",
        "PipelineExecutionStatus": status,
        "StartTime": START,
    }


def job_name(step: str, random: str = "Rand0mRand", execution_id: str = ID) -> str:
    """A job's name, as pipelines give them."""
    return f"pipelines-{execution_id}-{step}-{random}"


def step(
    name: str,
    kind: str = "ProcessingJob",
    status: str = "Succeeded",
    seconds: int = 60,
    **more: Any,
) -> dict[str, Any]:
    """An item of ListPipelineExecutionSteps. kind: the key of its metadata."""
    if kind == "Condition":
        metadata = {"Outcome": more.pop("outcome")}
    elif kind == "Fail":
        metadata = {"ErrorMessage": "not good enough"}
    elif kind == "RegisterModel":
        metadata = {"Arn": f"{ARN}:model-package/{GROUP}/3"}
    else:
        folder = {"Model": "model"}.get(kind, f"{kind.removesuffix('Job').lower()}-job")
        metadata = {"Arn": f"{ARN}:{folder}/{more.pop('job', job_name(name))}"}
    ended = {} if status == "Executing" else {"EndTime": START + timedelta(seconds=seconds)}
    return {
        "StepName": name,
        "StepStatus": status,
        "StartTime": START,
        "AttemptCount": 1,
        "Metadata": {kind: metadata},
        **ended,
        **more,
    }


CACHED: dict[str, Any] = {
    "CacheHitResult": {"SourcePipelineExecutionArn": execution_arn("earlier00000")}
}

SUCCEEDED = [
    step("Download", job=job_name("Download", execution_id="earlier00000"), **CACHED),
    step("Preprocess"),
    step("Train", "TrainingJob"),
    step("CreateModel", "Model"),
    step("Package"),
    step("Transform", "TransformJob"),
    step("Evaluate"),
    step("QualityGate", "Condition", outcome="True"),
    step("RegisterModel", "RegisterModel"),
]


def processing_job(name: str, seconds: int | None = 90) -> dict[str, Any]:
    """DescribeProcessingJob; seconds: None while it runs."""
    output = {
        "OutputName": "evaluation",
        "S3Output": {
            "S3Uri": f"s3://{BUCKET}/models/{ID}/evaluation",
            "S3UploadMode": "EndOfJob",
        },
    }
    end = {} if seconds is None else {"ProcessingEndTime": START + timedelta(seconds=seconds)}
    return {
        "ProcessingJobName": name,
        "ProcessingJobArn": f"{ARN}:processing-job/{name}",
        "ProcessingJobStatus": "Completed",
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 30,
            }
        },
        "ProcessingOutputConfig": {"Outputs": [output]},
        "AppSpecification": {"ImageUri": "image"},
        "CreationTime": START,
        "ProcessingStartTime": START,
        **end,
    }


def processing_jobs(**folders: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """DescribeProcessingJob. folders: the folder in the bucket of each output."""

    def describe(request: dict[str, Any]) -> dict[str, Any]:
        job = processing_job(request["ProcessingJobName"])
        (output,) = job["ProcessingOutputConfig"]["Outputs"]
        job["ProcessingOutputConfig"]["Outputs"] = [
            {
                "OutputName": name,
                "S3Output": {**output["S3Output"], "S3Uri": f"s3://{BUCKET}/{folder}/{ID}/{name}"},
            }
            for name, folder in folders.items()
        ]
        return job

    return describe


def evaluate_job(request: dict[str, Any]) -> dict[str, Any]:
    """DescribeProcessingJob of Evaluate, in the execution of which the job's name has the ID."""
    job = processing_job(request["ProcessingJobName"])
    execution_id = request["ProcessingJobName"].split("-")[1]
    place = f"s3://{BUCKET}/models/{execution_id}/evaluation"
    job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = place
    source = {"S3DataType": "S3Prefix", "S3InputMode": "File"}
    inputs = [
        {
            "InputName": name,
            "S3Input": {**source, "S3Uri": f"s3://{BUCKET}/executions/{execution_id}/{name}"},
        }
        for name in ("predictions", "labels", "rows", "manifest")
    ]
    return {**job, "ProcessingInputs": inputs}


def training_job(name: str, **more: Any) -> dict[str, Any]:
    """DescribeTrainingJob: 120 s on three instances, of which 100 s are billed."""
    return {
        "TrainingJobName": name,
        "TrainingJobArn": f"{ARN}:training-job/{name}",
        "ModelArtifacts": {"S3ModelArtifacts": "s3://b/model.tar.gz"},
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 3},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "CreationTime": START,
        "TrainingStartTime": START,
        "TrainingEndTime": START + timedelta(seconds=120),
        "BillableTimeInSeconds": 100,
        **more,
    }


def transform_job(name: str, **more: Any) -> dict[str, Any]:
    """DescribeTransformJob: 180 s on two instances."""
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/test"}}
    return {
        "TransformJobName": name,
        "TransformJobArn": f"{ARN}:transform-job/{name}",
        "TransformJobStatus": "Completed",
        "ModelName": "model",
        "TransformInput": {"DataSource": source},
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/executions/{ID}/predictions"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 2},
        "CreationTime": START,
        "TransformStartTime": START,
        "TransformEndTime": START + timedelta(seconds=180),
        **more,
    }


def listed_jobs(kind: str, *names: str) -> list[dict[str, Any]]:
    """The summaries of ListProcessingJobs and so on. kind: such as ProcessingJob."""
    return [
        {
            f"{kind}Name": name,
            f"{kind}Arn": f"{ARN}:job/{name}",
            f"{kind}Status": "Completed",
            "CreationTime": START,
        }
        for name in names
    ]


REPORT: dict[str, Any] = {
    "binary_classification_metrics": {
        "accuracy": {"value": 0.86812, "standard_deviation": 0.002},
        "auc": {"value": 0.94, "standard_deviation": 0.001},
        "confusion_matrix": {"0": {"0": 40, "1": 10}, "1": {"0": 5, "1": 45}},
    }
}


class Body(io.BytesIO):
    """The body of GetObject's answer; broken: it ends with this error."""

    broken: Exception | None = None

    def iter_chunks(self, chunk_size: int) -> Iterator[bytes]:
        """Yield the content in chunks."""
        while chunk := self.read(chunk_size):
            yield chunk
        if self.broken:
            raise self.broken


def stored(document: Any = REPORT) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """GetObject."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return lambda _: {"Body": Body(content)}


def package(number: int, approval: str = "PendingManualApproval", **more: Any) -> dict[str, Any]:
    """DescribeModelPackage."""
    return {
        "ModelPackageName": f"{GROUP}-{number}",
        "ModelPackageArn": f"{ARN}:model-package/{GROUP}/{number}",
        "CreationTime": START,
        "ModelApprovalStatus": approval,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        **more,
    }


def deploy(aws: ScriptedAws, status: str = "Succeeded", steps: Any = SUCCEEDED) -> None:
    """The pipeline and one execution with these steps."""
    aws.on("DescribePipeline", pipeline())
    aws.on("DescribePipelineExecution", execution(status))
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [summary(ID, status)])
    aws.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", steps)
    aws.pages("ListPipelineParametersForExecution", "PipelineParameters", [])
    describe_jobs(aws)
    aws.on("DescribeModelPackage", package(3))
    aws.on("GetObject", stored())
    aws.on("ListObjectsV2", lambda request: {"Contents": [{"Key": request["Prefix"]}]})
    aws.on("HeadObject", {})
    aws.on("SimulatePrincipalPolicy", simulated("allowed"))
    without_endpoint(aws)


def without_endpoint(aws: ScriptedAws) -> None:
    """An environment without the setting, in which nothing was deployed."""
    aws.pages("ListEndpoints", "Endpoints", [])
    aws.pages("ListEndpointConfigs", "EndpointConfigs", [])


def describe_jobs(aws: ScriptedAws) -> None:
    """Every job that is asked for."""
    aws.on("DescribeProcessingJob", lambda request: processing_job(request["ProcessingJobName"]))
    aws.on("DescribeTrainingJob", lambda request: training_job(request["TrainingJobName"]))
    aws.on("DescribeTransformJob", lambda request: transform_job(request["TransformJobName"]))


def simulated(decision: str) -> dict[str, Any]:
    """SimulatePrincipalPolicy."""
    return {"EvaluationResults": [{"EvalActionName": "s3:GetObject", "EvalDecision": decision}]}
