"""States of the Amazon States Language, as the state machine's definition writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from infra.endpoint.machine.paths import REPORT

State = dict[str, Any]
States = dict[str, State]

ERROR = "$.error"
"""Where a failure is until it is reported: its `Error` and `Cause`."""

IGNORED = "$.ignored"
"""Where results go that no state reads; the CDK drops a ResultPath of null."""

# SageMaker throttles, and doesn't find at once what was just created.
_RETRY = {
    "ErrorEquals": ["States.TaskFailed"],
    "IntervalSeconds": 3,
    "MaxAttempts": 5,
    "BackoffRate": 2,
    "JitterStrategy": "FULL",
}


def call(
    action: str,
    parameters: Mapping[str, Any],
    *,
    then: str,
    select: Mapping[str, str] | None = None,
    to: str | None = None,
    on_error: str | None = None,
    error_to: str = ERROR,
) -> State:
    """Return a call to AWS, such as ``sagemaker:createModel``, that is retried.

    then: the next state. select, to: what is kept of the response, and where; by
    default, it's ignored. on_error: the state after the last attempt; by default, the report.
    """
    state: State = {
        "Type": "Task",
        "Resource": f"arn:${{Partition}}:states:::aws-sdk:{action}",
        "Parameters": dict(parameters),
        "Retry": [_RETRY],
        "ResultPath": to or IGNORED,
        "Next": then,
    }
    if select:
        state["ResultSelector"] = dict(select)
    if on_error:
        state["Catch"] = [catch(on_error, error_to)]
    return state


def catch(then: str, to: str = ERROR) -> State:
    """Return the handler of every error, which is stored there."""
    return {"ErrorEquals": ["States.ALL"], "ResultPath": to, "Next": then}


def wait(seconds: int, then: str) -> State:
    """Return a pause."""
    return {"Type": "Wait", "Seconds": seconds, "Next": then}


def choice(*rules: tuple[Mapping[str, Any], str], otherwise: str) -> State:
    """Return a choice: the state of the first condition that is met."""
    return {
        "Type": "Choice",
        "Choices": [{**condition, "Next": then} for condition, then in rules],
        "Default": otherwise,
    }


def put(to: str, values: Mapping[str, Any], then: str) -> State:
    """Return a state that stores these values there."""
    return {"Type": "Pass", "Parameters": dict(values), "ResultPath": to, "Next": then}


def outcome(name: str, **values: str) -> State:
    """Return the end of an execution, whose output has the outcome's name and these values."""
    return {"Type": "Pass", "Parameters": {"outcome": name, **values}, "End": True}


def failed(error: str, *, cause_path: str) -> State:
    """Return a failure with the cause at a path, or of an expression."""
    return {"Type": "Fail", "Error": error, "CausePath": cause_path}


def formatted(text: str, *paths: str) -> str:
    """Return the expression for a text with the values at the paths in place of its ``{}``.

    text: without apostrophes.
    """
    arguments = ", ".join([f"'{text}'", *paths])
    return f"States.Format({arguments})"


def report_error(error: str, text: str, *paths: str) -> State:
    """Return a state that leads to the report of an error; see `formatted` for its cause."""
    return put(ERROR, {"Error": error, "Cause.$": formatted(text, *paths)}, REPORT)


def is_text(path: str, value: str) -> State:
    """Return the condition that the text at the path is the value."""
    return {"Variable": path, "StringEquals": value}


def matches(path: str, pattern: str) -> State:
    """Return the condition that the text at the path matches; ``*`` stands for any text."""
    return {"Variable": path, "StringMatches": pattern}


def is_any(path: str, values: Iterable[str]) -> State:
    """Return the condition that the text at the path is one of the values."""
    return {"Or": [is_text(path, value) for value in values]}


def is_equal(path: str, other: str) -> State:
    """Return the condition that the texts at both paths are equal."""
    return {"Variable": path, "StringEqualsPath": other}


def is_true(path: str) -> State:
    """Return the condition that the value at the path is true."""
    return {"Variable": path, "BooleanEquals": True}


def is_zero(path: str) -> State:
    """Return the condition that the number at the path is 0."""
    return {"Variable": path, "NumericEquals": 0}


def is_present(path: str) -> State:
    """Return the condition that there is a value at the path."""
    return {"Variable": path, "IsPresent": True}


def both(*conditions: State) -> State:
    """Return the condition that all conditions are met."""
    return {"And": list(conditions)}
