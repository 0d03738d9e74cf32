"""From what the user names to pipelines: files, folders, revisions of git, what is deployed.

What a side is, is decided in this order: ``deployed:NAME``; a file or folder that exists; a
revision, which may name a file (``main:cdk.out/...``) and else stands for its committed
definitions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from local_runner.definition.model import Json, PipelineDefinition, parse
from local_runner.errors import DefinitionError
from operations.errors import UsageError
from pipeline_diff.pipeline import Pipeline
from pipeline_diff.revisions import texts_at
from pipeline_diff.template import Template, UnreadableTemplate

DEPLOYED = "deployed:"

_TEMPLATE = ".template.json"

DeployedTemplate = Callable[[str], tuple[str, Json]]
"""From an environment's name to its stack's name and its template. Raises CliError."""


@dataclass(frozen=True)
class Stack:
    """The pipelines of one stack, or definitions alone, whose name is None.

    is_alone: one definition was given by itself, so nothing is said of another one.
    """

    name: str | None
    pipelines: tuple[Pipeline, ...]
    is_alone: bool = False


@dataclass(frozen=True)
class Side:
    """What OLD or NEW stands for. is_folder: several stacks, compared by their names."""

    given: str
    stacks: tuple[Stack, ...]
    is_folder: bool = False


def read(given: str, deployed: DeployedTemplate) -> Side:
    """The side that ``given`` names. Raises UsageError or CliError, naming it."""
    if given.startswith(DEPLOYED):
        environment = given.removeprefix(DEPLOYED)
        if not environment:
            raise UsageError(f"{given} names no environment; write it behind, as in deployed:dev")
        name, document = deployed(environment)
        return Side(given, (_stack(document, given, name),))
    path = Path(given)
    if path.is_dir():
        return Side(given, _of_folder(path), is_folder=True)
    if path.exists():
        return Side(given, (_of_text(_of_file(path), given),))
    return Side(given, (_of_revision(given),))


def _of_revision(given: str) -> Stack:
    """Both committed definitions of a revision, or what lies in one of its files."""
    texts = texts_at(given)
    if len(texts) == 1 and ":" in given:
        return _of_text(texts[0], given)
    found = [_of_text(text, given) for text in texts]
    return Stack(None, tuple(pipeline for stack in found for pipeline in stack.pipelines))


def _of_text(text: str, given: str) -> Stack:
    return _stack(_json(text, given), given, _stack_name(given))


def _of_folder(folder: Path) -> tuple[Stack, ...]:
    found = []
    for path in sorted(folder.glob(f"*{_TEMPLATE}")):
        document = _json(_of_file(path), str(path))
        if _is_template(document) and Template.of(document).has_pipeline:
            found.append(_stack(document, str(path), _stack_name(path.name)))
    if not found:
        raise UsageError(
            f"{folder}: no template with a SageMaker pipeline in it; give the folder that "
            "`make synth` writes, cdk.out"
        )
    return tuple(found)


def _of_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: isn't text") from None


def _json(text: str, given: str) -> Json:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{given}: isn't JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None


def _stack(document: Json, given: str, name: str | None) -> Stack:
    """The pipelines of a template, or a definition alone."""
    try:
        if _is_template(document):
            return Stack(name, tuple(_of_template(Template.of(document), name)))
        if isinstance(document, Mapping) and "Steps" in document:
            definition = parse(json.dumps(document))
            alone = Pipeline(None, definition, scores=not _trains(definition))
            return Stack(None, (alone,), is_alone=True)
    except (DefinitionError, UnreadableTemplate) as error:
        raise UsageError(f"{given}: {error}") from None
    raise UsageError(
        f"{given}: neither a pipeline's definition (with Steps) nor a template of CloudFormation "
        "(with Resources)"
    )


def _of_template(template: Template, stack: str | None) -> Iterator[Pipeline]:
    grants = template.grants()
    for scores, text in sorted(template.definitions().items()):
        yield Pipeline(stack, parse(text), grants, scores)
        grants = frozenset()


def _trains(definition: PipelineDefinition) -> bool:
    return any(step.type == "Training" for step in definition.all_steps())


def _is_template(document: Json) -> bool:
    return isinstance(document, Mapping) and isinstance(document.get("Resources"), Mapping)


def _stack_name(given: str) -> str:
    """The name of the stack whose template is in a file, as the CDK names it."""
    return given.rsplit("/", 1)[-1].removesuffix(_TEMPLATE)
