"""SageMaker's hosting as far as a deployment uses it, for moto's Step Functions interpreter.

Requests are validated with botocore's service models; what AWS would answer is up to the test.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from moto.sns.models import sns_backends

from processing.names import Serving
from tests.support.interpreter import interpreting_aws
from tests.support.templates import ACCOUNT, REGION

GROUP = "sentiment-dev"
LIVE, CANDIDATE = GROUP, f"{GROUP}-candidate"

_MOTO = "moto.stepfunctions.parser.asl.component.state.exec.state_task.service"
_SERVICES = {
    "sagemaker": "sagemaker",
    "sagemakerruntime": "sagemaker-runtime",
    "applicationautoscaling": "application-autoscaling",
    "sfn": "stepfunctions",
}
_SESSION = botocore.session.get_session()


def arn(number: int) -> str:
    """Return the ARN of a version."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{GROUP}/{number}"


@dataclass
class Endpoint:
    """An endpoint: its configuration, status, and the next configuration and status, if any."""

    config: str
    status: str
    next: tuple[str, str] | None = None


@dataclass
class Hosting:
    """The account: versions by approval, models, configurations, endpoints, and every call.

    Of versions, by their numbers: plain take no text; unhealthy can't be started; rolled_back are
    refused by alarms; wrong answer wrong, at these endpoints. answer: the wrong answer.
    refused: actions that fail.
    """

    approvals: dict[int, str] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    plain: set[int] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    unhealthy: set[int] = field(default_factory=set)
    rolled_back: set[int] = field(default_factory=set)
    wrong: dict[int, set[str]] = field(default_factory=dict)
    answer: str = "<html>no model</html>"
    lock: threading.RLock = field(default_factory=threading.RLock)

    def approve(self, *numbers: int) -> None:
        """Approve versions."""
        self.approvals.update(dict.fromkeys(numbers, "Approved"))

    def reject(self, *numbers: int) -> None:
        """Reject versions."""
        self.approvals.update(dict.fromkeys(numbers, "Rejected"))

    def served(self, endpoint: str = LIVE) -> int | None:
        """Return the number of the version that an endpoint serves."""
        found = self.endpoints.get(endpoint)
        return self._number(found.config) if found and found.status == "InService" else None

    def actions(self) -> list[str]:
        """Return the names of the calls."""
        return [action for action, _ in self.calls]

    def requests(self, action: str) -> list[dict[str, Any]]:
        """Return the parameters of the calls of an action."""
        return [request for name, request in self.calls if name == action]

    def _number(self, config: str) -> int:
        model = self.models[self.configs[config]["ProductionVariants"][0]["ModelName"]]
        return int(model["PrimaryContainer"]["ModelPackageName"].rpartition("/")[2])

    # --- SageMaker ---

    def list_model_packages(self, request: Mapping[str, Any]) -> dict[str, Any]:
        wanted = request["ModelApprovalStatus"]
        found = sorted(n for n, status in self.approvals.items() if status == wanted)
        summaries = [{"ModelPackageArn": arn(number)} for number in reversed(found)]
        return {"ModelPackageSummaryList": summaries}

    def describe_model_package(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = request["ModelPackageName"]
        number = int(name.rpartition("/")[2])
        self._require(number in self.approvals, f"ModelPackage {name} does not exist")
        container = {} if number in self.plain else {"Environment": dict(Serving.ENVIRONMENT)}
        return {
            "ModelPackageArn": name,
            "ModelApprovalStatus": self.approvals[number],
            "InferenceSpecification": {"Containers": [container]},
        }

    def create_model(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.models[request["ModelName"]] = dict(request)
        return {"ModelArn": "arn"}

    def describe_model(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._get(self.models, request["ModelName"])

    def delete_model(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._get(self.models, request["ModelName"])
        del self.models[request["ModelName"]]
        return {}

    def create_endpoint_config(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._get(self.models, request["ProductionVariants"][0]["ModelName"])
        self.configs[request["EndpointConfigName"]] = dict(request)
        return {"EndpointConfigArn": "arn"}

    def describe_endpoint_config(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._get(self.configs, request["EndpointConfigName"])

    def delete_endpoint_config(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = request["EndpointConfigName"]
        self._get(self.configs, name)
        users = [e for e in self.endpoints.values() if name in (e.config, *(e.next or ()))]
        assert not users, f"{name} is in use"
        del self.configs[name]
        return {}

    def create_endpoint(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name, config = request["EndpointName"], request["EndpointConfigName"]
        self._get(self.configs, config)
        self._require(name not in self.endpoints, f"endpoint {name} exists")
        end = "Failed" if self._number(config) in self.unhealthy else "InService"
        self.endpoints[name] = Endpoint(config, "Creating", (config, end))
        return {"EndpointArn": "arn"}

    def update_endpoint(self, request: Mapping[str, Any]) -> dict[str, Any]:
        endpoint, config = self.endpoints[request["EndpointName"]], request["EndpointConfigName"]
        self._get(self.configs, config)
        self._require(endpoint.status == "InService", f"it is {endpoint.status}")
        is_rolled_back = self._number(config) in self.rolled_back
        endpoint.next = (endpoint.config if is_rolled_back else config, "InService")
        endpoint.status = "Updating"
        return {"EndpointArn": "arn"}

    def list_endpoints(self, request: Mapping[str, Any]) -> dict[str, Any]:
        listed = [
            {"EndpointName": name, "EndpointStatus": endpoint.status}
            for name, endpoint in self.endpoints.items()
            if request["NameContains"] in name
        ]
        for name in [name for name, it in self.endpoints.items() if it.status == "Deleting"]:
            del self.endpoints[name]
        return {"Endpoints": listed}

    def describe_endpoint(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Describe the endpoint, whose next status follows."""
        name = request["EndpointName"]
        self._require(name in self.endpoints, f"Could not find endpoint {name}")
        endpoint = self.endpoints[name]
        found = {
            "EndpointName": name,
            "EndpointConfigName": endpoint.config,
            "EndpointStatus": endpoint.status,
        }
        if endpoint.status == "Failed":
            found["FailureReason"] = "The container doesn't answer pings."
        if endpoint.next:
            (endpoint.config, endpoint.status), endpoint.next = endpoint.next, None
        return found

    def delete_endpoint(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = request["EndpointName"]
        self._require(name in self.endpoints, f"Could not find endpoint {name}")
        status = self.endpoints[name].status
        if status == "Creating":  # AWS refuses; the next attempt finds it in service
            self.describe_endpoint(request)
        self._require(status not in ("Creating", "Deleting"), f"it is {status}")
        self.endpoints[name].status = "Deleting"  # until it is listed again
        return {}

    # --- other services ---

    def invoke_endpoint(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = request["EndpointName"]
        number = self.served(name)
        self._require(number is not None, f"endpoint {name} isn't in service")
        prediction = {"label": "positive", "probability": 0.9}
        body = json.dumps({"predictions": [prediction], "model_version": str(number)})
        if name in self.wrong.get(number or 0, ()):
            body = self.answer
        return {"Body": body, "ContentType": "application/json"}

    def register_scalable_target(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return {"ScalableTargetARN": "arn"}

    def put_scaling_policy(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return {"PolicyARN": "arn", "Alarms": []}

    def deregister_scalable_target(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def list_executions(self, request: Mapping[str, Any]) -> dict[str, Any]:
        client = boto3.client("stepfunctions", region_name=REGION)
        found = client.list_executions(
            stateMachineArn=request["stateMachineArn"], statusFilter=request["statusFilter"]
        )
        newest_first = sorted(found["executions"], key=lambda it: it["startDate"], reverse=True)
        return {"Executions": [{"ExecutionArn": it["executionArn"]} for it in newest_first]}

    @staticmethod
    def _require(condition: bool, message: str) -> None:
        if not condition:
            error = {"Error": {"Code": "ValidationException", "Message": message}}
            metadata = {"HTTPStatusCode": 400, "RequestId": "1"}
            raise ClientError({**error, "ResponseMetadata": metadata}, "operation")  # type: ignore[typeddict-item]

    def _get(self, found: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
        self._require(name in found, f"Could not find {name}")
        return dict(found[name])


class _Client:
    """A client of a service whose operations are the methods of `Hosting`."""

    def __init__(self, hosting: Hosting, service: str) -> None:
        self._hosting, self._service = hosting, service
        self._model = _SESSION.get_service_model(_SERVICES[service])

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        [operation] = [
            it for it in self._model.operation_names if it.lower() == name.replace("_", "")
        ]
        shape: Any = self._model.operation_model(operation).input_shape

        def call(**parameters: Any) -> dict[str, Any]:
            if self._service == "sfn":
                parameters = {key[0].lower() + key[1:]: it for key, it in parameters.items()}
            if "Body" in parameters:  # as Step Functions does
                parameters["Body"] = json.dumps(parameters["Body"]).encode()
            report = ParamValidator().validate(parameters, shape)
            assert not report.has_errors(), report.generate_report()
            with self._hosting.lock:
                self._hosting.calls.append((operation, parameters))
                self._hosting._require(operation not in self._hosting.refused, "it is refused")
                found: dict[str, Any] = getattr(self._hosting, name)(parameters)
                return found

        return call


@dataclass(frozen=True)
class Deployment:
    """How an execution of the state machine ended."""

    status: str
    output: dict[str, Any]
    error: str
    cause: str
    notifications: list[str]


@contextmanager
def hosted(hosting: Hosting, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let state machines inside call this account."""
    from moto.stepfunctions.parser.asl.utils import boto_client

    original = boto_client.boto_client_for

    def client_for(service: str, region: str, state_credentials: Any = None) -> Any:
        if service in _SERVICES or service == "stepfunctions":
            return _Client(hosting, "sfn" if service == "stepfunctions" else service)
        return original(region, service, state_credentials)

    monkeypatch.setattr(f"{_MOTO}.state_task_service_aws_sdk.boto_client_for", client_for)
    with interpreting_aws():
        yield


def deploy(
    definition: str,
    hosting: Hosting,
    *inputs: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    topics: tuple[str, ...] = (),
) -> list[Deployment]:
    """Start executions with these inputs at the same time, and return how they ended."""
    with hosted(hosting, monkeypatch):
        sns = boto3.client("sns", region_name=REGION)
        arns = [sns.create_topic(Name=name)["TopicArn"] for name in topics]
        client = boto3.client("stepfunctions", region_name=REGION)
        machine = client.create_state_machine(
            name=f"{GROUP}-deploy",
            definition=_impatient(definition),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
        )["stateMachineArn"]
        started = []
        for number, given in enumerate(inputs):
            execution = client.start_execution(
                stateMachineArn=machine, name=f"execution-{number}", input=json.dumps(given)
            )
            started.append(execution["executionArn"])
        ends = [_end(client, execution) for execution in started]
        sent = sns_backends[ACCOUNT][REGION].topics
        notifications = [it[1] for name in arns for it in sent[name].sent_notifications]
    return [
        Deployment(
            end["status"],
            json.loads(end.get("output") or "{}"),
            end.get("error", ""),
            end.get("cause", ""),
            notifications,
        )
        for end in ends
    ]


def _end(client: Any, execution: str) -> dict[str, Any]:
    latest = time.monotonic() + 60
    found: dict[str, Any] = client.describe_execution(executionArn=execution)
    while found["status"] == "RUNNING":
        assert time.monotonic() < latest, found
        time.sleep(0.01)  # moto runs it in a thread of its own
        found = client.describe_execution(executionArn=execution)
    return found


def _impatient(definition: str) -> str:
    """Return the definition without pauses and further attempts."""

    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return [changed(item) for item in value]
        if not isinstance(value, dict):
            return value
        kept = {key: changed(item) for key, item in value.items() if key != "Retry"}
        return {**kept, "Seconds": 0} if value.get("Type") == "Wait" else kept

    return json.dumps(changed(json.loads(definition)))
