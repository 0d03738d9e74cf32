"""The emulated endpoints: created, updated under load, invoked, and their errors."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.emulator_process import Emulator
from tests.support.programs import children, eventually, is_running
from tests.support.runner_samples import XGBOOST
from tests.support.served_models import ENVIRONMENT, asking, served_model

BUCKET, GROUP = "endpoint-models", "endpoint-models"
ROLE = "arn:aws:iam::123456789012:role/serving"
VARIANT = {"VariantName": "AllTraffic", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 1}

APPLICATION = """
import os
import flask

app = flask.Flask(__name__)

@app.get("/ping")
def ping():
    return ""

@app.post("/invocations")
def invocations():
    request = flask.request
    status = int(request.headers.get("X-Amzn-SageMaker-Custom-Attributes", "200"))
    if status != 200:
        return "no such review", status
    body = request.get_data(as_text=True)
    if body.startswith("/"):
        open(body).read()
    found = {"version": os.environ["VERSION"], "type": request.content_type,
             "accept": request.headers.get("Accept"), "body": body}
    return found, {"X-Amzn-SageMaker-Custom-Attributes": "seen"}
"""
"""Answers with the request; the attributes are its status. It opens a body that is a path."""


@pytest.fixture(scope="module", autouse=True)
def group(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A group: versions 1 and 2 are approved, 3 is rejected; the model of 2 can't be loaded."""
    folder = tmp_path_factory.mktemp("model")
    emulator.client("s3").create_bucket(Bucket=BUCKET)
    for key, source in (("good.tar.gz", APPLICATION), ("bad.tar.gz", "raise ValueError('no')")):
        archive = served_model(folder, source).archive
        emulator.client("s3").upload_file(str(archive), BUCKET, key)
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
    for key, approval in (("good", "Approved"), ("bad", "Approved"), ("good", "Rejected")):
        container = {
            "Image": XGBOOST,
            "ModelDataUrl": f"s3://{BUCKET}/{key}.tar.gz",
            "Environment": {**ENVIRONMENT, "VERSION": "of the package"},
        }
        sagemaker.create_model_package(
            ModelPackageGroupName=GROUP,
            ModelApprovalStatus=approval,
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["text/plain"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        )


@pytest.fixture(scope="module")
def endpoint(emulator: Emulator) -> str:
    """An endpoint in service, whose version is "one"."""
    create(emulator, "live", configure(emulator, "one", version=1))
    assert ended(emulator, "live")["EndpointStatus"] == "InService"
    return "live"


def version_arn(number: int) -> str:
    return f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{GROUP}/{number}"


def create_model(emulator: Emulator, name: str, version: int, **options: Any) -> None:
    emulator.client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "ModelPackageName": version_arn(version),
            "Environment": {"VERSION": name},
        },
        **options,
    )


def configure(
    emulator: Emulator, name: str, version: int, variant: Mapping[str, Any] = VARIANT
) -> str:
    """Create a model and a configuration of that name."""
    create_model(emulator, name, version)
    emulator.client("sagemaker").create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[{**variant, "ModelName": name}]
    )
    return name


def create(emulator: Emulator, name: str, configuration: str) -> None:
    emulator.client("sagemaker").create_endpoint(
        EndpointName=name, EndpointConfigName=configuration
    )


def update(emulator: Emulator, name: str, configuration: str, **options: Any) -> None:
    emulator.client("sagemaker").update_endpoint(
        EndpointName=name, EndpointConfigName=configuration, **options
    )


def ended(emulator: Emulator, name: str) -> dict[str, Any]:
    """Wait for the end of a creation or update, and return the description."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = emulator.client("sagemaker").describe_endpoint(EndpointName=name)
        return None if found["EndpointStatus"] in ("Creating", "Updating") else found

    return eventually(look)


def invoke(emulator: Emulator, name: str, body: str = "text", **options: Any) -> dict[str, Any]:
    found = emulator.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=body, **options
    )
    answer: dict[str, Any] = json.loads(found["Body"].read())
    return {**answer, "response": found}


def error_of(call: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as error:
        call(*arguments, **options)
    return dict(error.value.response)


def test_model_of_a_version_that_is_not_approved_is_refused(emulator: Emulator) -> None:
    error = error_of(create_model, emulator, "rejected", 3)
    assert error["Error"]["Code"] == "ValidationException"


def test_endpoint_answers_with_the_environment_of_model_and_version(
    emulator: Emulator, endpoint: str
) -> None:
    answer = invoke(
        emulator,
        endpoint,
        ContentType="text/plain",
        Accept="application/json",
        CustomAttributes="200",
    )
    assert (answer["version"], answer["type"], answer["accept"], answer["body"]) == (
        "one",
        "text/plain",
        "application/json",
        "text",
    )
    response = answer["response"]
    assert response["InvokedProductionVariant"] == "AllTraffic"
    assert (response["CustomAttributes"], response["ContentType"]) == ("seen", "application/json")


@pytest.mark.parametrize("status", [400, 503])
def test_error_of_the_container_is_a_model_error(
    emulator: Emulator, endpoint: str, status: int
) -> None:
    error = error_of(invoke, emulator, endpoint, CustomAttributes=str(status))
    assert error["Error"]["Code"] == "ModelError"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error["OriginalStatusCode"] == status
    assert error["OriginalMessage"] == "no such review"


def test_unknown_endpoint_is_a_validation_error(emulator: Emulator) -> None:
    assert error_of(invoke, emulator, "none")["Error"]["Code"] == "ValidationError"


def test_body_above_the_limit_is_a_validation_error(emulator: Emulator, endpoint: str) -> None:
    error = error_of(invoke, emulator, endpoint, "x" * (6 * 1024 * 1024 + 1))["Error"]
    assert error["Code"] == "ValidationError"
    assert "exceeds" in error["Message"]


def test_update_loses_no_request(emulator: Emulator, endpoint: str) -> None:
    create(emulator, "busy", "one")
    ended(emulator, "busy")
    configure(emulator, "two", version=1)
    threads = 3
    with asking(lambda: str(invoke(emulator, "busy")["version"]), threads) as answers:
        update(emulator, "busy", "two")
        described = ended(emulator, "busy")
        eventually(lambda: answers[-1] == "two")
    assert described["EndpointConfigName"] == "two"
    assert set(answers) == {"one", "two"}
    assert "one" not in answers[answers.index("two") + threads :]


def test_endpoint_whose_model_cannot_be_loaded_fails_with_the_reason(
    emulator: Emulator, endpoint: str
) -> None:
    configure(emulator, "bad", version=2)
    create(emulator, "broken", "bad")
    described = ended(emulator, "broken")
    assert described["EndpointStatus"] == "Failed"
    assert "ValueError" in described["FailureReason"]
    assert error_of(invoke, emulator, "broken")["Error"]["Code"] == "ValidationError"
    logs = emulator.client("logs").filter_log_events(logGroupName="/aws/sagemaker/Endpoints/broken")
    assert any("ValueError" in event["message"] for event in logs["events"])

    update(emulator, endpoint, "bad")
    described = ended(emulator, endpoint)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "one")
    assert "ValueError" in described["FailureReason"]
    assert invoke(emulator, endpoint)["version"] == "one"


def test_alarm_rolls_an_update_back(emulator: Emulator, endpoint: str) -> None:
    cloudwatch = emulator.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="Errors",
        Namespace="n",
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a test")
    configure(emulator, "three", version=1)
    alarms = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}
    update(emulator, endpoint, "three", DeploymentConfig=alarms)
    described = ended(emulator, endpoint)
    assert described["EndpointConfigName"] == "one"
    assert "errors" in described["FailureReason"]

    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="a test")
    update(emulator, endpoint, "three", DeploymentConfig=alarms)
    assert ended(emulator, endpoint)["EndpointConfigName"] == "three"
    update(emulator, endpoint, "one")
    assert ended(emulator, endpoint)["EndpointConfigName"] == "one"


def test_serverless_endpoint_has_limits_of_its_own(emulator: Emulator, tmp_path: Path) -> None:
    variant = {"VariantName": "AllTraffic", "ServerlessConfig": SERVERLESS}
    create(emulator, "serverless", configure(emulator, "serverless", 1, variant))
    [found] = ended(emulator, "serverless")["ProductionVariants"]
    assert found["CurrentServerlessConfig"] == SERVERLESS
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(invoke, emulator, "serverless", str(pipe))
        with pipe.open("w"):  # the first request is being answered
            error = error_of(invoke, emulator, "serverless")
        assert error["Error"]["Code"] == "ThrottlingException"
        assert first.result()["version"] == "serverless"
    error = error_of(invoke, emulator, "serverless", "x" * (4 * 1024 * 1024 + 1))
    assert error["Error"]["Code"] == "ValidationError"


def test_serverless_configuration_of_an_isolated_model_is_refused(emulator: Emulator) -> None:
    create_model(emulator, "isolated", 1, EnableNetworkIsolation=True)
    variant = {"VariantName": "a", "ModelName": "isolated", "ServerlessConfig": SERVERLESS}
    error = error_of(
        emulator.client("sagemaker").create_endpoint_config,
        EndpointConfigName="isolated",
        ProductionVariants=[variant],
    )
    assert error["Error"]["Code"] == "ValidationException"


def test_endpoint_is_deleted_with_its_processes(emulator: Emulator, endpoint: str) -> None:
    sagemaker = emulator.client("sagemaker")
    before = set(children(emulator.pid))
    create(emulator, "short", "one")
    error = error_of(sagemaker.delete_endpoint, EndpointName="short")
    assert error["Error"]["Code"] == "ValidationException"  # it is being created
    ended(emulator, "short")
    started = set(children(emulator.pid)) - before
    assert started
    sagemaker.delete_endpoint(EndpointName="short")

    def is_gone() -> bool:
        listed = sagemaker.list_endpoints(NameContains="short")["Endpoints"]
        return not listed and not any(map(is_running, started))

    assert eventually(is_gone)
    for kind, name in (("endpoint_config", "EndpointConfigName"), ("model", "ModelName")):
        getattr(sagemaker, f"delete_{kind}")(**{name: "three"})
        described = error_of(getattr(sagemaker, f"describe_{kind}"), **{name: "three"})
        assert described["Error"]["Code"] == "ValidationException"
    assert sagemaker.list_endpoint_configs(NameContains="one")["EndpointConfigs"]


def test_state_machine_invokes_an_endpoint_and_scales_it(emulator: Emulator, endpoint: str) -> None:
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    tasks: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [
        (
            "applicationautoscaling:registerScalableTarget",
            {**target, "MinCapacity": 1, "MaxCapacity": 2},
            {},
        ),
        ("applicationautoscaling:deregisterScalableTarget", target, {}),
        (
            "sfn:listExecutions",
            {"StateMachineArn.$": "$$.StateMachine.Id", "StatusFilter": "RUNNING"},
            {"running.$": "$.Executions[*].ExecutionArn"},
        ),
        (
            "sagemakerruntime:invokeEndpoint",
            {"EndpointName": endpoint, "ContentType": "text/plain", "Body": "a text"},
            {"answer.$": "States.StringToJson($.Body)"},
        ),
    ]
    states: dict[str, Any] = {}
    for number, (action, parameters, selected) in enumerate(tasks):
        states[f"S{number}"] = {
            "Type": "Task",
            "Resource": f"arn:aws:states:::aws-sdk:{action}",
            "Parameters": parameters,
            "ResultPath": f"$.s{number}",
            **({"ResultSelector": selected} if selected else {}),
            "Next": f"S{number + 1}",
        }
    states[f"S{len(tasks)}"] = {"Type": "Succeed"}
    client = emulator.client("stepfunctions")
    machine = client.create_state_machine(
        name="calls", definition=json.dumps({"StartAt": "S0", "States": states}), roleArn=ROLE
    )
    started = client.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = client.describe_execution(executionArn=started["executionArn"])
        return None if found["status"] == "RUNNING" else found

    described = eventually(look)
    assert described["status"] == "SUCCEEDED", described
    output = json.loads(described["output"])
    assert output["s2"]["running"] == [started["executionArn"]]
    assert (output["s3"]["answer"]["body"], output["s3"]["answer"]["version"]) == (
        '"a text"',
        "one",
    )
