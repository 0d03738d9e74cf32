"""A scripted AWS: the test sets the answer of each operation, and every call is recorded.

It replaces botocore's requests. Requests and answers are validated against AWS's model of the
service, and every call must be allowed by the operator's policy.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.stub import validate_parameters

import operations

POLICY = json.loads(Path(operations.__file__).with_name("policy.json").read_text())

_IMPLIED = {"GetCallerIdentity"}  # needs no permission
_BY_ANOTHER_NAME = {
    "CopyObject": "PutObject",  # and GetObject of the source
    "HeadObject": "GetObject",
    "HeadBucket": "ListBucket",
    "ListObjectsV2": "ListBucket",
}
_PREFIX = {
    "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas",
    "stepfunctions": "states",
}

Answer = dict[str, Any] | Exception | Callable[[dict[str, Any]], Any]


def action(service: str, operation: str) -> str:
    """The IAM action for an operation of a client."""
    return f"{_PREFIX.get(service, service)}:{_BY_ANOTHER_NAME.get(operation, operation)}"


def allowed_actions() -> set[str]:
    """Every action in the policy."""
    found: set[str] = set()
    for statement in POLICY["Statement"]:
        actions = statement["Action"]
        found |= {actions} if isinstance(actions, str) else set(actions)
    return found


class ScriptedAws:
    """Answers by operation. An operation without an answer fails the test."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.regions: dict[str, str] = {}
        self.attempts: dict[str, int] = {}
        self._answers: dict[str, list[Answer]] = {}

    def on(self, operation: str, *answers: Answer) -> None:
        """Set the answers to successive calls; the last one is repeated."""
        self._answers[operation] = list(answers)

    def pages(self, operation: str, key: str, *pages: list[Any], token: str = "NextToken") -> None:
        """Set an answer in pages, linked by tokens."""

        def answer(request: dict[str, Any]) -> dict[str, Any]:
            number = int(request.get(token, "0"))
            more = {token: str(number + 1)} if number + 1 < len(pages) else {}
            return {key: pages[number], **more}

        self.on(operation, answer)

    def requests(self, operation: str) -> list[dict[str, Any]]:
        """The requests of an operation."""
        return [request for name, request in self.calls if name == operation]

    def names(self) -> list[str]:
        """The operations that were called."""
        return [name for name, _ in self.calls]

    def call(self, client: Any, operation: str, request: dict[str, Any]) -> Any:
        """Answer a call in place of AWS."""
        self.calls.append((operation, request))
        self.regions[operation] = client.meta.region_name
        self.attempts[operation] = client.meta.config.retries["total_max_attempts"]
        service = client.meta.service_model
        model = service.operation_model(operation)
        if model.input_shape:
            validate_parameters(request, model.input_shape)
        _require_allowed(service.service_name, operation)
        answers = self._answers.get(operation)
        assert answers, f"no answer is set for {operation}"
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        answered = answer(request) if callable(answer) else answer
        if isinstance(answered, Exception):
            raise answered
        if service.service_name != "s3" and model.output_shape:
            _require_shape(answered, model.output_shape)
        return answered


def _require_shape(answer: Any, shape: Any) -> None:
    try:
        validate_parameters(answer, shape)
    except ParamValidationError as error:
        raise AssertionError(f"not a valid answer of AWS: {error}") from None


def _require_allowed(service: str, operation: str) -> None:
    if operation not in _IMPLIED:
        wanted = action(service, operation)
        assert any(fnmatch.fnmatchcase(wanted, known) for known in allowed_actions()), (
            f"{wanted} isn't in operations/policy.json"
        )


def error(code: str, message: str, operation: str = "Operation", status: int = 400) -> ClientError:
    """An error of AWS."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, operation)
