"""Executions that differ in one thing, compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.clean_room import DEFINITION
from tests.support.command_line import invoke, json_output
from tests.support.local_runs import Run, run


def compared(one: Run, other: Run) -> Any:
    ids = (str(it.summary["execution_id"]) for it in (one, other))
    return json_output(invoke("compare", *ids, "--workdir", str(one.workdir), "--json"))


@pytest.fixture(scope="module")
def base(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The execution that the others are compared with."""
    return run(tmp_path_factory.mktemp("base") / "runs", archive, "NumRound=20")


@pytest.fixture(scope="module")
def reseeded(base: Run, archive: Path) -> Run:
    """Another seed, and so another order of the same test set."""
    return run(base.workdir, archive, "NumRound=20", "Seed=1")


@pytest.fixture(scope="module")
def longer(base: Run, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A definition with another setting."""
    definition = json.loads(DEFINITION.read_text("utf-8"))
    train = next(it for it in definition["Steps"] if it["Name"] == "Train")
    train["Arguments"]["StoppingCondition"]["MaxRuntimeInSeconds"] = 7200
    path = tmp_path_factory.mktemp("longer") / "definition.json"
    path.write_text(json.dumps(definition), "utf-8")
    return run(base.workdir, archive, "NumRound=20", definition=path)


def test_test_set_in_another_order_is_paired_and_its_reviews_are_quoted(
    base: Run, reseeded: Run
) -> None:
    found = compared(base, reseeded)
    assert found["differences"] == {"parameters": {"Seed": ["0", "1"]}}
    [comparison] = found["comparisons"]
    assert comparison["same_model"] is False
    assert comparison["unpaired_reason"] is None
    examples = [example for side in comparison["changed"].values() for example in side["examples"]]
    assert examples
    for example in examples:
        assert example["id"].startswith(f"test/{example['label']}/")
        assert "word" in example["text"]


def test_setting_is_all_that_differs(base: Run, longer: Run) -> None:
    found = compared(base, longer)
    settings = {"Train: maximum runtime in seconds": ["3600", "7200"]}
    assert found["differences"] == {"settings": settings}
    [comparison] = found["comparisons"]
    assert comparison["same_model"] is True
    assert comparison["test"]["p_value"] == 1.0
    assert all(metric["difference"] == 0 for metric in comparison["metrics"].values())
