"""Run again whenever a file changes that the run depends on, from the first affected steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from local_runner.errors import SelectionError
from local_runner.plan import Plan
from local_runner.selection import Selection, selected_steps
from operations.errors import CliError, Interrupted, UsageError
from operations.execution_summary import ExecutionSummary
from operations.local.processing_code import ROOT
from operations.local.rerunning.file_changes import FileChanges
from operations.local.rerunning.watched_files import changed_steps, steps_by_file, watched_files
from operations.local.running.definitions import example_plan
from operations.local.running.run import RunRequest, run_training, training_request
from operations.progress import Progress
from operations.views.printing import location, print_error
from processing.names import Parameter

_SHOWN = 3
"""The number of changed files that are named."""


def watch(
    request: RunRequest,
    report: Callable[[ExecutionSummary], None],
    *,
    quiet: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> NoReturn:
    """Run the pipeline, and again from the first affected steps whenever a file changes.

    Failures are reported, and don't end it. report: called with each execution that has ended.
    sleep: waits some seconds between polls. Raise Interrupted for Ctrl-C, CliError if the first run
    can't start.
    """
    loop = _Loop(training_request(request))
    changes = FileChanges(loop.files, sleep)
    report(loop.run(quiet=quiet))
    while True:
        first_line = loop.wait(changes, quiet=quiet)
        try:
            report(loop.run(quiet=quiet, first_line=first_line))
        except Interrupted:
            raise
        except CliError as error:
            print_error(str(error))


@dataclass
class _Loop:
    """The state between two runs.

    plan: of the whole pipeline, as it was last read. owed: the affected steps, and those that
    haven't succeeded in the last execution; None for those that the user has selected. executions:
    the newest first.
    """

    request: RunRequest
    plan: Plan = field(init=False)
    owed: set[str] | None = None
    executions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.plan = self._read_plan()
        self._affects = steps_by_file(self.request, self.plan, ROOT)

    def files(self) -> set[Path]:
        return set(watched_files(self.request, self.plan, ROOT))

    def run(self, *, quiet: bool, first_line: str = "") -> ExecutionSummary:
        """Run the steps that are owed. Raise CliError."""
        request = self.request if self.owed is None else self._of_steps(self._selected(self.owed))
        summary = run_training(request, quiet=quiet, first_line=first_line)
        self.executions = (summary.execution_id, *self.executions)
        self.owed = _unfinished(self.plan, selected_steps(self.plan, request.selection), summary)
        return summary

    def wait(self, changes: FileChanges, *, quiet: bool) -> str:
        """Return when a changed file affects selected steps; the text names both."""
        changed: set[Path] = set()
        while True:
            with Progress(quiet=quiet) as progress:
                progress.set_status("waiting for a change of a file; Ctrl-C ends")
                try:
                    changed |= changes.wait()
                except KeyboardInterrupt:
                    raise Interrupted("stopped") from None
            try:
                if self._selected(affected := self._affected(changed)):
                    self.owed = (self.owed or set()) | affected
                    first, *_ = self._selected(self.owed)
                    return f"changed: {_listed(changed)}; running again from {first}"
                changed.clear()
            except UsageError as error:
                print_error(str(error))

    def _affected(self, changed: Collection[Path]) -> set[str]:
        """Return the steps that changed files affect. Raise UsageError."""
        before, affects = self.plan, self._affects
        self.plan = self._read_plan()
        self._affects = steps_by_file(self.request, self.plan, ROOT)
        names = {it.step.name for it in self.plan.steps}
        found = set(changed_steps(before, self.plan))
        for path in changed:
            found |= affects.get(path, set()) | self._affects.get(path, set())
        return found & names

    def _selected(self, steps: Collection[str]) -> tuple[str, ...]:
        """Return the selected ones of the steps and of those that depend on them."""
        try:
            chosen = selected_steps(self.plan, self.request.selection)
            following = selected_steps(self.plan, Selection(first=tuple(sorted(steps))))
        except SelectionError as error:  # a selected step isn't in the definition any more
            raise UsageError(str(error)) from None
        return tuple(name for name in chosen if steps and name in following)

    def _of_steps(self, names: Collection[str]) -> RunRequest:
        """Return the request for these steps alone, with this loop's results of the others."""
        reads = {it.step.name for it in self.plan.steps if Parameter.DATASET_URI in it.parameters}
        given = self.request.selection
        forced = tuple(name for name in given.forced if name in names)
        given_source = (self.request.reuse,) if self.request.reuse else ()
        return replace(
            self.request,
            reuse=None,
            # The dataset of the reused results isn't stored and inspected again.
            dataset=self.request.dataset if reads & set(names) else None,
            selection=Selection(only=tuple(names), forced=forced, no_cache=given.no_cache),
            preferred=(*self.executions, *given_source),
            is_rerun=True,
        )

    def _read_plan(self) -> Plan:
        request = self.request
        return example_plan(
            request.definition, request.parameters, request.handlers, request.repeated
        )


def _unfinished(plan: Plan, selected: Collection[str], summary: ExecutionSummary) -> set[str]:
    """Return the selected steps that failed, or that didn't start because another one failed."""
    steps = {it.name: it for it in summary.steps or ()}
    unfinished, excluded = set[str](), set[str]()
    for planned in plan.steps if not summary.succeeded else ():
        name, (gate, outcome) = planned.step.name, planned.branch or ("", None)
        is_in_other_branch = gate in steps and steps[gate].outcome is (not outcome)
        if is_in_other_branch or not excluded.isdisjoint(planned.depends_on):
            excluded.add(name)
        elif name in selected and not (name in steps and steps[name].succeeded):
            unfinished.add(name)
    return unfinished


def _listed(changed: Collection[Path]) -> str:
    names = sorted(location(str(path)) for path in changed)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
