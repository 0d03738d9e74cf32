"""Match the stacks and pipelines of two sides, and compare them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from local_runner.definition.model import PipelineDefinition
from local_runner.errors import DefinitionError
from pipeline_diff.compare import Comparison, compare
from pipeline_diff.errors import SourceError
from pipeline_diff.load import DeployedTemplate, Side, Stack, load
from pipeline_diff.pipeline import Pipeline

_NO_STEPS = PipelineDefinition(parameters=(), steps=())


@dataclass(frozen=True)
class Diff:
    """All comparisons between two sides, sorted by stack name. old, new: as given."""

    old: str
    new: str
    comparisons: tuple[Comparison, ...]

    @property
    def differs(self) -> bool:
        """Whether anything changed."""
        return any(comparison.differs for comparison in self.comparisons)


def diff(old: str, new: str, deployed: DeployedTemplate) -> Diff:
    """Compare the sides that ``old`` and ``new`` name. Raise DiffError."""
    before, after = load(old, deployed), load(new, deployed)
    try:
        return Diff(old, new, tuple(_compared(before, after)))
    except DefinitionError as error:
        raise SourceError(f"{old} and {new} can't be compared: {error}") from None


def _compared(old: Side, new: Side) -> Iterator[Comparison]:
    for before, after in _pairs(old, new):
        if before and after:
            yield compare(before, after)
        elif after:
            yield replace(compare(_empty(after), after), old_exists=False)
        elif before:
            yield replace(compare(before, _empty(before)), new_exists=False)


def _pairs(old: Side, new: Side) -> Iterator[tuple[Pipeline | None, Pipeline | None]]:
    for before, after in _stacks(old, new):
        yield from _pipelines(before, after)


def _stacks(old: Side, new: Side) -> Iterator[tuple[Stack | None, Stack | None]]:
    """Match two single stacks regardless of their names; otherwise stacks of the same name."""
    if not old.is_folder and not new.is_folder:
        yield old.stacks[0], new.stacks[0]
    elif old.is_folder and new.is_folder:
        before = {stack.name: stack for stack in old.stacks}
        after = {stack.name: stack for stack in new.stacks}
        for name in sorted(filter(None, before.keys() | after.keys())):
            yield before.get(name), after.get(name)
    elif new.is_folder:
        for stack in _of_same_name(old.stacks[0], new):
            yield old.stacks[0], stack
    else:
        for stack in _of_same_name(new.stacks[0], old):
            yield stack, new.stacks[0]


def _of_same_name(single: Stack, folder: Side) -> tuple[Stack, ...]:
    """The folder's stack of the same name; every stack for definitions without a template."""
    if single.name is None:
        return folder.stacks
    found = tuple(stack for stack in folder.stacks if stack.name == single.name)
    if not found:
        raise SourceError(f"{folder.given}: has no stack {single.name}")
    return found


def _pipelines(
    old: Stack | None, new: Stack | None
) -> Iterator[tuple[Pipeline | None, Pipeline | None]]:
    """Match two single pipelines; otherwise training with training, scoring with scoring."""
    before = {pipeline.is_scoring: pipeline for pipeline in old.pipelines} if old else {}
    after = {pipeline.is_scoring: pipeline for pipeline in new.pipelines} if new else {}
    if len(before) == len(after) == 1:
        [one], [other] = before.values(), after.values()
        yield one, other
        return
    for is_scoring in sorted(before.keys() | after.keys()):
        is_omitted = any(
            stack is not None and stack.is_single_definition and is_scoring not in own
            for stack, own in ((old, before), (new, after))
        )
        if not is_omitted:
            yield before.get(is_scoring), after.get(is_scoring)


def _empty(other: Pipeline) -> Pipeline:
    return replace(
        other,
        definition=_NO_STEPS,
        grants=frozenset() if other.grants is not None else None,
        endpoint=None,
    )
