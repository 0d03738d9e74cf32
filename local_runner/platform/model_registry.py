"""The model registry: model package groups as folders, versions as JSON files.

A version is stored as DescribeModelPackage would return it, in ``<root>/<group>/<version>.json``.
Versions count from 1. A group exists as soon as it has a version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_runner.errors import WorkdirError
from local_runner.platform.identity import Identity
from local_runner.platform.json_file import write_json_atomically

Package = Mapping[str, Any]

_VERSION_ARN = re.compile(r".*:model-package/(?P<group>[a-zA-Z0-9-]+)/(?P<version>[0-9]+)")


class ModelRegistry:
    """The model package groups below the folder ``root``.

    Reading a damaged version raises WorkdirError, which names its file.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def register(self, group: str, request: Package, identity: Identity) -> Package:
        """Add the next version to the group and return its description."""
        while True:
            version = 1 + max(self._numbers(group), default=0)
            package = {
                **request,
                "ModelPackageArn": identity.arn("model-package", f"{group}/{version}"),
                "ModelPackageStatus": "Completed",
                "ModelPackageVersion": version,
            }
            try:
                write_json_atomically(self.path(group, version), package, overwrite=False)
            except FileExistsError:  # another run has just registered this version
                continue
            return package

    def update(self, group: str, version: int, changes: Package) -> None:
        """Set keys of a version's description."""
        package = {**self._read(group, version), **changes}
        write_json_atomically(self.path(group, version), package)

    def groups(self) -> list[str]:
        """Return the names of the groups."""
        return sorted(path.name for path in self._root.glob("*") if path.is_dir())

    def path(self, group: str, version: int) -> Path:
        """Return the path of a version's file."""
        return self._root / group / f"{version}.json"

    def versions(self, group: str) -> list[Package]:
        """Return the group's versions, oldest first; none if there is no such group."""
        return [self._read(group, version) for version in sorted(self._numbers(group))]

    def describe(self, arn: str) -> Package | None:
        """Return the version with this ARN, or None. Raise ValueError for ARNs of other things."""
        found = _VERSION_ARN.fullmatch(arn)
        if not found:
            raise ValueError(f"{arn!r} isn't the ARN of a model package version")
        try:
            return self._read(found["group"], int(found["version"]))
        except FileNotFoundError:
            return None

    def _numbers(self, group: str) -> list[int]:
        paths = (self._root / group).glob("*.json")
        return [int(path.stem) for path in paths if path.stem.isdecimal()]

    def _read(self, group: str, version: int) -> Package:
        path = self.path(group, version)
        try:
            package: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            package["ModelPackageArn"]
        except (ValueError, KeyError, TypeError) as error:
            raise WorkdirError(f"{path}: not a model package ({error!r}); remove it") from None
        return {"CreationTime": path.stat().st_mtime, "ModelPackageVersion": version, **package}
