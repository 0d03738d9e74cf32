"""``--input``: the user's files as S3 objects that the steps of a definition read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from local_runner.inputs import (
    StepInput,
    external_inputs,
    missing_inputs,
    missing_message,
    program_uris,
    readable_uris,
)
from local_runner.known_outcomes import steps_that_run
from local_runner.plan import Plan
from local_runner.workdir import Workdir
from operations.datasets import S3, local_path
from operations.errors import UsageError
from operations.views.printing import print_warning
from processing.names import Parameter

_EXPECTED = "--input must be s3://BUCKET/PREFIX=PATH"


def mapped_files(inputs: Sequence[str]) -> dict[str, Path]:
    """Return the files by the URIs of their objects. Raise UsageError for an invalid mapping.

    A folder's files are objects below the URI. A file is the object at the URI, or, if the URI
    ends in a slash, the object of the file's name below it.
    """
    found: dict[str, Path] = {}
    for given in inputs:
        for uri, file in _objects(*_split(given)):
            if uri in found:
                raise UsageError(f"--input {given}: {uri} is mapped already, to {found[uri]}")
            found[uri] = file
    return found


def inputs_of(plan: Plan) -> list[StepInput]:
    """Return what the steps read and none of them writes, without the code of this project."""
    if Parameter.CODE_URI not in plan.parameters:
        return external_inputs(plan)
    code = f"{plan.parameters[Parameter.CODE_URI]}/"  # stored when the execution starts
    return [item for item in external_inputs(plan) if not item.uri.startswith(code)]


def given_to_programs(plan: Plan) -> list[StepInput]:
    """Return the URIs that programs of other definitions get, and may read or write."""
    return [] if Parameter.CODE_URI in plan.parameters else program_uris(plan)


def require_inputs(plan: Plan, workdir: Workdir) -> None:
    """Raise UsageError, naming all of them, if steps read objects that nothing provides.

    Only warn of the inputs of steps that may not run, which fail if they do, and of URIs that
    programs get.
    """
    runs = steps_that_run(plan)
    missing = missing_inputs(inputs_of(plan), workdir.store)
    if optional := [item for item in missing if runs[item.step] is None]:
        print_warning(f"{missing_message(optional)}, or the steps fail if they run")
    if given := missing_inputs(given_to_programs(plan), workdir.store):
        print_warning(f"{missing_message(given)}, if the programs read them")
    if required := [item for item in missing if runs[item.step]]:
        raise UsageError(missing_message(required))


def warn_of_unread(given: Sequence[str], plan: Plan) -> None:
    """Warn of each mapping whose objects no step reads, as far as the plan shows."""
    readable = tuple(readable_uris(plan))
    for uri, path in map(_split, given):
        if not any(item.startswith(readable) for item, _ in _objects(uri, path)):
            known = _by_likeness({item.uri for item in inputs_of(plan)}, uri)
            read = f"steps read {', '.join(known)}" if known else "the steps need no inputs"
            print_warning(f"--input {uri}: no step reads it; {read}")


def _by_likeness(uris: Iterable[str], given: str) -> list[str]:
    """Return the URIs, the most similar to ``given`` first."""
    likeness = {uri: difflib.SequenceMatcher(None, uri, given).ratio() for uri in uris}
    return sorted(likeness, key=lambda uri: (-likeness[uri], uri))


def _split(given: str) -> tuple[str, Path]:
    """Return URI and path; both may contain ``=``, so the first path that exists counts."""
    parts = given.split("=")
    if not given.startswith(S3) or len(parts) == 1 or not parts[-1]:
        raise UsageError(f"{_EXPECTED}, got {given!r}")
    choices = [
        ("=".join(parts[:number]), local_path("=".join(parts[number:])))
        for number in range(1, len(parts))
    ]
    uri, path = next((choice for choice in choices if choice[1].exists()), choices[-1])
    bucket, _, key = uri.removeprefix(S3).partition("/")
    if not bucket or ".." in key.split("/"):
        raise UsageError(f"{_EXPECTED}, got {given!r}")
    if not path.exists():
        raise UsageError(f"--input {given}: no such file or folder: {path}")
    return uri, path


def _objects(uri: str, path: Path) -> Iterator[tuple[str, Path]]:
    """Yield (URI, file) of every object. Raise UsageError for a folder without files."""
    if path.is_file():
        bucket_only = "/" not in uri.removeprefix(S3)
        yield (f"{uri.rstrip('/')}/{path.name}" if uri.endswith("/") or bucket_only else uri), path
        return
    files = sorted(file for file in path.rglob("*") if file.is_file())
    if not files:
        raise UsageError(f"--input {uri}={path}: the folder has no files")
    for file in files:
        yield f"{uri.rstrip('/')}/{file.relative_to(path).as_posix()}", file
