"""Tune parameters on this machine: the checks before a search, its work folder, its length."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_runner.cores import available_cores
from local_runner.definition.expressions import as_text
from local_runner.plan import Plan
from local_runner.platform.cancellation import interrupted_by_sigterm
from local_runner.selection import Selection
from local_runner.workdir import Workdir
from operations.datasets import datasets_folder, store_dataset
from operations.errors import CliError, UsageError
from operations.local.deployment_values import PLACEHOLDERS, deployment_values
from operations.local.errors import translated_errors
from operations.local.running.definitions import (
    example_plan,
    parsed_definition,
    planned,
    read_definition,
)
from operations.local.running.run import RunRequest, checked_run, training_request
from operations.local.running.selection import selected
from operations.local.tuning.progress import SearchProgress
from operations.local.tuning.results import Objective, SearchResult
from operations.local.tuning.space import (
    NumberRange,
    Range,
    Value,
    is_of_model,
    ranges_of,
)
from operations.progress import Progress
from processing.names import Parameter, Step

FOLDER = "tuning"
"""The work folder of trials, inside the user's: they are no executions of the user's."""

_TRAINING = "Training"


@dataclass(frozen=True)
class TuneRequest:
    """Options of a search.

    parameters: those that the user gave, which aren't tuned. preset: values of a preset, from which
    the search starts. ranges: as the user wrote them. metric: None for the last of EvalMetric.
    seeds: the number of seeds that each trial's value is the mean of. seed: of the search.
    seconds: after which no trial starts. trials: the number at which the search ends.
    """

    dataset: str | None
    definition: Path
    workdir: Path
    parameters: Mapping[str, str]
    preset: Mapping[str, str]
    ranges: Sequence[str] = ()
    metric: str | None = None
    strategy: str = "tpe"
    seed: int = 0
    seeds: int = 1
    trials: int = 20
    seconds: float | None = None
    jobs: int = 1


@dataclass(frozen=True)
class Tuned:
    """The outcome. is_interrupted: by Ctrl-C.

    preset: values of the best trial's preset, typed. others: the user's values beside them, such as
    the names of columns.
    """

    result: SearchResult
    ranges: tuple[Range, ...]
    is_interrupted: bool
    preset: Mapping[str, Any]
    others: Mapping[str, str]


def tune(request: TuneRequest, *, quiet: bool) -> Tuned:
    """Run a search, or continue it, with progress on stderr unless ``quiet``.

    Raise UsageError or CliError if it can't start, or if its first trial fails.
    """
    if importlib.util.find_spec("optuna") is None:
        raise CliError("`sentiment tune` requires Optuna; run `make tune`")
    run, plan, ranges = _checked(request)
    objective = Objective.of(str(plan.parameters[Parameter.EVAL_METRIC]), request.metric)
    root = request.workdir.resolve()
    with translated_errors(root), _locked(root / FOLDER), Progress(quiet=quiet) as progress:
        progress.set_status("checking the dataset")
        workdir = Workdir(root / FOLDER)
        values = {
            **deployment_values(workdir),
            Parameter.DATASET_URI: store_dataset(run.dataset, datasets_folder(root)),
        }
        result, is_interrupted = _search(
            request, run, workdir, values, plan, ranges, objective, progress
        )
    preset = _preset(request, run, result) if result.best else {}
    others = {name: it for name, it in run.parameters.items() if name not in preset}
    return Tuned(result, ranges, is_interrupted, preset, others)


def _checked(request: TuneRequest) -> tuple[RunRequest, Plan, tuple[Range, ...]]:
    """Return the request of a run until Train, its plan, and the ranges. Raise UsageError."""
    run = training_request(
        RunRequest(
            request.dataset,
            {**request.preset, **request.parameters},
            request.definition,
            request.workdir / FOLDER,
            selection=Selection(last=(Step.TRAIN,)),
        )
    )
    known = {it.name: it for it in parsed_definition(request.definition).parameters}
    whole = example_plan(request.definition, run.parameters)
    until_train = selected(whole, run.selection, None, request.definition)
    _require_training(request.definition, until_train)
    used = {name for it in until_train.steps for name in it.parameters}
    ranges = ranges_of(request.ranges, request.parameters, known, used)
    plan = checked_run(run).plan(PLACEHOLDERS)
    return run, plan, ranges


def _require_training(definition: Path, plan: Plan) -> None:
    """Raise UsageError unless Train is a training with the parameters that a search sets."""
    train = next(it.step for it in plan.steps if it.step.name == Step.TRAIN)
    if train.type != _TRAINING:
        raise UsageError(
            f"{definition}: {train.name} is a step of type {train.type}; give a definition "
            "rendered without the setting tuning"
        )
    for name in (Parameter.EVAL_METRIC, Parameter.SEED, Parameter.ETA):
        if name not in plan.parameters:
            raise UsageError(f"{definition} has no parameter {name}, which a search needs")


def _search(
    request: TuneRequest,
    run: RunRequest,
    workdir: Workdir,
    values: Mapping[str, str],
    plan: Plan,
    ranges: tuple[Range, ...],
    objective: Objective,
    progress: Progress,
) -> tuple[SearchResult, bool]:
    """Return the result, and whether Ctrl-C ended the search."""
    from operations.local.tuning.search import Search, SearchPlan
    from operations.local.tuning.trials import TrialRunner

    first_seed = int(plan.parameters[Parameter.SEED])
    seeds = tuple(range(first_seed, first_seed + request.seeds))
    search_plan = SearchPlan(
        ranges,
        objective,
        _start(ranges, plan),
        seeds,
        request.strategy,
        request.seed,
        float(plan.parameters[Parameter.ETA]),
    )
    listener = SearchProgress(progress, objective)
    threads = max(available_cores() // request.jobs, 1)
    runner = TrialRunner(run, workdir, values, objective, threads, listener.preparing)
    folder = workdir.root / "searches" / _identity(search_plan, run, values)
    search = Search(folder, search_plan, runner, listener)
    if ended := len(search.result().trials):
        more = "" if ended < request.trials else "; a larger --trials continues the search"
        progress.print_line(f"trials that have ended already: {ended} of {request.trials}{more}")
    try:
        with interrupted_by_sigterm():
            search.run(request.trials, request.jobs, request.seconds)
    except KeyboardInterrupt:
        return search.result(), True
    return search.result(), False


def _start(ranges: tuple[Range, ...], plan: Plan) -> dict[str, Value] | None:
    """Return the values from which the search starts; None if one isn't in its range."""
    start: dict[str, Value] = {}
    for item in ranges:
        value = plan.parameters[item.name]
        if not item.contains(value):
            return None
        start[item.name] = value if isinstance(item, NumberRange) else as_text(value)
    return start


def _identity(search: Any, run: RunRequest, values: Mapping[str, str]) -> str:
    """Return a name that searches share if one continues the other."""
    definition = read_definition(run.definition)
    used = {name: value for name, value in values.items() if name != Parameter.COMMIT}
    content = json.dumps([repr(search), definition, dict(run.parameters), used], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _preset(request: TuneRequest, run: RunRequest, result: SearchResult) -> dict[str, Any]:
    """Return the values with which `run` would train the best trial's model."""
    assert result.best
    best = {name: as_text(value) for name, value in result.best.parameters.items()}
    chosen = {**run.parameters, **best}
    parameters = planned(request.definition, chosen, PLACEHOLDERS, None).parameters
    return {name: parameters[name] for name in sorted(chosen) if is_of_model(name)}


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock the work folder of trials for this process. Raise CliError if another one uses it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CliError(
                f"{folder}: another process tunes there; wait for it, or choose another --workdir"
            ) from None
        yield
