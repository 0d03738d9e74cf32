"""CreateModelPackage: a version in a model package group, as a JSON file.

``<registry>/<group>/<version>.json``; versions count from 1.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.jobs.model import insist_archive

_GROUP = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def run(arguments: Arguments, context: JobContext) -> Properties:
    """Registers the next version of the group. Raises JobFailed if its model archive is missing."""
    group = arguments["ModelPackageGroupName"]
    if not _GROUP.fullmatch(group):
        raise JobFailed(f"ClientError: {group!r} is no name of a model package group")
    insist_archives(arguments, context)
    folder = context.registry / group
    folder.mkdir(parents=True, exist_ok=True)
    arriving = context.sandbox / "model-package.json"
    while True:
        version = _next_version(folder)
        package = {
            **arguments,
            "ModelPackageArn": context.identity.arn("model-package", f"{group}/{version}"),
            "ModelPackageStatus": "Completed",
            "ModelPackageVersion": version,
        }
        arriving.write_text(json.dumps(package, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        try:
            os.link(arriving, folder / f"{version}.json")  # fails if another run was quicker
        except FileExistsError:
            continue
        return package


def insist_archives(arguments: Arguments, context: JobContext) -> None:
    """Raises JobFailed if one of the package's model archives doesn't exist."""
    for container in arguments["InferenceSpecification"]["Containers"]:
        insist_archive(container, context)


def _next_version(folder: Path) -> int:
    versions = (int(path.stem) for path in folder.glob("*.json") if path.stem.isdecimal())
    return 1 + max(versions, default=0)
