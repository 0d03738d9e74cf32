"""The import table of docs/architecture.md, checked by import-linter; proof that it can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.clean_room import ROOT

CONFIGURATION: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS: dict[str, str] = {
    contract["id"]: contract["name"]
    for contract in CONFIGURATION["tool"]["importlinter"]["contracts"]
}
PACKAGES: list[str] = CONFIGURATION["tool"]["importlinter"]["root_packages"]

MOST_MODULES = 17
"""In one folder, ``__init__`` included."""

# A contract, a module that must not exist yet, and what it imports.
VIOLATIONS = [
    ("layers", "processing/dataset/planted.py", "import processing.jobs.download"),
    ("layers", "processing/text/planted.py", "from processing.corpus import corpus"),
    ("layers", "processing/evaluation/planted.py", "from processing.model import booster"),
    ("layers", "processing/planted.py", "import processing.names"),  # a module without a layer
    ("processing", "processing/features/planted.py", "import infra"),
    ("processing", "processing/jobs/planted.py", "def run():\n    import boto3"),
    ("processing", "processing/corpus/planted.py", "import sklearn"),
    ("processing", "processing/dataset/planted.py", "import pandas"),
    ("product", "infra/planted.py", "import app"),
    ("product", "operations/planted.py", "import tests.support.programs"),
    ("product", "processing/features/planted.py", "from benchmarks import harness"),
    ("text", "processing/text/planted.py", "import numpy"),
    ("shared", "processing/names.py", "import numpy"),
    ("local_runner", "local_runner/jobs/planted.py", "import processing.names"),
    ("local_runner", "local_runner/planted.py", "import boto3"),
    ("serving", "local_runner/platform/planted.py", "import flask"),
    ("serving", "operations/commands/planted.py", "def serve():\n    import gunicorn"),
    ("pipeline_steps", "pipeline_steps/planted.py", "import sagemaker"),
    ("pipeline_steps", "pipeline_steps/planted.py", "import boto3"),
    (
        "pipeline_steps",
        "pipeline_steps/steps/job_resources.py",
        "from processing.dataset import tables",
    ),
    (
        "pipeline_steps",
        "pipeline_steps/steps/job_resources.py",
        "from processing.model import registry",
    ),
    ("infra", "infra/observability/budget.py", "import processing.dataset.tables"),
    ("infra", "infra/planted.py", "import local_runner.plan"),
    ("infra", "infra/delivery/planted.py", "import boto3"),
    ("operations", "operations/planted.py", "import processing.dataset.tables"),
    ("operations", "operations/commands/planted.py", "import pipeline_steps.parameters"),
    ("operations.aws", "operations/planted.py", "import boto3"),
    ("operations.aws", "operations/local/planted.py", "from botocore import exceptions"),
    ("operations.local", "operations/local/planted.py", "from operations.aws import client"),
    ("pipeline_diff", "pipeline_diff/planted.py", "import operations.aws"),
    ("validation", "validation/planted.py", "import processing.model.booster"),
    ("emulator", "emulator/sagemaker/planted.py", "import operations"),
]


def lint(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", *options],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", root)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return root


def test_import_contracts_hold() -> None:
    ended = lint(ROOT)
    assert ended.returncode == 0, ended.stdout


def test_every_contract_has_a_planted_violation() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(CONTRACTS)


@pytest.mark.parametrize(("contract", "module", "statement"), VIOLATIONS)
def test_a_planted_import_breaks_its_contract(
    copy: Path, contract: str, module: str, statement: str
) -> None:
    path = copy / module
    before = path.read_text("utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{statement}\n", "utf-8")
    try:
        ended = lint(copy, "--contract", contract)
    finally:
        path.unlink() if before is None else path.write_text(before, "utf-8")
    assert ended.returncode == 1, ended.stdout
    assert "0 kept, 1 broken." in ended.stdout


def test_no_folder_of_product_code_has_more_modules_than_a_reader_can_scan() -> None:
    sizes = {
        str(folder.relative_to(ROOT)): len({path.stem for path in folder.glob("*.py")})
        for package in PACKAGES
        for folder in [ROOT / package, *(ROOT / package).rglob("*/")]
    }
    assert {folder: size for folder, size in sizes.items() if size > MOST_MODULES} == {}
