"""The states that start a training after drift, at most one in each period.

The execution's display name has the period in it. Of two events at the same time, or in a month
with more executions than are listed, the token of the call prevents the second start; calls with
the same token are equal, because AWS may refuse others.
"""

from __future__ import annotations

from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from infra.trigger.calls import Calls, dataset_version, date_of

DRIFTED_AT = "$.driftedAt"
NAMES = "displayNames"
_RETRAINING = "$.retraining"

# Parts of a time such as 2026-11-29T21:14:06Z.
_DATE = date_of(DRIFTED_AT)
_PERIODS = {
    "hourly": f"States.ArrayGetItem(States.StringSplit({DRIFTED_AT}, ':'), 0)",
    "daily": _DATE,
    "monthly": "States.Format('{}-{}', "
    + ", ".join(f"States.ArrayGetItem(States.StringSplit({_DATE}, '-'), {n})" for n in (0, 1))
    + ")",
}


def listed_names() -> list[str]:
    """Return the expression of the listed executions' names, for `list_executions`."""
    return states.JsonPath.list_at("$.PipelineExecutionSummaries[*].PipelineExecutionDisplayName")


def retraining(
    scope: Construct, calls: Calls, period: str, *, is_read_again: bool
) -> states.IChainable:
    """Return NameRetraining -> WasRetrained -> AlreadyRetrained, or a start with that name.

    is_read_again: whether the dataset may have changed since it was cached.
    """
    name = f"States.Format('drift-{{}}', {_PERIODS[period]})"
    return states.Pass(
        scope,
        "NameRetraining",
        parameters={
            "name": states.JsonPath.string_at(name),
            "isStarted": states.JsonPath.string_at(
                f"States.ArrayContains($.executions.{NAMES}, {name})"
            ),
        },
        result_path=_RETRAINING,
    ).next(
        states.Choice(scope, "WasRetrained")
        .when(
            states.Condition.boolean_equals(f"{_RETRAINING}.isStarted", True),
            states.Succeed(scope, "AlreadyRetrained"),
        )
        .otherwise(
            calls.start(
                "StartRetraining",
                once=f"{_RETRAINING}.name",
                PipelineExecutionDescription="Started because the scoring pipeline measured drift",
                PipelineExecutionDisplayName=states.JsonPath.string_at(f"{_RETRAINING}.name"),
                PipelineParameters=[dataset_version(f"{_RETRAINING}.name")] * is_read_again,
            )
        )
    )
