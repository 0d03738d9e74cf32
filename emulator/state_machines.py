"""moto's interpreter of state machines: calls of AWS's SDKs as Step Functions makes them.

Step Functions names services without hyphens and members with a capital letter, sends a body as
JSON, and returns bodies and times as text. Further attempts are made sooner.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from botocore.session import get_session
from moto.core.utils import get_service_model
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
)
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

MAX_PAUSE_SECONDS = 1
"""The longest pause before a further attempt."""

parse_once = cache(AmazonStateLanguageParser.parse)
"""Parse a definition, which takes far longer than its run; moto would parse it for each run."""

_Call: Any = state_task_service_aws_sdk.StateTaskServiceAwsSdk


def complete_interpreter() -> None:
    """Change moto's interpreter in this process."""
    for name in get_session().get_available_services():
        _Call._SERVICE_NAME_SFN_TO_BOTO_OVERRIDES.setdefault(name.replace("-", ""), name)
    _Call._normalise_parameters = _to_service
    _Call._normalise_response = _from_service
    parser: Any = AmazonStateLanguageParser
    parser.parse = parse_once
    retrying: Any = retrier_decl
    retrying.time = SimpleNamespace(sleep=_sleep)


def _sleep(seconds: float) -> None:
    time.sleep(min(seconds, MAX_PAUSE_SECONDS))


def _to_service(self: Any, parameters: dict[str, Any], *_: Any) -> None:
    _replace(parameters, _sent(parameters, _operation(self).input_shape))


def _from_service(self: Any, response: Any, *_: Any) -> None:
    _replace(response, _received(response, _operation(self).output_shape))


def _operation(call: Any) -> Any:
    action = call.resource.api_action
    model = get_service_model(call._get_boto_service_name())
    return model.operation_model(action[0].upper() + action[1:])


def _replace(document: dict[str, Any], other: Mapping[str, Any]) -> None:
    document.clear()
    document.update(other)


def _sent(value: Any, shape: Any) -> Any:
    """Return a value with the member names of the service's model, and bodies as JSON."""
    kind = shape.type_name if shape else None
    if kind == "structure" and isinstance(value, Mapping):
        names = {_named(name): name for name in shape.members}
        found = {names.get(key, key): item for key, item in value.items()}
        return {key: _sent(item, shape.members.get(key)) for key, item in found.items()}
    if kind == "list" and isinstance(value, list):
        return [_sent(item, shape.member) for item in value]
    return json.dumps(value).encode() if kind == "blob" else value


def _received(value: Any, shape: Any) -> Any:
    """Return a response as the state gets it."""
    kind = shape.type_name if shape else None
    if kind == "structure" and isinstance(value, Mapping):
        return {_named(key): _received(item, shape.members.get(key)) for key, item in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_received(item, shape.member) for item in value]
    if kind == "blob":
        return (value.read() if hasattr(value, "read") else value).decode()
    return value.isoformat() if isinstance(value, datetime) else value


def _named(member: str) -> str:
    return member[0].upper() + member[1:]
