"""Load OLD and NEW: files, folders, git revisions and deployed stacks.

The first that applies: ``deployed:NAME``; an existing file or folder; a revision with a path
(``main:cdk.out/...``); a revision, of which the committed definitions are loaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from local_runner.definition.model import Json, PipelineDefinition
from local_runner.definition.parsing import parse
from local_runner.errors import DefinitionError
from pipeline_diff.errors import SourceError
from pipeline_diff.pipeline import Pipeline
from pipeline_diff.revisions import texts_at
from pipeline_diff.template import Template, UnreadableTemplate

DEPLOYED = "deployed:"

_TEMPLATE = ".template.json"
_STACK = "aws:cloudformation:stack"
"""The type of a stack in the manifest of an assembly."""

DeployedTemplate = Callable[[str], tuple[str, Json]]
"""Returns stack name and template of an environment."""


@dataclass(frozen=True)
class Stack:
    """The pipelines of one stack. name: None for definitions without a template.

    is_single_definition: one definition was given, so the other pipeline isn't compared.
    """

    name: str | None
    pipelines: tuple[Pipeline, ...]
    is_single_definition: bool = False


@dataclass(frozen=True)
class Side:
    """The stacks of OLD or NEW. is_folder: stacks are matched by name."""

    given: str
    stacks: tuple[Stack, ...]
    is_folder: bool = False


def load(given: str, deployed: DeployedTemplate) -> Side:
    """Load the side that ``given`` names. Raise SourceError or GitNotInstalled."""
    if given.startswith(DEPLOYED):
        environment = given.removeprefix(DEPLOYED)
        if not environment:
            raise SourceError(f"{given}: add the environment, as in {DEPLOYED}dev")
        name, document = deployed(environment)
        return Side(given, (_stack(document, given, name),))
    path = Path(given)
    if path.is_dir():
        return Side(given, _of_folder(path), is_folder=True)
    if path.exists():
        return Side(given, (_of_text(_of_file(path), given),))
    return Side(given, (_of_revision(given),))


def _of_revision(given: str) -> Stack:
    """Both committed definitions of a revision, or one of its files."""
    texts = texts_at(given)
    if len(texts) == 1 and ":" in given:
        return _of_text(texts[0], given)
    found = [_of_text(text, given) for text in texts]
    return Stack(None, tuple(pipeline for stack in found for pipeline in stack.pipelines))


def _of_text(text: str, given: str) -> Stack:
    return _stack(_json(text, given), given, _stack_name(given))


def _of_folder(folder: Path) -> tuple[Stack, ...]:
    found = []
    for path in _templates(folder):
        document = _json(_of_file(path), str(path))
        if _is_template(document) and Template.of(document).has_pipeline:
            found.append(_stack(document, str(path), _stack_name(path.name)))
    if not found:
        raise SourceError(
            f"{folder}: no template with a SageMaker pipeline; `make synth` writes them to cdk.out"
        )
    return tuple(found)


def _templates(folder: Path) -> list[Path]:
    """The templates that an assembly's manifest lists: others are left from removed stacks.

    Without a manifest, every template in the folder.
    """
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return sorted(folder.glob(f"*{_TEMPLATE}"))
    document = _json(_of_file(manifest), str(manifest))
    try:
        return sorted(
            folder / artifact["properties"]["templateFile"]
            for artifact in document["artifacts"].values()
            if artifact["type"] == _STACK
        )
    except (AttributeError, KeyError, TypeError):
        raise SourceError(f"{manifest}: not a manifest of the CDK; run `make synth`") from None


def _of_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SourceError(f"{path}: not a text file") from None


def _json(text: str, given: str) -> Json:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(
            f"{given}: not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None


def _stack(document: Json, given: str, name: str | None) -> Stack:
    """The pipelines of a template, or a single definition."""
    try:
        if _is_template(document):
            return Stack(name, tuple(_of_template(Template.of(document), name)))
        if isinstance(document, Mapping) and "Steps" in document:
            definition = parse(json.dumps(document))
            single = Pipeline(None, definition, is_scoring=not _trains(definition))
            return Stack(None, (single,), is_single_definition=True)
    except (DefinitionError, UnreadableTemplate) as error:
        raise SourceError(f"{given}: {error}") from None
    raise SourceError(
        f"{given}: neither a pipeline definition (with Steps) nor a CloudFormation template (with "
        "Resources)"
    )


def _of_template(template: Template, stack: str | None) -> Iterator[Pipeline]:
    grants, endpoint = template.grants(), template.endpoint()
    for is_scoring, text in sorted(template.definitions().items()):
        yield Pipeline(stack, parse(text), grants, is_scoring, endpoint)
        grants, endpoint = frozenset(), None


def _trains(definition: PipelineDefinition) -> bool:
    return any(step.type in ("Training", "Tuning") for step in definition.all_steps())


def _is_template(document: Json) -> bool:
    return isinstance(document, Mapping) and isinstance(document.get("Resources"), Mapping)


def _stack_name(given: str) -> str:
    """The name of a template's stack, from the file name that the CDK gives it."""
    return given.rsplit("/", 1)[-1].removesuffix(_TEMPLATE)
