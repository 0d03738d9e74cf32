"""State machines: traced, with logs of every state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as states
from constructs import Construct


def logged_state_machine(
    scope: Construct,
    definition: states.IChainable,
    *,
    comment: str,
    key: kms.IKey | None,
    timeout: Duration,
) -> states.StateMachine:
    """Return a state machine whose logs are kept for a month, encrypted with the key if any."""
    body = states.DefinitionBody.from_chainable(definition)
    return _machine(scope, body, key, comment=comment, timeout=timeout)


def written_state_machine(
    scope: Construct, definition: Mapping[str, Any], *, name: str, key: kms.IKey | None
) -> states.StateMachine:
    """Return the same for a definition in the Amazon States Language; ${Partition} is AWS's."""
    written = json.loads(json.dumps(definition).replace("${Partition}", Aws.PARTITION))
    body = states.DefinitionBody.from_string(Stack.of(scope).to_json_string(written))
    return _machine(scope, body, key, state_machine_name=name)


def _machine(
    scope: Construct, body: states.DefinitionBody, key: kms.IKey | None, **properties: Any
) -> states.StateMachine:
    return states.StateMachine(
        scope,
        "StateMachine",
        definition_body=body,
        tracing_enabled=True,
        logs=states.LogOptions(
            destination=logs.LogGroup(
                scope,
                "Logs",
                encryption_key=key,
                retention=logs.RetentionDays.ONE_MONTH,
                removal_policy=RemovalPolicy.DESTROY,
            ),
            level=states.LogLevel.ALL,
        ),
        **properties,
    )
