"""The deployed definition, read from the template of dev, runs on this machine."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from pipeline_steps.render import render
from pipeline_steps.settings import PipelineSettings
from tests.support.clean_room import ROOT
from tests.support.templates import Template, deployed_definition

WORDS = {"pos": "wonderful moving masterpiece", "neg": "dreadful boring waste"}
REVIEWS = 60  # of each split and class; enough for leaves of min_child_weight 6


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Reviews whose classes are easy to separate, in the layout of the article's archive."""
    path = tmp_path / "reviews.tar"
    with tarfile.open(path, "w") as archive:
        for split in ("train", "test"):
            for label, words in WORDS.items():
                for number in range(REVIEWS):
                    data = f"Film {number} of the {split} set: {words}.".encode()
                    member = tarfile.TarInfo(f"aclImdb/{split}/{label}/{number}_5.txt")
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data))
    return path


def run(definition: str, dataset: Path, folder: Path) -> dict[str, Any]:
    """The summary of a local run of a definition."""
    path = folder / "definition.json"
    path.write_text(definition, encoding="utf-8")
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "operations", "run", "--json"),
            *("--definition", str(path), "--workdir", str(folder / "work")),
            *("--dataset", str(dataset)),
            *("--parameter", "NumRound=10", "--parameter", "GateThreshold=0.5"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    summary: dict[str, Any] = json.loads(ended.stdout)
    return summary


def test_deployed_definition_runs_to_a_registered_model(
    dev: Template, dataset: Path, tmp_path: Path
) -> None:
    summary = run(deployed_definition(dev), dataset, tmp_path)
    assert summary["status"] == "Succeeded"
    assert summary["accuracy"] == 1.0
    assert [step["name"] for step in summary["steps"]][-2:] == ["QualityGate", "RegisterModel"]


def test_definition_with_all_protections_runs_locally(dataset: Path, tmp_path: Path) -> None:
    protected = PipelineSettings(
        customer_key=True,
        subnets=("subnet-0123456789abcdef0",),
        security_groups=("sg-0123456789abcdef0",),
        encrypt_traffic=True,
        spot=True,
    )
    assert run(render(protected), dataset, tmp_path)["status"] == "Succeeded"
