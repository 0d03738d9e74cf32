"""Runs trials: Preprocess and training as programs, features kept for those that share them."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.command import say
from benchmarks.jobs import Jobs
from benchmarks.measuring import Program, measured
from benchmarks.search.trial import Outcome, Training
from benchmarks.xgboost_jobs import Values, pipelines_hyperparameters

_OPTIONS = {
    "Features": "--features",
    "ValidationFraction": "--validation-fraction",
    "VocabularySize": "--vocabulary-size",
}
"""What decides Preprocess's files, and its name there; all else is the training's."""


class Trials:
    """Trials on the training half that lies alone in the folder ``raw``; remembers all of them.

    ``outcomes`` are those run so far, in order.
    """

    def __init__(self, raw: Path, scratch: Path, seeds: Sequence[int]) -> None:
        self.outcomes: list[Outcome] = []
        self._raw, self._scratch, self._seeds = raw, scratch, seeds
        self._jobs = Jobs(scratch)

    def run(self, why: str, values: Values) -> Outcome:
        """Trains once for each seed. Raises ProgramFailed."""
        trainings = [self._train(values, seed) for seed in self._seeds]
        outcome = Outcome(why, values, trainings)
        self.outcomes.append(outcome)
        say(
            f"{why}: accuracy {outcome.accuracy:.4f}, logloss {outcome.logloss:.4f}, "
            f"{outcome.cpu_seconds:.1f} CPU s"
        )
        return outcome

    def _train(self, values: Values, seed: int) -> Training:
        given = self._scratch / "hyperparameters.json"
        parameters = pipelines_hyperparameters({**values, "Seed": seed})
        given.write_text(json.dumps(parameters), encoding="utf-8")
        features, log = self._features(values, seed), self._scratch / "log"
        program = (sys.executable, "-m", "benchmarks.search.training", str(features), str(given))
        # A spinning OpenMP thread costs six times the CPU when another process wants the core.
        usage = measured(Program(program, {"OMP_WAIT_POLICY": "passive"}), log)
        told = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
        return Training(cpu_seconds=usage.cpu_seconds, **told)

    def _features(self, values: Values, seed: int) -> Path:
        options = {
            **{option: str(values[name]) for name, option in _OPTIONS.items() if name in values},
            "--seed": str(seed),
        }
        folder = self._scratch / "-".join(options.values()).replace("/", "_")
        if not folder.is_dir():
            words = [word for option in options.items() for word in option]
            measured(self._jobs.preprocess(folder, self._raw, *words), self._scratch / "log")
            # What stands in for a test half is no business of a trial.
            for name in ("test", "labels", "rows"):
                shutil.rmtree(folder / name, ignore_errors=True)
        return folder
