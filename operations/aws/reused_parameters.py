"""Parameter values that results of executions on AWS were made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from local_runner.definition.model import Json
from local_runner.definition.parsing import parse
from local_runner.errors import LocalRunnerError
from local_runner.plan import Plan, PlannedStep, make_plan
from operations.aws import executions
from operations.aws.client import Deployment
from operations.aws.executions import StepExecution
from operations.errors import CliError


@dataclass(frozen=True)
class _Execution:
    """An execution's plan with its values, and its steps."""

    plan: Plan
    planned: Mapping[str, PlannedStep]
    steps: Mapping[str, StepExecution]


@dataclass
class ReusedParameters:
    """The parameters of results, each execution being read once."""

    deployment: Deployment
    _read: dict[str, _Execution] = field(default_factory=dict)

    def steps(self, arn: str) -> Mapping[str, StepExecution]:
        """Return an execution's steps by name. Raise CliError if its definition can't be read."""
        return self._execution(arn).steps

    def plan(self, arn: str) -> Plan:
        """Return an execution's plan. Raise CliError if its definition can't be read."""
        return self._execution(arn).plan

    def of_result(self, arn: str, name: str) -> dict[str, list[Json]]:
        """Return the values that a step's result in an execution depends on, by parameter.

        They are those in the step's arguments, and those of the steps that it reads: of the
        execution that performed the step. Raise CliError if its definition can't be read.
        """
        execution = self._execution(arn)
        step = execution.steps.get(name)
        if step and step.reused_from:
            return self.of_result(f"{arn.rpartition('/')[0]}/{step.reused_from}", name)
        planned = execution.planned[name]
        found: dict[str, list[Json]] = {
            key: [execution.plan.parameters[key]] for key in planned.parameters
        }
        for read in planned.reads:
            for key, values in self.of_result(arn, read).items():
                known = found.setdefault(key, [])
                known += [value for value in values if value not in known]
        return found

    def _execution(self, arn: str) -> _Execution:
        if arn not in self._read:
            sagemaker = self.deployment.client("sagemaker")
            definition = executions.definition(sagemaker, arn)
            try:
                given = executions.parameters(sagemaker, arn)
                plan = make_plan(parse(definition), given, {})
            except LocalRunnerError as error:
                raise CliError(f"the definition of execution {arn}: {error}") from None
            self._read[arn] = _Execution(
                plan,
                {it.step.name: it for it in plan.steps},
                {step.name: step for step in executions.steps(sagemaker, arn)},
            )
        return self._read[arn]
