"""The files that a local run reads, and the steps that each of them affects."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from local_runner.definition.model import Step
from local_runner.plan import Plan, PlannedStep
from operations.datasets import S3, WEB, local_path
from operations.errors import UsageError
from operations.local.inputs import inputs_of, mapped_files
from operations.local.rerunning.job_sources import job_sources, source_files
from operations.local.running.run import RunRequest
from processing.names import Parameter


def watched_files(request: RunRequest, plan: Plan, root: Path) -> Iterator[Path]:
    """Yield the definition, the sources below ``root``, and local data and functions."""
    yield request.definition
    if Parameter.CODE_FILE in plan.parameters:
        yield from source_files(root)
    yield from _dataset(request)
    yield from _inputs(request).values()
    for planned in plan.steps:
        yield from _handler(planned)


def steps_by_file(request: RunRequest, plan: Plan, root: Path) -> Mapping[Path, set[str]]:
    """Return the steps that each file affects; none for the definition.

    Training and transform jobs depend on the code by their inputs alone.
    """
    found: dict[Path, set[str]] = defaultdict(set)
    jobs = job_sources(root) if Parameter.CODE_FILE in plan.parameters else {}
    dataset = list(_dataset(request))
    for planned in plan.steps:
        files = [*_handler(planned)]
        if Parameter.CODE_FILE in planned.parameters:
            files += _sources(planned.step, jobs)
        if Parameter.DATASET_URI in planned.parameters:
            files += dataset
        for file in files:
            found[file].add(planned.step.name)
    read = inputs_of(plan)
    for uri, file in _inputs(request).items():
        readers = {it.step for it in read if uri.startswith(it.uri)}
        # Programs can read objects whose URIs aren't inputs.
        found[file] |= readers or {it.step.name for it in plan.steps}
    return found


def changed_steps(before: Plan, after: Plan) -> set[str]:
    """Return the steps that are new or not as they were, parameter values included."""
    known = _definitions(before)
    return {name for name, step in _definitions(after).items() if known.get(name) != step}


def _definitions(plan: Plan) -> dict[str, object]:
    values = plan.parameters
    return {
        it.step.name: (it, [(name, values[name]) for name in it.parameters]) for it in plan.steps
    }


def _sources(step: Step, jobs: Mapping[str, set[Path]]) -> set[Path]:
    """Return the sources of the job that a step starts; of all jobs if the step doesn't name it."""
    match step.arguments.get("AppSpecification"):
        case {"ContainerEntrypoint": [*words]}:
            if named := [jobs[word] for word in words if isinstance(word, str) and word in jobs]:
                return set.union(*named)
    return set().union(*jobs.values())


def _dataset(request: RunRequest) -> Iterator[Path]:
    if request.dataset is None or request.dataset.startswith((S3, *WEB)):
        return
    path = local_path(request.dataset)
    if path.is_dir():
        yield from (file for file in path.rglob("*") if file.is_file())
    else:
        yield path


def _inputs(request: RunRequest) -> Mapping[str, Path]:
    with contextlib.suppress(UsageError):  # a file was removed
        return mapped_files(request.inputs)
    return {}


def _handler(planned: PlannedStep) -> Iterator[Path]:
    if planned.handler:
        yield from planned.handler.sources
