"""Cleanup of a work folder: executions that aren't needed any more, and what only they use.

An execution is kept if it is the newest of its pipeline, or if the model version that it registered
is kept. What a kept execution or version refers to is kept, too, such as the output of an older
execution whose step it took from the cache.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_runner.execution.record import PipelineExecution
from local_runner.workdir import Workdir
from operations.datasets import datasets_folder
from operations.errors import CliError
from operations.execution_summary import ExecutionSummary
from operations.local.deployment_values import FIXED
from operations.local.errors import translated_errors
from operations.local.executions import is_scoring, summary_of
from operations.local.maintenance.used_objects import (
    existing_paths,
    output_uris,
    owners,
    store_files,
    unused_files,
)
from operations.models.version import ModelVersion, kept_versions
from operations.program import local_command
from processing.names import Parameter

# Names of what executions write, so that nothing else is deleted, whichever folder it is.
_CACHED = re.compile(r"[0-9a-f]{64}\.json")
_DATASET = re.compile(r"[0-9a-f]{16}|demo-\d+-\d+\.tar")
_MODEL = re.compile(r"pipelines-local-\d+-.*\.json")

_STAGING = re.compile(r"tmp\w+")

CACHED, MODELS, DATASETS, CODE = "cached_results", "models", "datasets", "code"
OUTPUTS, VERSIONS, EXECUTIONS = "outputs", "versions", "executions"
UPLOADS = "incomplete_uploads"


@dataclass(frozen=True)
class Leftovers:
    """What to delete in the work folder ``root``. kept_versions: the others.

    paths: files and folders by kind, in the order of deletion. size: the bytes that this frees.
    """

    root: Path
    executions: tuple[ExecutionSummary, ...]
    versions: tuple[ModelVersion, ...]
    kept_versions: tuple[ModelVersion, ...]
    paths: Mapping[str, tuple[Path, ...]]
    size: int


def find_leftovers(path: Path, *, pending: bool, all_versions: bool) -> Leftovers:
    """Find what to delete in a work folder, whose path is as the user gave it.

    pending: include versions that wait for approval, except the newest. all_versions: include all.
    Raise CliError while an execution is running, because it uses what isn't recorded yet.
    """
    workdir = Workdir(path.resolve())
    with translated_errors(path):
        executions = list(workdir.executions.newest_first())
        for execution in executions:
            if workdir.executions.is_running(execution.execution_id):
                command = local_command(path, "stop", execution.execution_id)
                raise CliError(
                    f"execution {execution.execution_id} is running; wait for its end, or stop it "
                    f"with {command}"
                )
        return _leftovers(workdir, executions, pending=pending, all_versions=all_versions)


def delete(leftovers: Leftovers, on_deleted: Callable[[str], None]) -> Mapping[str, str]:
    """Delete everything, and return the reason of each path that couldn't be deleted."""
    failures = {}
    for paths in leftovers.paths.values():
        for path in paths:
            try:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
                _delete_empty_folders(path.parent, leftovers.root)
            except OSError as error:
                failures[str(path)] = error.strerror or str(error)
            on_deleted(path.name)
    return failures


def _leftovers(
    workdir: Workdir,
    executions: Sequence[PipelineExecution],
    *,
    pending: bool,
    all_versions: bool,
) -> Leftovers:
    versions = {
        group: [_version(package) for package in reversed(workdir.registry.versions(group))]
        for group in workdir.registry.groups()
    }
    kept = [
        version
        for group in versions.values()
        for version in kept_versions(group, pending=pending, all_versions=all_versions)
    ]
    arns = {version.arn for version in kept}
    deleted = [it for it in _ended(executions) if arns.isdisjoint(_registered(it))]
    paths = _paths(workdir, [it for it in executions if it not in deleted], deleted, arns)
    return Leftovers(
        root=workdir.root,
        executions=tuple(summary_of(execution, workdir) for execution in deleted),
        versions=tuple(it for group in versions.values() for it in group if it.arn not in arns),
        kept_versions=tuple(kept),
        paths=paths,
        size=_size(file for found in paths.values() for path in found for file in _files(path)),
    )


def _ended(newest_first: Iterable[PipelineExecution]) -> Iterator[PipelineExecution]:
    """Yield the executions that aren't the newest of their pipeline."""
    seen = set()
    for execution in newest_first:
        pipeline = execution.pipeline, is_scoring(execution)
        if pipeline in seen:
            yield execution
        seen.add(pipeline)


def _registered(execution: PipelineExecution) -> Iterator[str]:
    """Yield the ARNs of the versions that the execution's steps registered."""
    for step in execution.steps.values():
        if arn := step.properties.get("ModelPackageArn"):
            yield str(arn)


def _paths(
    workdir: Workdir,
    kept: Sequence[PipelineExecution],
    deleted: Sequence[PipelineExecution],
    arns: Iterable[str],
) -> dict[str, tuple[Path, ...]]:
    """Return the files and folders to delete, by kind. arns: of the versions to keep."""
    packages = {
        workdir.registry.path(group, package["ModelPackageVersion"]): package
        for group in workdir.registry.groups()
        for package in workdir.registry.versions(group)
    }
    kept_packages = [it for it in packages.values() if it["ModelPackageArn"] in arns]
    used: list[Any] = [step.properties for it in kept for step in it.steps.values()]
    used += [*kept_packages, *(list(_given(it)) for it in kept)]
    unused = [step.properties for it in deleted for step in it.steps.values()]
    ids = {execution.execution_id for execution in kept}
    code_uri = FIXED[Parameter.CODE_URI]
    code_folder = workdir.store.path(code_uri)
    unused_objects = list(unused_files(workdir.store, used, unused, ids, code_uri))
    remaining = existing_paths(set(store_files(workdir.store)) - set(unused_objects))
    names = json.dumps([used, [dict(it.parameters) for it in kept]], default=str)
    return {
        CACHED: tuple(_dangling(workdir, remaining)),
        MODELS: tuple(it for it in _entries(workdir.models, _MODEL) if it.stem not in names),
        DATASETS: tuple(
            it
            for it in _entries(datasets_folder(workdir.root), _DATASET)
            if it.as_uri() not in names
        ),
        CODE: tuple(it for it in unused_objects if it.is_relative_to(code_folder)),
        OUTPUTS: tuple(it for it in unused_objects if not it.is_relative_to(code_folder)),
        UPLOADS: tuple(_entries(workdir.store.staging_path, _STAGING)),
        VERSIONS: tuple(it for it, package in packages.items() if package not in kept_packages),
        EXECUTIONS: tuple(workdir.executions.folder(it.execution_id) for it in deleted),
    }


def _given(execution: PipelineExecution) -> Iterator[str]:
    """Yield the URIs that steps may read which haven't run: the code, and outputs of others."""
    values = execution.parameters
    if {Parameter.CODE_URI, Parameter.CODE_FILE} <= values.keys():
        yield f"{values[Parameter.CODE_URI]}/{values[Parameter.CODE_FILE]}"
    for value in values.values():
        if isinstance(value, str) and owners(value.split("/")):
            yield value


def _dangling(workdir: Workdir, remaining: Iterable[Path]) -> Iterator[Path]:
    """Yield cached results that are damaged, or whose outputs aren't among the remaining files."""
    for entry in _entries(workdir.cache, _CACHED):
        try:
            uris = list(output_uris(json.loads(entry.read_text(encoding="utf-8"))))
        except ValueError:
            yield entry
        else:
            if any(workdir.store.path(uri) not in remaining for uri in uris):
                yield entry


def _entries(folder: Path, name: re.Pattern[str]) -> list[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if name.fullmatch(path.name))


def _version(package: Mapping[str, Any]) -> ModelVersion:
    return ModelVersion(
        number=package["ModelPackageVersion"],
        arn=package["ModelPackageArn"],
        approval=package.get("ModelApprovalStatus", "none"),
        registered=datetime.fromtimestamp(package["CreationTime"], UTC),
    )


def _files(path: Path) -> Iterator[Path]:
    yield from (it for it in path.rglob("*") if not it.is_dir()) if path.is_dir() else (path,)


def _size(files: Iterable[Path]) -> int:
    """Return the bytes of the files that have no other hard links than these."""
    found = [file.lstat() for file in files]
    links = Counter((it.st_dev, it.st_ino) for it in found)
    sizes = {(it.st_dev, it.st_ino): (it.st_size, it.st_nlink) for it in found}
    return sum(size for key, (size, count) in sizes.items() if links[key] >= count)


def _delete_empty_folders(folder: Path, root: Path) -> None:
    """Delete the folder and those above it, below ``root``, that contain nothing any more."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
