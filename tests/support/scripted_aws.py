"""AWS as a script: each operation answers what the test says, and every call is noted.

It stands where botocore would send a request. Requests and answers are held against AWS's own
model of the service, so that neither can name what doesn't exist; and every call must be in the
operator's policy.
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

_IMPLIED = {"GetCallerIdentity"}  # nobody needs a permission for it
_BY_ANOTHER_NAME = {"HeadObject": "GetObject", "HeadBucket": "ListBucket"}
_PREFIX = {"service-quotas": "servicequotas"}

Answer = dict[str, Any] | Exception | Callable[[dict[str, Any]], Any]


def action(service: str, operation: str) -> str:
    """What IAM calls the permission for an operation of a client."""
    return f"{_PREFIX.get(service, service)}:{_BY_ANOTHER_NAME.get(operation, operation)}"


def allowed_actions() -> set[str]:
    """Every action in the policy."""
    found: set[str] = set()
    for statement in POLICY["Statement"]:
        actions = statement["Action"]
        found |= {actions} if isinstance(actions, str) else set(actions)
    return found


class ScriptedAws:
    """What AWS answers. An operation without an answer fails the test."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.regions: dict[str, str] = {}
        self.attempts: dict[str, int] = {}
        self._answers: dict[str, list[Answer]] = {}

    def on(self, operation: str, *answers: Answer) -> None:
        """The answers to one call after the other; the last one also to all that follow."""
        self._answers[operation] = list(answers)

    def pages(self, operation: str, key: str, *pages: list[Any], token: str = "NextToken") -> None:
        """The answers in pages, each to be had with the token of the one before it."""

        def answer(request: dict[str, Any]) -> dict[str, Any]:
            number = int(request.get(token, "0"))
            more = {token: str(number + 1)} if number + 1 < len(pages) else {}
            return {key: pages[number], **more}

        self.on(operation, answer)

    def requests(self, operation: str) -> list[dict[str, Any]]:
        """What the operation was called with, call by call."""
        return [request for name, request in self.calls if name == operation]

    def names(self) -> list[str]:
        """The operations that were called."""
        return [name for name, _ in self.calls]

    def call(self, client: Any, operation: str, request: dict[str, Any]) -> Any:
        """In place of a client's way to AWS."""
        self.calls.append((operation, request))
        self.regions[operation] = client.meta.region_name
        self.attempts[operation] = client.meta.config.retries["total_max_attempts"]
        service = client.meta.service_model
        model = service.operation_model(operation)
        if model.input_shape:
            validate_parameters(request, model.input_shape)
        _insist_allowed(service.service_name, operation)
        answers = self._answers.get(operation)
        assert answers, f"nothing is scripted for {operation}"
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        answered = answer(request) if callable(answer) else answer
        if isinstance(answered, Exception):
            raise answered
        if service.service_name != "s3" and model.output_shape:
            _insist_like(answered, model.output_shape)
        return answered


def _insist_like(answer: Any, shape: Any) -> None:
    try:
        validate_parameters(answer, shape)
    except ParamValidationError as error:
        raise AssertionError(f"AWS wouldn't answer so: {error}") from None


def _insist_allowed(service: str, operation: str) -> None:
    if operation not in _IMPLIED:
        wanted = action(service, operation)
        assert any(fnmatch.fnmatchcase(wanted, known) for known in allowed_actions()), (
            f"{wanted} isn't in operations/policy.json"
        )


def error(code: str, message: str, operation: str = "Operation", status: int = 400) -> ClientError:
    """An error as AWS answers it."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, operation)
