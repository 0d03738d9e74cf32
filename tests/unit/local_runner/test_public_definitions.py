"""Features of definitions by others: AWS's examples, both SDKs, Terraform, the CDK and Airflow.

Each row is a feature that is planned. What isn't supported is in `test_refusals`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_runner.definition.parsing import parse
from local_runner.inputs import external_inputs, readable_uris
from local_runner.plan import make_plan
from local_runner.refusals import notes, refusals
from tests.support.runner_samples import (
    XGBOOST,
    Document,
    compare,
    condition,
    document,
    fail,
    parameter,
    planned,
)

VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
TAGS = [{"Key": "project", "Value": "research"}]


def step(kind: str, **arguments: Any) -> Document:
    return {"Name": "A", "Type": kind, "Arguments": arguments}


def job(image: str = "sagemaker-scikit-learn:1.2-1-cpu-py3", **arguments: Any) -> Document:
    application = {"ImageUri": f"683313688378.dkr.ecr.us-east-1.amazonaws.com/{image}"}
    program = {"ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/a.py"]}
    return step("Processing", **{"AppSpecification": {**application, **program}, **arguments})


def training(**arguments: Any) -> Document:
    request = {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "HyperParameters": {"num_round": "5"},
        "OutputDataConfig": {"S3OutputPath": "s3://b/m", "CompressionType": "GZIP"},
    }
    return step("Training", **{**request, **arguments})


def model(**keys: Any) -> Document:
    return {"Image": XGBOOST, "ModelDataUrl": "s3://b/model.tar.gz", **keys}


def version(**arguments: Any) -> Document:
    specification = {
        "Containers": [model(Environment={})],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    request = {"ModelPackageGroupName": "g", "InferenceSpecification": specification}
    return step("RegisterModel", **request, **arguments)


def transform(**arguments: Any) -> Document:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://b/batch"}
    request = {
        "ModelName": "m",
        "TransformInput": {"DataSource": {"S3DataSource": source}},
        "TransformOutput": {"S3OutputPath": "s3://b/out"},
    }
    return step("Transform", **{**request, **arguments})


PLANNED = {
    "inputs that the application doesn't manage": job(
        ProcessingInputs=[
            {
                "InputName": "x",
                "AppManaged": False,
                "S3Input": {
                    "S3Uri": "s3://b/x",
                    "LocalPath": "/opt/ml/processing/input",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                    "S3DataDistributionType": "ShardedByS3Key",
                    "S3CompressionType": "None",
                },
            }
        ]
    ),
    "network, environment, tags and experiment of a job": job(
        NetworkConfig={"EnableNetworkIsolation": False, "VpcConfig": VPC},
        Environment={"A": {"Get": "Parameters.P"}},
        Tags=TAGS,
        ExperimentConfig={"ExperimentName": "e"},
        RoleArn="arn:aws:iam::1:role/r",
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
        ProcessingJobName="given",
    ),
    "processor of a framework": job(
        AppSpecification={
            "ImageUri": XGBOOST,
            "ContainerEntrypoint": ["/bin/bash", "/opt/ml/processing/input/entrypoint/run.sh"],
        }
    ),
    "image of Spark without a container version": job("sagemaker-spark-processing:3.1-cpu"),
    "execution variables": job(
        Environment={"A": {"Get": "Execution.PipelineExecutionArn"}},
        AppSpecification={
            "ImageUri": XGBOOST,
            "ContainerEntrypoint": ["python3", "a.py"],
            "ContainerArguments": ["--at", {"Get": "Execution.StartDateTime"}],
        },
    ),
    "Spot training with checkpoints": training(
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120},
        CheckpointConfig={"S3Uri": "s3://b/checkpoints"},
    ),
    "options of training jobs": training(
        DebugHookConfig={"S3OutputPath": "s3://b/debug", "CollectionConfigurations": []},
        ProfilerConfig={"DisableProfiler": True},
        ProfilerRuleConfigurations=[],
        RetryStrategy={"MaximumRetryAttempts": 1},
        ResourceConfig={
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 30,
            "KeepAlivePeriodInSeconds": 0,
        },
        EnableInterContainerTrafficEncryption=True,
        EnableNetworkIsolation=False,
        VpcConfig=VPC,
        Tags=TAGS,
    ),
    "script mode": training(
        HyperParameters={
            "sagemaker_program": '"train.py"',
            "sagemaker_submit_directory": '"s3://b/sourcedir.tar.gz"',
            "sagemaker_container_log_level": "20",
            "depth": {"Get": "Parameters.P"},
        }
    ),
    "tuning job with its own resources": step(
        "Tuning",
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2},
            "TrainingJobEarlyStoppingType": "Off",
            "HyperParameterTuningJobObjective": {
                "Type": "Minimize",
                "MetricName": "validation:rmse",
            },
            "ParameterRanges": {
                "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0", "MaxValue": "1"}],
                "CategoricalParameterRanges": [],
                "IntegerParameterRanges": [],
            },
        },
        TrainingJobDefinition={
            "AlgorithmSpecification": {"TrainingImage": XGBOOST},
            "StaticHyperParameters": {"num_round": "5"},
            "OutputDataConfig": {"S3OutputPath": "s3://b/m"},
            "HyperParameterTuningResourceConfig": {
                "InstanceCount": 1,
                "InstanceType": {"Get": "Parameters.P"},
                "VolumeSizeInGB": 30,
            },
        },
    ),
    "model with a list of one container": step(
        "Model",
        Containers=[model(Environment={})],
        ExecutionRoleArn="arn:aws:iam::1:role/r",
        EnableNetworkIsolation=True,
        VpcConfig=VPC,
    ),
    "all that a version is registered with": version(
        ModelApprovalStatus={"Get": "Parameters.P"},
        ModelMetrics={
            "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://b"}},
            "Bias": {},
            "Explainability": {},
        },
        DriftCheckBaselines={
            "ModelDataQuality": {
                "Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/s.json"}
            }
        },
        CustomerMetadataProperties={"k": "v"},
        SkipModelValidation="None",
        Domain="MACHINE_LEARNING",
        Task="OTHER",
        SamplePayloadUrl="s3://b/sample.tar.gz",
        ModelPackageDescription="d",
    ),
    "transform job without a content type": transform(),
    "options of transform jobs": transform(
        BatchStrategy="SingleRecord",
        MaxConcurrentTransforms=4,
        MaxPayloadInMB=6,
        ModelClientConfig={"InvocationsTimeoutInSeconds": 60, "InvocationsMaxRetries": 3},
        DataCaptureConfig={"DestinationS3Uri": "s3://b/captured"},
        Environment={"A": "b"},
        TransformResources={"InstanceCount": 1, "InstanceType": "ml.m5.large"},
        Tags=TAGS,
    ),
    "conditions in conditions": condition(
        "A",
        {
            "Type": "Or",
            "Conditions": [
                compare("Equals", {"Get": "Execution.PipelineName"}, "p"),
                {
                    "Type": "Not",
                    "Condition": {
                        "Type": "In",
                        "QueryValue": {"Get": "Parameters.P"},
                        "Values": ["a", "b"],
                    },
                },
            ],
        },
        if_steps=(condition("B", compare("Equals", 1, 1)),),
    ),
    "message of parts": fail("A", {"Std:Join": {"On": " ", "Values": ["no", 1, True]}}),
    "display name, description, retries and cache": {
        **training(),
        "DisplayName": "Train it",
        "Description": "d",
        "DependsOn": [],
        "CacheConfig": {"Enabled": True, "ExpireAfter": "PT1H"},
        "RetryPolicies": [
            {
                "ExceptionType": ["Step.SERVICE_FAULT", "Step.THROTTLING"],
                "IntervalSeconds": 10,
                "BackoffRate": 2.0,
                "ExpireAfterMin": 5,
            },
            {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "MaxAttempts": 3},
        ],
    },
}


@pytest.mark.parametrize("found", PLANNED.values(), ids=PLANNED)
def test_feature_is_planned(found: Document) -> None:
    text = parameter("P", DefaultValue="p", Description="any text")
    plan = planned(document(found, parameters=(text,)))
    assert "A" in [it.step.name for it in plan.steps]


MALFORMED: dict[str, dict[str, Any]] = {
    "channels": {"InputDataConfig": True},
    "channel": {"InputDataConfig": ["train"]},
    "arguments": {"AlgorithmSpecification": {"TrainingImage": XGBOOST, "ContainerArguments": 5}},
    "specification": {"AlgorithmSpecification": []},
}


@pytest.mark.parametrize("arguments", MALFORMED.values(), ids=MALFORMED)
def test_malformed_request_is_shown_without_a_traceback(arguments: dict[str, Any]) -> None:
    bootstrap = {"ChannelName": "sagemaker_remote_function_bootstrap"}
    found = training(**{"InputDataConfig": [bootstrap], **arguments})
    plan = make_plan(parse(json.dumps(document(found))), {}, {})
    assert list(refusals(plan))
    assert list(notes(plan)) == []
    assert external_inputs(plan) == []
    assert readable_uris(plan) == set()
