"""Retry policies: attempt a job again after an interruption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from local_runner.definition.model import RetryPolicy
from local_runner.errors import JobInterrupted

Result = TypeVar("Result")


def with_retries(
    attempt: Callable[[int], Result],
    policies: Sequence[RetryPolicy],
    pause: Callable[[JobInterrupted, float], None],
) -> Result:
    """Return what ``attempt(number)`` returns, counted from 1; retry interruptions by policy.

    pause: called with the interruption and the seconds to wait. Raise what the last attempt raised.
    """
    number = 1
    while True:
        try:
            return attempt(number)
        except JobInterrupted as error:
            policy = next((it for it in policies if error.exception in it.exceptions), None)
            # MaxAttempts counts retries, not the first attempt.
            if policy is None or number > policy.max_attempts:
                raise
            pause(error, policy.interval * policy.backoff ** (number - 1))
        number += 1
