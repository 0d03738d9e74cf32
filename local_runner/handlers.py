"""Handlers: Python functions of the user's that run Lambda and Callback steps."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local_runner.errors import DefinitionError
from local_runner.platform.aws.endpoint import without_aws
from local_runner.platform.images import PYTHON

PROGRAM = "local_runner.algorithms.handler"
_NAME = re.compile(r"[\w.]+:\w+")
_imported: set[tuple[Path, str]] = set()
"""Folders and digests of handlers that this process has imported; plans are made several times."""


@dataclass(frozen=True)
class Handler:
    """A function: the folder that its module is imported from, and ``module:function``."""

    folder: Path
    name: str

    @property
    def digest(self) -> str:
        """A hash of the name and of the module's source, if that is in the folder."""
        digest = hashlib.sha256(self.name.encode())
        for source in self.sources:
            digest.update(source.read_bytes())
        return digest.hexdigest()

    @property
    def sources(self) -> list[Path]:
        """The module's source, if that is in the folder."""
        path = self.folder.joinpath(*self.name.partition(":")[0].split("."))
        return [it for it in (path.with_suffix(".py"), path / "__init__.py") if it.is_file()]


def importable_handler(step: str, name: str, folder: Path) -> Handler:
    """Return the handler of a step. Raise DefinitionError if it can't be imported."""
    where = f"handler of step {step}"
    if not _NAME.fullmatch(name):
        raise DefinitionError(f"{where}: must be MODULE:FUNCTION, got {name!r}")
    handler = Handler(folder, name)
    if (folder, handler.digest) in _imported:
        return handler
    found = subprocess.run(
        [*PYTHON, "-m", PROGRAM, folder, name],
        cwd=Path(__file__).resolve().parents[1],
        env=without_aws(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        reason = (found.stderr.strip() or "it exited").splitlines()[-1].removeprefix("error: ")
        raise DefinitionError(f"{where}: {name} can't be imported from {folder}: {reason}")
    _imported.add((folder, handler.digest))
    return handler
