"""Which objects of a work folder's store are used, and which are left over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from local_runner.errors import JobFailed
from local_runner.platform.object_store import FolderStore

_EXECUTION_ID = re.compile(r"local-\d+")
_OUTPUTS = ("ProcessingOutputConfig", "ModelArtifacts", "TransformOutput")
_WRITTEN_BELOW = "OutputDataConfig"
"""The folder in which a training job has its own: other jobs may have theirs there, too."""


def unused_files(
    store: FolderStore,
    used: Iterable[Any],
    unused: Iterable[Any],
    kept: Collection[str],
    code: str,
) -> Iterator[Path]:
    """Yield the files that only executions that aren't kept use, and unused files below ``code``.

    used, unused: descriptions of finished steps and of model versions. kept: the IDs of the
    executions to keep. code: the URI of the folder with the code of all executions. Files that no
    execution wrote are left alone.
    """
    prefixes = tuple(str(path) for path in _paths(store, map(_uris, used)))
    outputs = {*_paths(store, map(output_uris, unused)), *_paths(store, [[code]])}
    for file in store_files(store):
        is_left = bool(
            owners(file.relative_to(store.root).parts) - set(kept)
        ) or not outputs.isdisjoint((file, *file.parents))
        if is_left and not str(file).startswith(prefixes):
            yield file


def owners(parts: Iterable[str]) -> Set[str]:
    """Return the IDs of executions among the parts of a path or a URI."""
    return set(filter(_EXECUTION_ID.fullmatch, parts))


def store_files(store: FolderStore) -> list[Path]:
    """Return all files in the store."""
    return sorted(path for path in store.root.rglob("*") if not path.is_dir())


def existing_paths(files: Iterable[Path]) -> Set[Path]:
    """Return the files and the folders that contain them."""
    return {path for file in files for path in (file, *file.parents)}


def output_uris(value: Any) -> Iterator[str]:
    """Yield the URIs of a finished step's outputs, wherever it is described in ``value``."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _uris(item) if key in _OUTPUTS else output_uris(item)


def _uris(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key != _WRITTEN_BELOW:
                yield from _uris(item)
    elif isinstance(value, list):
        for item in value:
            yield from _uris(item)
    elif isinstance(value, str) and value.strip('"').startswith("s3://"):
        yield value.strip('"')


def _paths(store: FolderStore, uris: Iterable[Iterable[str]]) -> Iterator[Path]:
    for each in uris:
        for uri in each:
            try:
                yield store.path(uri)
            except JobFailed:  # not in this store
                continue
