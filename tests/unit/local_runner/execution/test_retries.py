"""Retry policies: which failures are retried, and after which intervals."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_runner.definition.model import RetryPolicy
from local_runner.errors import DefinitionError, JobFailed, JobInterrupted
from local_runner.execution.retries import with_retries

INTERRUPTION = ("SageMaker.JOB_INTERNAL_ERROR",)


def into(pauses: list[float]) -> Callable[[JobInterrupted, float], None]:
    return lambda _, seconds: pauses.append(seconds)


def failing(times: int, error: type[Exception] = JobInterrupted) -> Callable[[int], int]:
    """An attempt that fails ``times`` times and then returns its number."""

    def attempt(number: int) -> int:
        if number <= times:
            raise error(f"attempt {number}")
        return number

    return attempt


def policy(
    exceptions: tuple[str, ...] = INTERRUPTION,
    interval: float = 10,
    backoff: float = 2,
    max_attempts: int = 3,
) -> RetryPolicy:
    return RetryPolicy(exceptions, interval, backoff, max_attempts)


def test_succeeding_job_is_attempted_once() -> None:
    pauses: list[float] = []
    assert with_retries(failing(0), [policy()], into(pauses)) == 1
    assert pauses == []


@pytest.mark.parametrize(
    ("interval", "backoff", "pauses"),
    [(10, 2, [10, 20, 40]), (60, 1, [60, 60, 60]), (1, 1.5, [1, 1.5, 2.25]), (0, 2, [0, 0, 0])],
)
def test_intervals_grow_by_the_backoff_rate(
    interval: float, backoff: float, pauses: list[float]
) -> None:
    slept: list[float] = []
    policies = [policy(interval=interval, backoff=backoff)]
    assert with_retries(failing(3), policies, into(slept)) == 4
    assert slept == pauses


def test_policy_is_that_of_the_exception() -> None:
    class ResourceLimit(JobInterrupted):
        exception = "SageMaker.RESOURCE_LIMIT"

    slept: list[float] = []
    policies = [policy(interval=10), policy((ResourceLimit.exception,), interval=60)]
    assert with_retries(failing(1, ResourceLimit), policies, into(slept)) == 2
    assert slept == [60]


def test_last_interruption_is_raised_after_the_last_attempt() -> None:
    slept: list[float] = []
    with pytest.raises(JobInterrupted, match=r"^attempt 3$"):
        with_retries(failing(9), [policy(max_attempts=2)], into(slept))
    assert slept == [10, 20]


def test_policy_that_names_the_interruption_applies() -> None:
    slept: list[float] = []
    policies = [
        policy(exceptions=("Step.SERVICE_FAULT",), interval=1),
        policy(exceptions=("SageMaker.CAPACITY_ERROR", *INTERRUPTION), interval=5),
    ]
    assert with_retries(failing(1), policies, into(slept)) == 2
    assert slept == [5]


@pytest.mark.parametrize(
    "policies",
    [[], [policy(exceptions=("Step.THROTTLING",))], [policy(max_attempts=0)]],
    ids=["no-policy", "other-exception", "no-attempts"],
)
def test_interruption_without_a_policy_is_not_retried(policies: list[RetryPolicy]) -> None:
    slept: list[float] = []
    with pytest.raises(JobInterrupted, match=r"^attempt 1$"):
        with_retries(failing(1), policies, into(slept))
    assert slept == []


@pytest.mark.parametrize("error", [JobFailed, DefinitionError, KeyboardInterrupt])
def test_other_errors_are_not_retried(error: type[Exception]) -> None:
    slept: list[float] = []
    with pytest.raises(error, match=r"^attempt 1$"):
        with_retries(failing(1, error), [policy()], into(slept))
    assert slept == []
