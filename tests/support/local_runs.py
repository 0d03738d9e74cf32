"""The command run as a program, on small invented reviews."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

_PRAISE = ["wonderful", "superb", "delightful", "brilliant", "moving", "charming"]
_BLAME = ["awful", "dreadful", "tedious", "clumsy", "boring", "painful"]
_PLAIN = [f"word{first}{second}" for first in "abcdefgh" for second in "abcdefghij"]


def invented_reviews(train: int = 400, test: int = 200) -> Iterator[tuple[str, str]]:
    """(path, text) of so many reviews to train on and to test on, both classes alike."""
    chance = random.Random(0)
    for half, count in (("train", train // 2), ("test", test // 2)):
        for label, own, other in (("pos", _PRAISE, _BLAME), ("neg", _BLAME, _PRAISE)):
            for number in range(count):
                words = [*chance.choices(_PLAIN, k=30), *chance.choices(own, k=3)]
                words += chance.choices(other, k=chance.randrange(2))
                chance.shuffle(words)
                yield f"{half}/{label}/{number}_5.txt", " ".join(words)


def pack(
    target: Path,
    files: Iterator[tuple[str, str]],
    change: Callable[[tarfile.TarInfo], None] = lambda _: None,
) -> Path:
    """An archive of the files as the original is laid out; ``change`` may spoil its members."""
    with tarfile.open(target, "w:gz") as archive:
        for name, text in files:
            data = text.encode()
            member = tarfile.TarInfo(f"aclImdb/{name}")
            member.size = len(data)
            change(member)
            archive.addfile(member, io.BytesIO(data) if member.isreg() else None)
    return target


@dataclass(frozen=True)
class Run:
    """How a run ended, what it told, and where it worked."""

    code: int
    stderr: str
    summary: dict[str, Any]
    workdir: Path

    @property
    def cached(self) -> list[str]:
        """The steps that were taken from the cache."""
        return [step["name"] for step in self.summary["steps"] if step["cached"]]

    @property
    def statuses(self) -> dict[str, str]:
        """Each step's status."""
        return {step["name"]: step["status"] for step in self.summary["steps"]}

    def artifact(self, name: str) -> Path:
        """Where an artefact lies."""
        return Path(self.summary["artifacts"][name])

    def lines(self, name: str) -> list[str]:
        """The lines of all files of an artefact."""
        files = sorted(self.artifact(name).iterdir())
        return [line for file in files for line in file.read_text().splitlines()]

    def versions(self) -> list[str]:
        """The registered versions' files."""
        return sorted(path.name for path in self.workdir.glob("model-registry/*/*"))


def command(workdir: Path, dataset: Path, *parameters: str) -> list[str]:
    given = [word for parameter in parameters for word in ("--parameter", parameter)]
    return [
        *(sys.executable, "-m", "operations", "run", "--json"),
        *("--workdir", str(workdir), "--dataset", str(dataset), *given),
    ]


def run(workdir: Path, dataset: Path, *parameters: str, options: Sequence[str] = ()) -> Run:
    """Runs the command to its end."""
    ended = subprocess.run(
        [*command(workdir, dataset, *parameters), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    summary = json.loads(ended.stdout) if ended.stdout else {}
    return Run(ended.returncode, ended.stderr, summary, workdir)
