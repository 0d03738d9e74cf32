"""State machines: traced, with logs of every state."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
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
    return states.StateMachine(
        scope,
        "StateMachine",
        comment=comment,
        definition_body=states.DefinitionBody.from_chainable(definition),
        timeout=timeout,
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
    )
