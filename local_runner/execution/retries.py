"""Retry policies: which failures are tried again, how often, after which pauses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from local_runner.definition.model import RetryPolicy
from local_runner.errors import JobInterrupted

INTERRUPTION = "SageMaker.JOB_INTERNAL_ERROR"
"""The one exception of the service that can befall a job on this machine."""

Result = TypeVar("Result")


def with_retries(
    attempt: Callable[[int], Result],
    policies: Sequence[RetryPolicy],
    pause: Callable[[JobInterrupted, float], None],
) -> Result:
    """What ``attempt(number)`` returns, counted from 1; an interruption is retried by policy.

    pause: waits, for this reason, so many seconds. Raises what the last attempt raised.
    """
    policy = next((policy for policy in policies if INTERRUPTION in policy.exceptions), None)
    number = 1
    while True:
        try:
            return attempt(number)
        except JobInterrupted as error:
            # MaxAttempts counts the retries, not the first try.
            if policy is None or number > policy.max_attempts:
                raise
            pause(error, policy.interval * policy.backoff ** (number - 1))
        number += 1
