"""Small synthetic channels in an /opt/ml for the XGBoost emulation."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.programs import killed_if_failing

Rows = list[tuple[int, list[int]]]

HYPERPARAMETERS = {"num_round": "5", "objective": "binary:logistic", "nthread": "1", "seed": "0"}


def sample(count: int, seed: int, width: int = 8, noise: float = 0.0) -> Rows:
    """Rows whose label depends on the first two counts; inverted in a share of ``noise``."""
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        counts = [chance.randrange(4) for _ in range(width)]
        label = int(counts[0] > counts[1])
        rows.append((1 - label if chance.random() < noise else label, counts))
    return rows


def libsvm(rows: Rows) -> str:
    """The pipeline's layout: a constant at both ends, words shifted by one."""
    lines = []
    for label, counts in rows:
        words = [f"{index}:{count}" for index, count in enumerate(counts, 1) if count]
        lines.append(" ".join([str(label), "0:1", *words, f"{len(counts) + 1}:1"]))
    return "\n".join(lines) + "\n"


def csv(rows: Rows, labels: bool = True) -> str:
    return "".join(
        ",".join(map(str, [label, *counts] if labels else counts)) + "\n" for label, counts in rows
    )


def write_opt_ml(
    opt_ml: Path,
    channels: dict[str, str],
    content_type: str | None = "text/libsvm",
    **hyperparameters: str,
) -> Path:
    """Create an /opt/ml with one file in each channel."""
    config = opt_ml / "input" / "config"
    config.mkdir(parents=True)
    (opt_ml / "model").mkdir()
    for name, content in channels.items():
        folder = opt_ml / "input" / "data" / name
        folder.mkdir(parents=True)
        (folder / "part-00000").write_text(content)
    described: dict[str, Any] = {name: {"ContentType": content_type} for name in channels}
    (config / "inputdataconfig.json").write_text(json.dumps(described))
    given = {**HYPERPARAMETERS, **hyperparameters}
    (config / "hyperparameters.json").write_text(json.dumps(given))
    write_hosts(opt_ml, "algo-1", ["algo-1"])
    return opt_ml


def write_hosts(opt_ml: Path, current: str, hosts: list[str]) -> None:
    resources = {"current_host": current, "hosts": hosts}
    (opt_ml / "input/config/resourceconfig.json").write_text(json.dumps(resources))


def start_image(opt_ml: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start the image's entry point as the runner does."""
    return subprocess.Popen(
        [sys.executable, "-m", "local_runner.algorithms.xgboost", *arguments],
        env={
            "OPT_ML": str(opt_ml),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "OMP_WAIT_POLICY": "passive",
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_image(opt_ml: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the image's entry point to its end."""
    with killed_if_failing(start_image(opt_ml, *arguments)) as process:
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)
