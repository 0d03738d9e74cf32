"""Local runs of the command as a program, on small invented reviews."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.definition_cache import rendered
from pipeline_steps.settings import PipelineSettings
from processing.serving.handler import Handler
from processing.serving.package import load
from tests.support.clean_room import DEFINITION, ROOT

_PRAISE = ["wonderful", "superb", "delightful", "brilliant", "moving", "charming"]
_BLAME = ["awful", "dreadful", "tedious", "clumsy", "boring", "painful"]
_PLAIN = [f"word{first}{second}" for first in "abcdefgh" for second in "abcdefghij"]


def invented_reviews(train: int = 400, test: int = 200) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of reviews to train and to test on, half of them of each class."""
    chance = random.Random(0)
    for split, count in (("train", train // 2), ("test", test // 2)):
        for label, own, other in (("pos", _PRAISE, _BLAME), ("neg", _BLAME, _PRAISE)):
            for number in range(count):
                words = [*chance.choices(_PLAIN, k=30), *chance.choices(own, k=3)]
                words += chance.choices(other, k=chance.randrange(2))
                chance.shuffle(words)
                yield f"{split}/{label}/{number}_5.txt", " ".join(words)


def probabilities(handler: Handler, texts: Mapping[str, str]) -> dict[str, str]:
    """Request predictions of texts, a hundred at a time; return the probabilities by id."""
    found = {}
    reviews = [{"id": name, "text": text} for name, text in texts.items()]
    for start in range(0, len(reviews), 100):
        body = json.dumps(reviews[start : start + 100]).encode()
        answer = handler.answer(body, "application/json")
        assert answer.status == 200, answer.body
        for prediction in json.loads(answer.body)["predictions"]:
            found[prediction["id"]] = str(prediction["probability"])
    return found


def pack(
    target: Path,
    files: Iterator[tuple[str, str]],
    change: Callable[[tarfile.TarInfo], None] = lambda _: None,
) -> Path:
    """Write an archive with the original's layout. change: called with each member."""
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
    """The outcome of a run. summary: the object that it printed."""

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
        """Return the path of an output."""
        return Path(self.summary["artifacts"][name])

    def lines(self, name: str) -> list[str]:
        """Return the lines of all files of an output."""
        files = sorted(self.artifact(name).iterdir())
        return [line for file in files for line in file.read_text().splitlines()]

    def scores(self) -> dict[str, str]:
        """Return the lines that Batch Transform wrote for the test set, by the reviews' ids."""
        ids = (line.split(",")[0] for line in self.lines("rows"))
        return dict(zip(ids, self.lines("predictions"), strict=True))

    def package(self, folder: Path) -> Handler:
        """Return the handler of the package, which is unpacked in a folder."""
        with tarfile.open(self.artifact("package") / "model.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        return load(folder, {})

    def versions(self) -> list[str]:
        """Return the file names of the registered versions."""
        return sorted(path.name for path in self.workdir.glob("model-registry/*/*"))


def command(workdir: Path, dataset: Path | None, *parameters: str) -> list[str]:
    """Return the command line of a run; other definitions have no dataset."""
    options = [word for parameter in parameters for word in ("--parameter", parameter)]
    given = ("--dataset", str(dataset)) if dataset else ()
    return [
        *(sys.executable, "-m", "operations", "run", "--json"),
        *("--workdir", str(workdir), *given, *options),
    ]


def run(
    workdir: Path, dataset: Path | None, *parameters: str, definition: Path | None = None
) -> Run:
    """Run the command to its end. definition: a file other than the committed definition."""
    options = ("--definition", str(definition)) if definition else ()
    return _run([*command(workdir, dataset, *parameters), *options], ROOT, workdir)


def run_in(folder: Path, *options: str) -> Run:
    """Run ``definition.json`` in the folder that holds it."""
    words = (*command(Path("runs"), None), "--definition", "definition.json", *options)
    return _run(words, folder, folder / "runs")


def _run(words: Sequence[str], folder: Path, workdir: Path) -> Run:
    ended = subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    summary = json.loads(ended.stdout) if ended.stdout else {}
    return Run(ended.returncode, ended.stderr, summary, workdir)


def definition_of(settings: PipelineSettings, folder: Path, until: str = "QualityGate") -> Path:
    """Write the definition of other settings, without the steps after ``until``."""
    return _write_until(until, rendered(settings, ROOT / "build" / "definitions"), folder)


def definition_until(step: str, folder: Path) -> Path:
    """Write the committed definition without the steps after ``step``."""
    return _write_until(step, DEFINITION.read_text(encoding="utf-8"), folder)


def _write_until(step: str, text: str, folder: Path) -> Path:
    definition = json.loads(text)
    names = [item["Name"] for item in definition["Steps"]]
    definition["Steps"] = definition["Steps"][: names.index(step) + 1]
    path = folder / f"until-{step}.json"
    path.write_text(json.dumps(definition), encoding="utf-8")
    return path
