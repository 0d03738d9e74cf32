"""The job of a Lambda or Callback step: a call of a Python function on this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from local_runner.definition.expressions import as_text
from local_runner.definition.model import Json, OutputParameter, Parameter
from local_runner.definition.parameters import ParameterValue, parameter_values
from local_runner.errors import JobFailed, ParameterError
from local_runner.handlers import PROGRAM, Handler
from local_runner.jobs.context import Arguments, Job, JobContext, Properties
from local_runner.platform.bound_to_parent import OPT_ML
from local_runner.platform.containers import Invocation

_FOLDER = "handler"


def function_call(handler: Handler, outputs: Sequence[OutputParameter]) -> Job:
    """Return the job that calls the handler with the step's arguments as the event."""

    def call(arguments: Arguments, context: JobContext) -> Properties:
        folder = context.opt_ml / _FOLDER
        folder.mkdir(parents=True)
        (folder / "event.json").write_text(json.dumps(dict(arguments)), encoding="utf-8")
        files = (f"{OPT_ML}/{_FOLDER}/{name}.json" for name in ("event", "result"))
        context.container.invoke(
            Invocation(
                image="",
                command=("python3", "-m", PROGRAM, str(handler.folder), handler.name, *files),
                environment=context.aws_environment(),
                opt_ml=context.opt_ml,
                log=context.log,
                max_runtime_seconds=None,
                cancellation=context.cancellation,
            )
        )
        returned = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        return {"OutputParameters": _outputs(returned, outputs, handler.name)}

    return call


def _outputs(
    returned: Json, outputs: Sequence[OutputParameter], name: str
) -> Mapping[str, ParameterValue]:
    """Return the outputs with their types. Raise JobFailed for one that is missing or mistyped."""
    values = returned if isinstance(returned, Mapping) else {}
    if missing := [output.name for output in outputs if output.name not in values]:
        raise JobFailed(f"ClientError: {name} must return an object with {', '.join(missing)}")
    parameters = [Parameter(output.name, output.type, None, ()) for output in outputs]
    try:
        texts = {it.name: as_text(values[it.name]) for it in outputs}
        return parameter_values(parameters, texts, {})
    except ParameterError as error:
        raise JobFailed(f"ClientError: {name}: output {error}") from None
