"""The pipeline's jobs as programs, each with its inputs laid before it in a folder of its own."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

from benchmarks import xgboost_jobs
from benchmarks.measuring import ROOT, Program
from benchmarks.xgboost_jobs import Values

_LIBSVM = "text/libsvm"


class Jobs:
    """The jobs with the code asset of this commit, which is packed into ``scratch``."""

    def __init__(self, scratch: Path) -> None:
        self._code = scratch / "processing.pyz"
        command = [sys.executable, "-m", "processing.packaging", str(self._code.absolute())]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def preprocess(self, output: Path, raw: Path, *options: str) -> Program:
        """Its outputs come below ``output``; ``raw`` is the folder that holds the archive."""
        program = self._processing("preprocess", output, raw=raw)
        return replace(program, command=(*program.command, *options))

    def train(
        self, sandbox: Path, train: Path, validation: Path, values: Values | None = None
    ) -> Program:
        """Its model comes below ``sandbox/model``; ``values`` are of pipeline parameters."""
        parameters = xgboost_jobs.pipelines_hyperparameters(values)
        channels = {"train": train, "validation": validation}
        return xgboost_jobs.training(sandbox, channels, _LIBSVM, parameters)

    def transform(self, sandbox: Path, test: Path, model: Path) -> Program:
        """Its predictions come below ``sandbox/output/data``; ``model`` is the model's folder."""
        return xgboost_jobs.transform(sandbox, test, model, _LIBSVM)

    def evaluate(self, output: Path, **inputs: Path) -> Program:
        """Its report comes below ``output``; ``inputs`` are folders by its options' names."""
        return self._processing("evaluate", output, **inputs)

    def _processing(self, job: str, output: Path, **inputs: Path) -> Program:
        given = [word for name, path in inputs.items() for word in (f"--{name}", str(path))]
        return Program((sys.executable, str(self._code), job, *given, "--output", str(output)))


def unpacked_model(archive: Path, folder: Path) -> Path:
    """The folder with the content of a ``model.tar.gz``."""
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    return folder
