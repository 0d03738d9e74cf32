"""Responses of AWS about the endpoint of sentiment-dev and its deployments."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from tests.support.aws_samples import ACCOUNT, ARN, GROUP, START, deploy
from tests.support.scripted_aws import ScriptedAws, error

ENDPOINT = GROUP
NAME = f"{GROUP}-v3-1a2b3c4d"
"""The name of the configuration and of the model that are served."""

MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:{GROUP}-deploy"
EXECUTION = f"arn:aws:states:us-east-1:{ACCOUNT}:execution:{GROUP}-deploy:first"
VERSION = f"{ARN}:model-package/{GROUP}/3"
SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}


def serve(aws: ScriptedAws, status: str = "InService", **variant: Any) -> None:
    """An environment whose endpoint serves version 3; nothing is being deployed."""
    deploy(aws)
    aws.on("GetParameter", {"Parameter": {"Value": MACHINE}})
    aws.on(
        "DescribeEndpoint",
        {
            "EndpointName": ENDPOINT,
            "EndpointArn": f"{ARN}:endpoint/{ENDPOINT}",
            "EndpointConfigName": NAME,
            "EndpointStatus": status,
            "CreationTime": START,
            "LastModifiedTime": START,
        },
    )
    served = {"VariantName": "AllTraffic", "ModelName": NAME, **(variant or SERVERLESS)}
    aws.on(
        "DescribeEndpointConfig",
        {
            "EndpointConfigName": NAME,
            "EndpointConfigArn": f"{ARN}:endpoint-config/{NAME}",
            "ProductionVariants": [served],
            "CreationTime": START,
        },
    )
    aws.on(
        "DescribeModel",
        {
            "ModelName": NAME,
            "ModelArn": f"{ARN}:model/{NAME}",
            "PrimaryContainer": {"ModelPackageName": VERSION},
            "CreationTime": START,
        },
    )
    aws.on("ListExecutions", {"executions": []})
    list_hosting(aws, endpoints=[ENDPOINT], configurations=[NAME], models=[NAME])


def list_hosting(
    aws: ScriptedAws, *, endpoints: list[str], configurations: list[str], models: list[str]
) -> None:
    """List these names; their deletion succeeds."""
    for operation, key, names in (
        ("ListEndpoints", "Endpoint", endpoints),
        ("ListEndpointConfigs", "EndpointConfig", configurations),
        ("ListModels", "Model", models),
    ):
        state = {"LastModifiedTime": START, "EndpointStatus": "InService"}
        items = [
            {
                f"{key}Name": name,
                f"{key}Arn": f"{ARN}:{key.lower()}/{name}",
                "CreationTime": START,
                **(state if key == "Endpoint" else {}),
            }
            for name in names
        ]
        aws.pages(operation, f"{key}s", items)
    for operation in (
        *("DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel", "DeregisterScalableTarget"),
    ):
        aws.on(operation, {})


def deployed(status: str = "SUCCEEDED", given: Any = None, **found: Any) -> dict[str, Any]:
    """DescribeExecution of a deployment of three minutes. given: its input."""
    return {
        "executionArn": EXECUTION,
        "stateMachineArn": MACHINE,
        "status": status,
        "startDate": START,
        "input": json.dumps({"version": VERSION} if given is None else given),
        **({} if status == "RUNNING" else {"stopDate": START + timedelta(minutes=3)}),
        **found,
    }


def history(*states: str) -> dict[str, Any]:
    """GetExecutionHistory of a deployment in the last of these states, newest first."""
    entered = [
        {
            "id": number,
            "type": "TaskStateEntered",
            "timestamp": START,
            "stateEnteredEventDetails": {"name": name},
        }
        for number, name in enumerate(states, 1)
    ]
    scheduled = {"id": len(states) + 1, "type": "TaskScheduled", "timestamp": START}
    return {"events": [scheduled, *reversed(entered)]}


def listed(*statuses: str) -> dict[str, Any]:
    """ListExecutions."""
    return {
        "executions": [
            {
                "executionArn": EXECUTION,
                "stateMachineArn": MACHINE,
                "name": "first",
                "status": status,
                "startDate": START,
            }
            for status in statuses
        ]
    }


def answered(body: Any) -> dict[str, Any]:
    """InvokeEndpoint."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {"Body": io.BytesIO(content), "ContentType": "application/json"}


def model_error(status: int, message: str) -> ClientError:
    """The error for an answer of the container with this status."""
    found = error("ModelError", "Received client error", "InvokeEndpoint", 424)
    response: Any = found.response
    response |= {"OriginalStatusCode": status, "OriginalMessage": message}
    return found
