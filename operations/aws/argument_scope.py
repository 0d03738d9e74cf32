"""Values of arguments in an execution, as far as requests and definitions show them.

The results of a step are those of the execution that performed it. What its request doesn't have,
such as the name of its model, is a text that is the same in all executions with that result.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from local_runner.definition.expressions import Reference, follow, references, resolve
from local_runner.definition.model import Json, Step
from local_runner.errors import DefinitionError
from operations.aws.executions import StepExecution

NEW = "new-execution"
"""The ID of an execution that hasn't started."""

_SAME_IN_ALL = ("PipelineName", "PipelineArn")


@dataclass(frozen=True)
class KnownExecution:
    """An execution: an earlier one, or the new one, which has no records yet.

    steps, records: by the names of steps.
    """

    execution_id: str
    parameters: Mapping[str, Json]
    steps: Mapping[str, Step]
    records: Mapping[str, StepExecution]


@dataclass(frozen=True)
class ArgumentScope:
    """The values of references in an execution.

    find: returns an execution by its ID. performed: returns the ID of the execution whose result a
    step of an execution has.
    """

    execution: KnownExecution
    find: Callable[[str], KnownExecution | None]
    performed: Callable[[KnownExecution, str], str]

    def resolved(self, expression: Json) -> Json:
        """Return the value of an expression; if that isn't known, a text that stands for it."""
        try:
            return resolve(expression, self)
        except DefinitionError:
            steps = {it.name for it in references(expression) if it.root == "Steps"}
            origins = sorted(f"{step} of {self.performed(self.execution, step)}" for step in steps)
            return f"{json.dumps(expression, sort_keys=True)} with {', '.join(origins)}"

    def value(self, reference: Reference) -> Json:
        """Return the value of a reference."""
        execution_id = self.execution.execution_id
        if reference.root == "Parameters":
            return self.execution.parameters[reference.name]
        if reference.root == "Execution":
            is_same = reference.name in _SAME_IN_ALL
            return reference.name if is_same else f"{reference.name} of {execution_id}"
        origin = self.performed(self.execution, reference.name)
        owner = self.find(origin)
        if owner and reference.name in owner.steps:
            try:  # the request has many properties too, such as the URIs of outputs
                request = follow(owner.steps[reference.name].arguments, reference.rest, "")
                return replace(self, execution=owner).resolved(request)
            except DefinitionError:
                pass
        path = ".".join(map(str, reference.rest))
        return f"{path} of {reference.name} of {origin}"

    def document(self, uri: str) -> Json:
        """Raise DefinitionError: objects aren't read."""
        raise DefinitionError(f"the content of {uri} isn't known")
