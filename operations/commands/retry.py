"""``retry``: continue an execution."""

from __future__ import annotations

import click

from operations.command_line.target import AwsTarget, LocalTarget, TargetOptions, target_options
from operations.errors import FAILURE, SUCCESS
from operations.options import (
    execution_argument,
    interval_option,
    max_cost_option,
    scoring_option,
    wait_option,
)


@click.command()
@execution_argument
@max_cost_option
@wait_option
@interval_option
@scoring_option
@target_options
def retry(
    execution: str | None,
    max_cost: float | None,
    wait: bool,
    interval: float,
    where: TargetOptions,
    as_json: bool,
) -> int:
    """Continue a failed or stopped execution.

    EXECUTION is an ID or ARN; default: the newest. Runs the steps that haven't succeeded, with the
    definition, parameters and code of the execution. A local execution is always watched until it
    ends; it can also have been interrupted.
    """
    from operations.views.execution import print_execution

    match where.target(execution):
        case LocalTarget(workdir=workdir, scoring=scoring):
            from operations.local.model_versions import LocalModelRegistry
            from operations.local.running.retry import retry as retry_local

            outcome = retry_local(workdir, execution, scoring=scoring, quiet=as_json)
            command = LocalModelRegistry(workdir).next_command(outcome)
            print_execution(outcome, as_json=as_json, next_command=command)
            return SUCCESS if outcome.succeeded else FAILURE
        case AwsTarget() as target:
            from dataclasses import replace

            from operations.aws import executions, pipelines
            from operations.aws.model_versions import next_command
            from operations.aws.pricing.expected_cost import expected_retry_cost, require_at_most
            from operations.aws.watching.polling import Polling
            from operations.aws.watching.watch import watch
            from operations.progress import Progress
            from operations.views.maintenance.expected_cost import (
                expected_cost_document,
                print_expected_cost,
            )

            with target.connected() as deployment:
                pipeline = pipelines.find_pipeline(deployment)
                found = executions.find_execution(deployment, pipeline, execution)
                executions.require_retryable(found)
                expected = expected_retry_cost(deployment, pipeline, found)
                require_at_most(expected, max_cost)
                with Progress(quiet=as_json) as progress:
                    print_expected_cost(expected, progress)
                    retried = executions.retry_execution(deployment, found)
                if wait:
                    retried = watch(deployment, retried, Polling(interval), quiet=as_json)
                retried = replace(retried, expected_cost=expected_cost_document(expected))
                command = next_command(deployment, retried)
                print_execution(retried, as_json=as_json, next_command=command)
            return FAILURE if wait and not retried.succeeded else SUCCESS
