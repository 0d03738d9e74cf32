"""The runner's front door: a definition, parameter values and a work folder become an execution."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from local_runner.definition.expressions import references
from local_runner.definition.model import Json, Step, parse
from local_runner.errors import DefinitionError
from local_runner.execution.executor import Executor, Platform, available_cores
from local_runner.execution.record import PipelineExecution
from local_runner.execution.recorder import Listener
from local_runner.plan import Plan, plan
from local_runner.platform.aws_endpoint import AwsEndpoint, without_aws
from local_runner.platform.containers import HostContainer, ignore
from local_runner.platform.images import insist_runnable
from local_runner.workdir import Workdir

_IMAGES = (
    ("AppSpecification", "ImageUri"),
    ("AlgorithmSpecification", "TrainingImage"),
    ("PrimaryContainer", "Image"),
)


@dataclass(frozen=True)
class Observer:
    """Who hears what happens: of steps, and each line that a job prints.

    Steps run at the same time; each of the listeners is called by one thread at a time.
    """

    on_step: Listener = ignore
    on_line: Callable[[str], None] = ignore
    on_start: Callable[[Plan, PipelineExecution], None] = ignore


def prepare(definition_text: str, given: Mapping[str, str], deployed: Mapping[str, str]) -> Plan:
    """The plan for running a definition here, every image included.

    given: parameter values that the user chose; deployed: those that a deployment would have set.
    Raises DefinitionError or ParameterError; nothing was started.
    """
    planned = plan(parse(definition_text), given, deployed)
    for step in planned.steps:
        for image in _images(step.step, planned):
            try:
                insist_runnable(image)
            except DefinitionError as error:
                raise DefinitionError(f"step {step.step.name}: {error}") from None
    return planned


def run(
    plan: Plan, workdir: Workdir, observer: Observer, max_parallel_steps: int | None = None
) -> PipelineExecution:
    """Executes the plan to its end and returns the execution, Succeeded or Failed.

    max_parallel_steps: how many steps run at the same time, at most; as many as there are cores if
    nothing is said.
    If the newest execution of the same plan was interrupted (killed, or the machine went down), it
    is continued and its finished steps are kept. Raises WorkdirError if another process runs it.
    """
    store = workdir.executions
    fingerprint = _fingerprint(plan)
    execution = store.interrupted(fingerprint) or PipelineExecution(
        execution_id=store.new_id(),
        fingerprint=fingerprint,
        parameters=plan.parameters,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    with store.claimed(execution.execution_id):
        observer.on_start(plan, execution)
        with AwsEndpoint(workdir.registry, workdir.store) as aws:
            platform = Platform(
                workdir.store,
                HostContainer(observer.on_line, without_aws(os.environ)),
                aws_environment=aws.environment,
                max_parallel_steps=max_parallel_steps or available_cores(),
            )
            Executor(plan, execution, workdir, platform, observer.on_step).execute()
    return execution


def _fingerprint(plan: Plan) -> str:
    steps = [repr(planned) for planned in plan.steps]
    content = json.dumps([steps, dict(plan.parameters)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _images(step: Step, plan: Plan) -> Iterator[str]:
    """The images of a step, written out or in a parameter.

    That of a registered version is known when its model is created.
    """
    for keys in _IMAGES:
        value: Json = step.arguments
        for key in keys:
            if not isinstance(value, Mapping):
                raise DefinitionError(f"step {step.name}: {keys[0]} must be a JSON object")
            value = value.get(key, {})
        for reference in references(value):
            if reference.root == "Parameters":
                value = plan.parameters[reference.name]
        if isinstance(value, str):
            yield value
