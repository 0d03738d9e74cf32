"""The linear models that a user would pick instead, measured as programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.measuring import Program, Usage, measured
from benchmarks.presets.runs import Run

RIVALS = ("TF-IDF + LogisticRegression", "NB-SVM")
"""As `benchmarks.baselines.linear` names them."""


def rival(name: str, archive: Path, seed: int, log: Path) -> Run:
    """Raw reviews to test accuracy in one process; the seed decides on what C is chosen."""
    program = (sys.executable, "-m", "benchmarks.baselines.linear", str(archive), name, str(seed))
    whole = measured(Program(program, {"OMP_WAIT_POLICY": "passive"}), log)
    told = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    cpu = told["train_cpu_seconds"]
    return Run(
        who=name,
        seed=seed,
        accuracy=told["accuracy"],
        auc=told["auc"],
        whole=whole,
        train=Usage(cpu, cpu, whole.peak_mb, whole.together_mb),
        model_mb=told["model_mb"],
        chosen=f"C={told['c']:g}",
    )
