"""Expected cost of an execution, before it starts.

It is an upper bound where it can be: every step runs, none is cached, and spot instances cost as
much as others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from botocore.exceptions import ClientError

from local_runner.definition.model import Step
from local_runner.plan import Plan, body_name
from operations.aws import executions
from operations.aws.client import Deployment
from operations.aws.jobs import kind_of
from operations.aws.maintenance.costs import JobUsage, usage_of
from operations.aws.pipelines import Pipeline
from operations.aws.reused_parameters import ReusedParameters
from operations.errors import CliError
from operations.execution_summary import SUCCEEDED, ExecutionSummary
from pipeline_diff.cost import BILLED_SECONDS, Instances, instances_of, jobs, starts_job, uses_spot

_HOUR = 3600
_MOST_EXECUTIONS = 50
"""The newest executions among which a succeeded one is looked for."""


@dataclass(frozen=True)
class ExpectedStepCost:
    """The expected cost of a step's job.

    instances: None if they are only known at execution. seconds: for which each is in use; None if
    unknown. measured_in: the ID of the execution in which that was measured; None for an
    assumption. same_instances: whether it was measured on the same ones. problem: why ``usd`` is
    None.
    """

    step: str
    instances: Instances | None
    seconds: float | None
    measured_in: str | None
    same_instances: bool
    uses_spot: bool
    usd: float | None
    problem: str


@dataclass(frozen=True)
class ExpectedCost:
    """The expected cost of an execution, by step.

    problem: why the steps are unknown; empty if they are known.
    """

    steps: Sequence[ExpectedStepCost]
    problem: str = ""

    @property
    def problems(self) -> Sequence[str]:
        """Why the cost of some steps is unknown; empty if it is known."""
        problems = (self.problem, *(step.problem for step in self.steps))
        return list(dict.fromkeys(problem for problem in problems if problem))

    @property
    def usd(self) -> float | None:
        """The total; None if the cost of a step is unknown."""
        return self.without(())

    def without(self, cached: Collection[str]) -> float | None:
        """Return the total without some steps; None if the cost of another one is unknown."""
        amounts = [step.usd for step in self.steps if step.step not in cached]
        known = [usd for usd in amounts if usd is not None]
        return None if self.problem or len(known) < len(amounts) else sum(known)


def expected_cost(deployment: Deployment, pipeline: Pipeline, plan: Plan) -> ExpectedCost:
    """Return the expected cost of the steps that the plan runs.

    A step takes as long as in the pipeline's last execution that succeeded; one that it lacks, as
    long as the comparison of definitions assumes.
    """
    return _of_steps(deployment, pipeline, plan, [it.step for it in plan.steps_to_run])


def expected_retry_cost(
    deployment: Deployment, pipeline: Pipeline, execution: ExecutionSummary
) -> ExpectedCost:
    """Return the expected cost of the steps of an execution that haven't succeeded.

    It is unknown if the definition of the execution can't be read.
    """
    known = ReusedParameters(deployment)
    try:
        plan, steps = known.plan(execution.arn), known.steps(execution.arn)
    except CliError as error:
        return ExpectedCost((), str(error))
    selected = executions.selected_steps(deployment.client("sagemaker"), execution.arn)
    remaining = [
        it.step
        for it in plan.steps
        if (not selected or it.step.name in selected)
        and not (it.step.name in steps and steps[it.step.name].succeeded)
    ]
    return _of_steps(deployment, pipeline, plan, remaining)


def require_at_most(expected: ExpectedCost, usd: float | None) -> None:
    """Raise CliError if the cost is higher than a limit, if there is one, or unknown."""
    if usd is None:
        return
    limit = f"--max-cost {usd:g}"
    if expected.usd is None:
        raise CliError(
            f"{limit}: nothing was started, because the expected cost is unknown: "
            f"{'; '.join(expected.problems)}"
        )
    if expected.usd > usd:
        raise CliError(
            f"{limit}: nothing was started, because the expected cost is up to "
            f"{expected.usd:.4f} USD"
        )


def _of_steps(
    deployment: Deployment, pipeline: Pipeline, plan: Plan, steps: Sequence[Step]
) -> ExpectedCost:
    started = [step for step in steps if starts_job(step)]
    measured = _Measured.newest(deployment, pipeline, {step.name for step in started})
    return ExpectedCost([_expected(step, plan, measured, deployment.region) for step in started])


@dataclass(frozen=True)
class _Measured:
    """An execution and the usage of its steps' jobs, by step."""

    execution_id: str
    usages: Mapping[str, JobUsage]

    @classmethod
    def newest(
        cls, deployment: Deployment, pipeline: Pipeline, names: Collection[str]
    ) -> _Measured:
        """Return the usage in the newest succeeded execution; empty if none can be read."""
        newest = islice(executions.newest_first(deployment, pipeline), _MOST_EXECUTIONS)
        try:
            found = next((it for it in newest if it.status == SUCCEEDED), None)
            usages = dict(_usages(deployment, found.arn, names)) if found else {}
        except ClientError:  # an execution can be started without knowing earlier ones
            return cls("", {})
        return cls(found.execution_id if found else "", usages)


def _usages(
    deployment: Deployment, arn: str, names: Collection[str]
) -> Iterator[tuple[str, JobUsage]]:
    """Yield the usage of each step's job; of a cached step, that of the job with the result."""
    sagemaker, now = deployment.client("sagemaker"), datetime.now(UTC)
    for step in executions.steps(sagemaker, arn):
        kind = kind_of(step)
        if kind is None or step.name not in names or not step.succeeded:
            continue
        try:
            yield step.name, usage_of(sagemaker, kind, step.resource_name, now)
        except ClientError:  # the job doesn't exist any more, or may not be read
            continue


def _expected(step: Step, plan: Plan, measured: _Measured, region: str) -> ExpectedStepCost:
    instances = instances_of(step, plan.parameters)
    usage = measured.usages.get(step.name)
    assumed = BILLED_SECONDS.get(body_name(step))
    seconds = usage.seconds if usage else assumed and assumed * jobs(step)
    hourly = instances if isinstance(instances, str) else instances.usd_per_hour(region)
    problem, usd = "", None
    if isinstance(hourly, str):
        problem = hourly
    elif seconds is None:
        problem = f"no execution that succeeded has step {step.name}, and no duration is assumed"
    else:
        usd = hourly * seconds / _HOUR
    known = instances if isinstance(instances, Instances) else None
    return ExpectedStepCost(
        step=step.name,
        instances=known,
        seconds=seconds,
        measured_in=measured.execution_id if usage else None,
        same_instances=usage is None or _are_same(usage, known),
        uses_spot=uses_spot(step),
        usd=usd,
        problem=problem,
    )


def _are_same(usage: JobUsage, instances: Instances | None) -> bool:
    return instances is not None and (usage.instance_type, usage.instance_count) == (
        instances.instance_type,
        instances.count,
    )
