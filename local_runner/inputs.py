"""The S3 objects that a plan reads and that none of its steps writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from local_runner.definition.expressions import call, item_name, resolve
from local_runner.definition.model import CONDITION, Json, Step
from local_runner.definition.parameters import DefaultsScope
from local_runner.errors import DefinitionError, JobFailed
from local_runner.function_steps import function_inputs
from local_runner.plan import Plan
from local_runner.platform.object_store import FolderStore

_SOURCES = ("S3Input", "S3DataSource")
_MODEL = "modeldataurl"
_URIS = (_MODEL, "sagemaker_submit_directory")
_NOT_READ = {
    "CheckpointConfig",
    "DriftCheckBaselines",
    "ModelMetrics",
    "OutputDataConfig",
    "ProcessingOutputConfig",
    "TransformOutput",
}
UNKNOWN_PART = "\0"
"""In URIs, in place of what is known only in an execution."""


@dataclass(frozen=True)
class StepInput:
    """An input of a step. name: of the input or channel, else the field that has the URI."""

    step: str
    name: str
    uri: str


def external_inputs(plan: Plan) -> list[StepInput]:
    """Return the inputs of the steps to run that no step of the plan writes, in the plan's order.

    Inputs whose URIs depend on other steps, or on the execution, are left out.
    """
    written = _written(plan)
    return [
        StepInput(planned.step.name, name, uri)
        for planned in plan.steps_to_run
        if planned.step.type != CONDITION
        for name, uri in dict.fromkeys(_read_by(planned.step, plan))
        if not any(overlaps(uri, output) for output in written)
    ]


def program_uris(plan: Plan) -> list[StepInput]:
    """Return the S3 URIs that programs get as arguments, variables or hyperparameters.

    Programs may read these objects, or write them. Inputs and outputs of the plan are left out.
    """
    inputs = {item.uri for item in external_inputs(plan)}
    written = _written(plan)
    return [
        StepInput(planned.step.name, name, uri)
        for planned in plan.steps_to_run
        for name, uri in dict.fromkeys(_given_to(planned.step.arguments, plan))
        if uri not in inputs and not any(overlaps(uri, output) for output in written)
    ]


def _given_to(request: Mapping[str, Json], plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield (name, S3 URI) of what a program gets; the name of an argument is ``argument``."""
    for specification in ("AppSpecification", "AlgorithmSpecification"):
        for key in ("ContainerEntrypoint", "ContainerArguments"):
            match request.get(specification):
                case {**keys} if isinstance(words := keys.get(key), list):
                    for word in words:
                        yield from _known(word, "argument", plan)
    for parent in ("Environment", "HyperParameters"):
        if isinstance(named := request.get(parent), Mapping):
            for name, value in named.items():
                yield from _known(value, name, plan)


def readable_uris(plan: Plan) -> set[str]:
    """Return the S3 URIs in the steps' requests, as far as the plan knows them, without outputs.

    Programs can also read objects whose URIs are arguments, hyperparameters or variables.
    """
    return {
        uri
        for planned in plan.steps
        if planned.step.type != CONDITION  # the steps of its branches are in the plan
        for uri in _mentioned(planned.step.arguments, plan)
    }


def missing_inputs(inputs: Iterable[StepInput], store: FolderStore) -> list[StepInput]:
    """Return the inputs for which the store has no object."""
    return [item for item in inputs if not _has_objects(store, item.uri)]


def missing_message(missing: Iterable[StepInput]) -> str:
    """Return the message for inputs without objects, with the remedy."""
    readers = readers_of(missing)
    named = "; ".join(f"{uri} ({'; '.join(steps)})" for uri, steps in readers.items())
    options = " ".join(f"--input {uri}=PATH" for uri in readers)
    return f"no object at {named}; map local data with {options}"


def input_check(plan: Plan, store: FolderStore) -> Callable[[str], None]:
    """Return a function that raises JobFailed if an external input of a step is missing.

    Its argument is the step's name. Steps that may not run are checked when they start.
    """
    inputs = external_inputs(plan)

    def check(step: str) -> None:
        if missing := missing_inputs((item for item in inputs if item.step == step), store):
            raise JobFailed(f"ClientError: {missing_message(missing)}")

    return check


def readers_of(inputs: Iterable[StepInput]) -> dict[str, list[str]]:
    """Return the steps and inputs that read each URI, as text.

    >>> readers_of([StepInput("Train", "rows", "s3://b/rows")])
    {'s3://b/rows': ['step Train, input rows']}
    """
    readers: dict[str, list[str]] = {}
    for item in inputs:
        readers.setdefault(item.uri, []).append(f"step {item.step}, input {item.name}")
    return readers


def _read_by(step: Step, plan: Plan) -> Iterator[tuple[str, str]]:
    for name, uri in _read(step.arguments, "", plan):
        # Registering a version checks its model archives, not its code.
        if step.type != "RegisterModel" or name.lower() == _MODEL:
            yield name, uri
    yield from function_inputs(step.arguments)


def _read(value: Json, name: str, plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield (name, S3 URI) of everything that a request reads."""
    if isinstance(value, Mapping):
        name = item_name(value) or name
        for key, item in value.items():
            if key in _SOURCES and isinstance(item, Mapping):
                yield from _known(item.get("S3Uri"), name, plan)
            elif key.lower() in _URIS:
                yield from _known(item, key, plan)
            elif key not in _NOT_READ:
                yield from _read(item, name or key, plan)
    elif isinstance(value, list):
        for item in value:
            yield from _read(item, name, plan)


def _mentioned(value: Json, plan: Plan) -> Iterator[str]:
    """Yield the S3 URIs in a request without its outputs, up to the first unknown part."""
    function, operand = call(value)
    if function or isinstance(operand, str):
        uri = _text(value, plan).strip('"').partition(UNKNOWN_PART)[0]
        if uri.startswith("s3://") and uri != "s3://":
            yield uri
    elif isinstance(operand, Mapping):
        for key, item in operand.items():
            if key not in _NOT_READ:
                yield from _mentioned(item, plan)
    elif isinstance(operand, list):
        for item in operand:
            yield from _mentioned(item, plan)


def _known(value: Json, name: str, plan: Plan) -> Iterator[tuple[str, str]]:
    uri = _text(value, plan).strip('"')  # hyperparameters of script mode are JSON
    if uri.startswith("s3://") and UNKNOWN_PART not in uri:
        yield name, uri


def _written(plan: Plan) -> list[str]:
    return [uri for it in plan.steps for uri in written_uris(it.step.arguments, plan)]


def written_uris(arguments: Mapping[str, Json], plan: Plan) -> Iterator[str]:
    """Yield the URIs below which a request's outputs are stored.

    Training jobs store theirs in a folder below the URI, which has the job's name. It, and other
    parts that are known only in an execution, are UNKNOWN_PART.
    """
    outputs: list[Json] = []
    match arguments.get("ProcessingOutputConfig"):
        case {"Outputs": [*items]}:
            outputs += [item.get("S3Output") for item in items if isinstance(item, Mapping)]
    outputs.append(arguments.get("TransformOutput"))
    for output in outputs:
        match output:
            case {"S3Uri": uri} | {"S3OutputPath": uri}:
                yield _text(uri, plan)
    for request in (arguments, arguments.get("TrainingJobDefinition")):
        match request:
            case {"OutputDataConfig": {"S3OutputPath": uri}} if text := _text(uri, plan):
                yield f"{text.rstrip('/')}/{UNKNOWN_PART}"


def _text(value: Json, plan: Plan) -> str:
    """Return the value of a URI; empty if it isn't a string or only a property file has it."""
    try:
        text = resolve(value, DefaultsScope(plan.parameters, UNKNOWN_PART))
    except DefinitionError:
        return ""
    return text if isinstance(text, str) else ""


def overlaps(uri: str, output: str) -> bool:
    """Return whether objects at the URI may be below that of an output."""
    folder = f"{output.rstrip('/')}/"
    return bool(output) and (folder.startswith(uri) or uri.startswith(folder))


def _has_objects(store: FolderStore, uri: str) -> bool:
    try:
        return bool(store.files(uri))
    except JobFailed:
        return False
