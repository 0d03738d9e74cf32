"""What belongs to what on two sides, compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from local_runner.definition.model import PipelineDefinition
from local_runner.errors import DefinitionError
from operations.errors import UsageError
from pipeline_diff.compare import Comparison, compare
from pipeline_diff.load import (
    DeployedTemplate,
    Side,
    Stack,
    read,
)
from pipeline_diff.pipeline import Pipeline

_NOTHING = PipelineDefinition(parameters=(), steps=())


@dataclass(frozen=True)
class Report:
    """Every comparison between two sides, by the stacks' names; old and new as they were given."""

    old: str
    new: str
    comparisons: tuple[Comparison, ...]

    @property
    def differs(self) -> bool:
        """Whether any of them found something."""
        return any(comparison.differs for comparison in self.comparisons)


def report(old: str, new: str, deployed: DeployedTemplate) -> Report:
    """The comparison of what ``old`` and ``new`` name. Raises UsageError or CliError."""
    before, after = read(old, deployed), read(new, deployed)
    try:
        return Report(old, new, tuple(_compared(before, after)))
    except DefinitionError as error:
        raise UsageError(f"{old} and {new} can't be compared: {error}") from None


def _compared(old: Side, new: Side) -> Iterator[Comparison]:
    for before, after in _pairs(old, new):
        if before and after:
            yield compare(before, after)
        elif after:
            yield replace(compare(_empty(after), after), old_stands=False)
        elif before:
            yield replace(compare(before, _empty(before)), new_stands=False)


def _pairs(old: Side, new: Side) -> Iterator[tuple[Pipeline | None, Pipeline | None]]:
    for before, after in _stacks(old, new):
        yield from _pipelines(before, after)


def _stacks(old: Side, new: Side) -> Iterator[tuple[Stack | None, Stack | None]]:
    """Two single stacks with each other, whatever they are called; else those of one name."""
    if not old.is_folder and not new.is_folder:
        yield old.stacks[0], new.stacks[0]
    elif old.is_folder and new.is_folder:
        before = {stack.name: stack for stack in old.stacks}
        after = {stack.name: stack for stack in new.stacks}
        for name in sorted(filter(None, before.keys() | after.keys())):
            yield before.get(name), after.get(name)
    elif new.is_folder:
        for stack in _of_the_name(old.stacks[0], new):
            yield old.stacks[0], stack
    else:
        for stack in _of_the_name(new.stacks[0], old):
            yield stack, new.stacks[0]


def _of_the_name(single: Stack, folder: Side) -> tuple[Stack, ...]:
    """The folder's stack that is called as the single one; every stack for definitions alone."""
    if single.name is None:
        return folder.stacks
    found = tuple(stack for stack in folder.stacks if stack.name == single.name)
    if not found:
        raise UsageError(f"{folder.given}: has no stack {single.name} to compare with")
    return found


def _pipelines(
    old: Stack | None, new: Stack | None
) -> Iterator[tuple[Pipeline | None, Pipeline | None]]:
    """Two single pipelines with each other, whatever they are for; else those of one purpose."""
    before = {pipeline.scores: pipeline for pipeline in old.pipelines} if old else {}
    after = {pipeline.scores: pipeline for pipeline in new.pipelines} if new else {}
    if len(before) == len(after) == 1:
        [one], [other] = before.values(), after.values()
        yield one, other
        return
    for scores in sorted(before.keys() | after.keys()):
        is_left_out = any(
            stack is not None and stack.is_alone and scores not in own
            for stack, own in ((old, before), (new, after))
        )
        if not is_left_out:
            yield before.get(scores), after.get(scores)


def _empty(other: Pipeline) -> Pipeline:
    return replace(
        other, definition=_NOTHING, grants=frozenset() if other.grants is not None else None
    )
