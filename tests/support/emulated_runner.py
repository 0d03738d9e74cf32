"""A workflow runner: a clone of the project, its tools installed, and AWS credentials."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import synth_once
from tests.support.cdk_context import CONTEXT, write_cdk_json
from tests.support.clean_room import ROOT, CleanRoom
from tests.support.emulator_process import CDK_SECONDS, Emulator

_DISTANT_FUTURE = 4_000_000_000
_GIT_SECONDS = 60
_NOT_COPIED = shutil.ignore_patterns(
    *(".git", ".venv*", "node_modules", "build", "cdk.out", "runs", "__pycache__", ".*_cache"),
    *(".hypothesis", "tests", "cdk.json"),
)
_VARIABLES = {
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "CDK_NOTICES": "false",
    "CI": "true",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_AUTHOR_NAME": "Author",
    "GIT_COMMITTER_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "Author",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "NO_COLOR": "1",
}
_DEFINITIONS = ROOT / "build" / "definitions"
_INSTALLED = {".venv": Path(sys.prefix), "node_modules": ROOT / "node_modules"}
_STAMPS = {".stamp", "dev.stamp", "run.stamp"}


@dataclass(frozen=True)
class Ended:
    """The exit code of a step, and its output on both streams."""

    code: int
    output: str


@dataclass(frozen=True)
class Runner:
    """A clone of the project, whose origin has one commit: the working tree under test.

    Its cdk.json is the tests' own.
    """

    folder: Path
    room: CleanRoom
    emulator: Emulator
    assemblies: Path

    @classmethod
    def create(
        cls,
        folder: Path,
        room: CleanRoom,
        emulator: Emulator,
        context: Mapping[str, Any] = CONTEXT,
    ) -> Runner:
        """Create origin and clone in ``folder``. context: that of their cdk.json."""
        assemblies = folder / "assemblies"
        assemblies.mkdir()
        shutil.copytree(ROOT, folder / "origin", ignore=_NOT_COPIED, symlinks=True)
        write_cdk_json(folder / "origin", context)
        origin = cls(folder / "origin", room, emulator, assemblies)
        origin.git("init", "--quiet", "--initial-branch=main")
        origin.commit("Tested working tree")
        runner = cls(folder / "clone", room, emulator, assemblies)
        origin.git("clone", "--quiet", str(origin.folder), str(runner.folder))
        for name, target in _INSTALLED.items():
            _link_installed(runner.folder / name, target)
        if _DEFINITIONS.exists():  # entries are valid wherever their sources are the same
            shutil.copytree(_DEFINITIONS, runner.folder / "build" / "definitions")
        return runner

    def run(self, line: str, variables: Mapping[str, str] | None = None) -> Ended:
        """Run the line of a step in the workflow's shell."""
        ended = subprocess.run(
            ["bash", "-e", "-c", line],
            cwd=self.folder,
            env={**self._environment, **self.emulator.environment, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=CDK_SECONDS,
        )
        return Ended(ended.returncode, ended.stdout)

    def git(self, *arguments: str) -> str:
        """Run a git command and return its output."""
        ended = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
        )
        return ended.stdout.strip()

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", f"--message={message}")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace the only occurrence of ``old`` in a file."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name}: expected {old!r} once; change the test"
        path.write_text(text.replace(old, new), encoding="utf-8")

    @property
    def _environment(self) -> dict[str, str]:
        app = f"{sys.executable} {synth_once.__file__} {self.assemblies}"
        # The linked .venv would import the packages of the tested checkout, and find its cdk.json.
        path = f"{self.folder}{os.pathsep}{self.room.environment['PYTHONPATH']}"
        return {**self.room.environment, **_VARIABLES, "CDK_APP": app, "PYTHONPATH": path}


def _link_installed(folder: Path, target: Path) -> None:
    """Link what make would install, with stamps that are newer than any requirement."""
    folder.mkdir()
    for path in target.iterdir():
        if path.name not in _STAMPS:
            (folder / path.name).symlink_to(path)
    for name in _STAMPS:
        (folder / name).touch()
        os.utime(folder / name, (_DISTANT_FUTURE, _DISTANT_FUTURE))
