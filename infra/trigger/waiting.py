"""The states in which a dataset waits until no execution of the pipeline is running.

Executions of a pipeline could run side by side, so the state machine of each waiting dataset looks
for running ones every few minutes: WaitForTurn -> ListExecutions -> IsExecutionRunning -> CountWait
-> WaitForTurn, and so on.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_stepfunctions as states
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.trigger.arrivals import HASH
from infra.trigger.calls import DATASET, Calls
from infra.trigger.waiting_times import LONGEST_WAIT_DAYS, POLLING_SECONDS

_WAITS, _SECONDS = "$.waits", "$.seconds"
_MOST_WAITS = LONGEST_WAIT_DAYS * 24 * 60 * 60 // POLLING_SECONDS
_RUNNING = {"isExecuting": "Executing", "isStopping": "Stopping"}

Condition = states.Condition


def between(first: int, last: int) -> str:
    """Return the expression of a random number: machines that wait don't look all at once."""
    return states.JsonPath.string_at(f"States.MathRandom({first}, {last})")


class Waiting:
    """The states of a dataset that waits.

    arrived: the first one, which leads to ``wait``, or to ``after_arrival`` before it. again: leads
    to ``wait`` again, or to a failure after too many times.
    """

    def __init__(
        self,
        scope: Construct,
        calls: Calls,
        *,
        seconds: Any,
        after_arrival: tasks.CallAwsService | None = None,
    ) -> None:
        self._scope = scope
        self.wait = states.Wait(scope, "WaitForTurn", time=states.WaitTime.seconds_path(_SECONDS))
        arrived = self._dataset("NewDataset", waits=0, seconds=seconds)
        self.arrived = arrived.next(after_arrival) if after_arrival else arrived
        self.arrived.next(self.wait)
        expired = calls.failure(
            "WaitedTooLong",
            "States.Format('{} is not used: other executions have run for "
            f"{LONGEST_WAIT_DAYS} days since it arrived.', {DATASET})",
        )
        self.again = self._dataset(
            "CountWait",
            waits=states.JsonPath.string_at(f"States.MathAdd({_WAITS}, 1)"),
            seconds=between(POLLING_SECONDS * 4 // 5, POLLING_SECONDS * 6 // 5),
        ).next(
            states.Choice(scope, "IsTooLong")
            .when(Condition.number_greater_than(_WAITS, _MOST_WAITS), expired)
            .otherwise(self.wait)
        )

    def _dataset(self, id: str, **counts: Any) -> states.Pass:
        given = {"dataset": DATASET, "hash": HASH}
        parameters = {name: states.JsonPath.string_at(path) for name, path in given.items()}
        return states.Pass(self._scope, id, parameters={**parameters, **counts})


def list_executions(calls: Calls, **more: Any) -> tasks.CallAwsService:
    """Return the state that lists the pipeline's newest executions.

    more: expressions by the names of further results.
    """
    statuses = states.JsonPath.list_at("$.PipelineExecutionSummaries[*].PipelineExecutionStatus")
    return calls.of_pipeline(
        "ListExecutions",
        "listPipelineExecutions",
        {"MaxResults": 100, "SortBy": "CreationTime", "SortOrder": "Descending"},
        result_selector={
            **{
                name: states.JsonPath.array_contains(statuses, status)
                for name, status in _RUNNING.items()
            },
            **more,
        },
        result_path="$.executions",
    )


def is_running() -> states.Condition:
    """Return the condition that one of the listed executions is running."""
    return Condition.or_(
        *(Condition.boolean_equals(f"$.executions.{name}", True) for name in _RUNNING)
    )
