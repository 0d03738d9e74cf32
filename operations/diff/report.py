"""What belongs to what on two sides, compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from local_runner.definition import PipelineDefinition
from local_runner.errors import DefinitionError
from operations.diff.comparison import Comparison, compare
from operations.diff.pipeline import Pipeline
from operations.diff.sources import DeployedTemplate, Side, read
from operations.errors import UsageProblem

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
    """The comparison of what ``old`` and ``new`` name. Raises UsageProblem or Problem."""
    before, after = read(old, deployed), read(new, deployed)
    try:
        return Report(old, new, tuple(_compared(before, after)))
    except DefinitionError as error:
        raise UsageProblem(f"{old} and {new} can't be compared: {error}") from None


def _compared(old: Side, new: Side) -> Iterator[Comparison]:
    for before, after in _pairs(old, new):
        if before and after:
            yield compare(before, after)
        elif after:
            yield replace(compare(_empty(after), after), old_stands=False)
        elif before:
            yield replace(compare(before, _empty(before)), new_stands=False)


def _pairs(old: Side, new: Side) -> Iterator[tuple[Pipeline | None, Pipeline | None]]:
    """Two single pipelines with each other, whatever they are called; else those of one name."""
    if not old.is_folder and not new.is_folder:
        yield old.pipelines[0], new.pipelines[0]
    elif old.is_folder and new.is_folder:
        before = {pipeline.stack: pipeline for pipeline in old.pipelines}
        after = {pipeline.stack: pipeline for pipeline in new.pipelines}
        for name in sorted(filter(None, before.keys() | after.keys())):
            yield before.get(name), after.get(name)
    elif new.is_folder:
        for pipeline in _of_the_name(old.pipelines[0], new):
            yield old.pipelines[0], pipeline
    else:
        for pipeline in _of_the_name(new.pipelines[0], old):
            yield pipeline, new.pipelines[0]


def _of_the_name(single: Pipeline, folder: Side) -> tuple[Pipeline, ...]:
    """The folder's stack that is called as the single one; every stack for a definition alone."""
    if single.stack is None:
        return folder.pipelines
    found = tuple(pipeline for pipeline in folder.pipelines if pipeline.stack == single.stack)
    if not found:
        raise UsageProblem(f"{folder.given}: has no stack {single.stack} to compare with")
    return found


def _empty(other: Pipeline) -> Pipeline:
    return Pipeline(other.stack, _NOTHING, frozenset() if other.grants is not None else None)
