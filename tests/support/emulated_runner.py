"""A machine as a workflow's job has it: the project in Git, set up, and AWS's credentials."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.clean_room import ROOT, CleanRoom
from tests.support.emulator_programs import CDK_SECONDS, Emulator

_LATER = 4_000_000_000
_NOT_COPIED = shutil.ignore_patterns(
    *(".git", ".venv*", "node_modules", "build", "cdk.out", "runs", "__pycache__", ".*_cache"),
    *(".hypothesis", "tests"),
)
_QUIET = {
    "CDK_DISABLE_CLI_TELEMETRY": "true",
    "CDK_NOTICES": "false",
    "CI": "true",
    "GIT_AUTHOR_EMAIL": "somebody@example.com",
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.com",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "NO_COLOR": "1",
}
_INSTALLED = {".venv": Path(sys.prefix), "node_modules": ROOT / "node_modules"}
_STAMPS = {".stamp", "dev.stamp", "run.stamp"}


@dataclass(frozen=True)
class Ended:
    """How a step ended, and what it printed on both streams."""

    code: int
    printed: str


@dataclass(frozen=True)
class Runner:
    """A clone of the project; its origin holds what was merged."""

    folder: Path
    room: CleanRoom
    emulator: Emulator

    @classmethod
    def below(cls, folder: Path, room: CleanRoom, emulator: Emulator) -> Runner:
        """A machine in ``folder``, with the working tree that is tested as origin's only commit."""
        shutil.copytree(ROOT, folder / "origin", ignore=_NOT_COPIED, symlinks=True)
        origin = cls(folder / "origin", room, emulator)
        origin.git("init", "--quiet", "--initial-branch=main")
        origin.commit("What is tested")
        runner = cls(folder / "clone", room, emulator)
        origin.git("clone", "--quiet", str(origin.folder), str(runner.folder))
        for name, there in _INSTALLED.items():
            _set_up(runner.folder / name, there)
        return runner

    def run(self, line: str, variables: Mapping[str, str] | None = None) -> Ended:
        """Runs what a step says, as a workflow's shell does."""
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

    def git(self, *words: str) -> str:
        """What a git command prints."""
        ended = subprocess.run(
            ["git", *words],
            cwd=self.folder,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return ended.stdout.strip()

    def commit(self, message: str) -> str:
        """Commits everything; the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces the one ``old`` in a file."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} is written otherwise; change the test"
        path.write_text(text.replace(old, new), encoding="utf-8")

    @property
    def _environment(self) -> dict[str, str]:
        return {**self.room.environment, **_QUIET}


def _set_up(folder: Path, there: Path) -> None:
    """What make would install, linked from where it is installed; its stamps never grow old."""
    folder.mkdir()
    for path in there.iterdir():
        if path.name not in _STAMPS:
            (folder / path.name).symlink_to(path)
    for name in _STAMPS:
        (folder / name).touch()
        os.utime(folder / name, (_LATER, _LATER))
