"""The pipeline's jobs as programs, each with its inputs in a folder of its own."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

from benchmarks.harness import xgboost_jobs
from benchmarks.harness.measure import ROOT, Program
from benchmarks.harness.xgboost_jobs import Values

_LIBSVM = "text/libsvm"


class Jobs:
    """The jobs, with this checkout's code packed into ``scratch``."""

    def __init__(self, scratch: Path) -> None:
        self._code = scratch / "processing.pyz"
        command = [sys.executable, "-m", "processing.packaging", str(self._code.absolute())]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def preprocess(self, output: Path, raw: Path, *options: str) -> Program:
        """Return the Preprocess job. raw: the folder that holds the archive."""
        program = self._processing("preprocess", output, raw=raw)
        return replace(program, command=(*program.command, *options))

    def train(
        self, sandbox: Path, train: Path, validation: Path, values: Values | None = None
    ) -> Program:
        """Return the training job, which writes ``sandbox/model``. values: of parameters."""
        parameters = xgboost_jobs.pipeline_hyperparameters(values)
        channels = {"train": train, "validation": validation}
        return xgboost_jobs.training(sandbox, channels, _LIBSVM, parameters)

    def transform(self, sandbox: Path, test: Path, model: Path) -> Program:
        """Return the transform job, which writes ``sandbox/output/data``."""
        return xgboost_jobs.transform(sandbox, test, model, _LIBSVM)

    def prepare(self, output: Path, raw: Path, version: Path) -> Program:
        """Return the Prepare job. version: the folder that FindModel wrote."""
        return self._processing("prepare", output, raw=raw, version=version)

    def join(self, output: Path, **inputs: Path) -> Program:
        """Return the Join job. inputs: folders, keyed by the job's options."""
        return self._processing("join", output, **inputs)

    def package(self, output: Path, **inputs: Path) -> Program:
        """Return the Package job. inputs: folders, keyed by the job's options."""
        return self._processing("package", output, **inputs)

    def evaluate(self, output: Path, **inputs: Path) -> Program:
        """Return the Evaluate job. inputs: folders, keyed by the job's options."""
        return self._processing("evaluate", output, **inputs)

    def _processing(self, job: str, output: Path, **inputs: Path) -> Program:
        given = [word for name, path in inputs.items() for word in (f"--{name}", str(path))]
        return Program((sys.executable, str(self._code), job, *given, "--output", str(output)))


def unpack_model(archive: Path, folder: Path) -> Path:
    """Unpack a ``model.tar.gz`` into ``folder`` and return it."""
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    return folder
