"""`sentiment tune` on invented reviews: trials are trainings of the pipeline; no test set."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from local_runner.platform.containers import HostContainer, Invocation
from tests.support.clean_room import ROOT
from tests.support.command_line import invoke, json_output
from tests.support.local_runs import invented_reviews, pack, run
from tests.support.programs import eventually, killed_if_failing

FIXED = ("--parameter", "NumRound=8", "--range", "MaxDepth=2..6", "--range", "Eta=0.1..0.5:log")


def words(workdir: Path, dataset: Path, *options: str) -> list[str]:
    return ["tune", "--workdir", str(workdir), "--dataset", str(dataset), *FIXED, *options]


def tuned(workdir: Path, dataset: Path, *options: str) -> Any:
    result = invoke(*words(workdir, dataset, "--json", *options))
    assert result.exit_code == 0, result.output
    return json_output(result)


def other_test_set() -> Iterator[tuple[str, str]]:
    """The same training reviews, and test reviews with other texts and the opposite labels."""
    for path, text in invented_reviews():
        if path.startswith("train/"):
            yield path, text
        else:
            label = "neg" if "/pos/" in path else "pos"
            yield f"test/{label}/{Path(path).name}", f"entirely other words {text[::-1]}"


def test_the_best_trial_is_the_model_that_run_trains(tmp_path: Path, archive: Path) -> None:
    found = tuned(tmp_path / "runs", archive, "--trials", "3")
    assert found["metric"] == "logloss"
    assert [it["state"] for it in found["trials"]] == ["complete"] * 3
    assert [it["value"] for it in found["trials"]] == sorted(it["value"] for it in found["trials"])
    assert found["parameters"] == {**found["best"]["parameters"], "NumRound": 8}
    parameters = [f"{name}={value}" for name, value in found["parameters"].items()]
    trained = run(tmp_path / "runs", archive, *parameters)
    assert trained.code == 0
    log = trained.workdir / "executions" / trained.summary["execution_id"] / "logs" / "Train.log"
    losses = [
        float(line.rpartition("validation-logloss:")[2])
        for line in log.read_text().splitlines()
        if "validation-logloss" in line
    ]
    assert found["best"]["value"] == min(losses)


def test_the_search_does_not_depend_on_the_test_set(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs: set[str] = set()
    invoked = HostContainer.invoke

    def invoke_and_list(container: HostContainer, invocation: Invocation) -> None:
        if invocation.command == ("train",):
            folder = invocation.opt_ml / "input" / "data"
            inputs.update(path.name for path in folder.iterdir())
        invoked(container, invocation)

    monkeypatch.setattr(HostContainer, "invoke", invoke_and_list)
    other = pack(tmp_path / "other.tar.gz", other_test_set())
    options = ("--trials", "4", "--seed", "1", "--range", "Features=stems,ngrams")
    original, replaced = (
        invoke(*words(tmp_path / name, dataset, "--json", *options)).stdout
        for name, dataset in (("original", archive), ("replaced", other))
    )
    assert {it["parameters"]["Features"] for it in json.loads(original)["trials"]} == {
        "stems",
        "ngrams",
    }
    assert original == replaced
    assert inputs == {"train", "validation"}


def test_preprocess_runs_once_for_all_trials_with_its_values(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[str] = []
    invoked = HostContainer.invoke

    def invoke_and_count(container: HostContainer, invocation: Invocation) -> None:
        commands.append(
            next(it for it in ("train", "preprocess", "download") if it in invocation.command)
        )
        invoked(container, invocation)

    monkeypatch.setattr(HostContainer, "invoke", invoke_and_count)
    tuned(tmp_path / "runs", archive, "--trials", "4", "--jobs", "2")
    tuned(tmp_path / "runs", archive, "--trials", "5")
    assert {name: commands.count(name) for name in set(commands)} == {
        "download": 1,
        "preprocess": 1,
        "train": 5,
    }


def test_a_killed_search_goes_on_and_ends_like_one_that_was_not(
    tmp_path: Path, archive: Path
) -> None:
    command = [sys.executable, "-m", "operations", *words(tmp_path / "killed", archive)]
    with killed_if_failing(
        subprocess.Popen([*command, "--trials", "50"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    ) as process:
        assert process.stderr
        lines = list(takewhile(lambda line: "trial 2" not in line, process.stderr))
        process.kill()
        process.wait(timeout=60)
    assert [line for line in lines if "Preprocess" in line and "Seed=0" in line]
    continued = tuned(tmp_path / "killed", archive, "--trials", "4")
    assert continued["trials"] == tuned(tmp_path / "other", archive, "--trials", "4")["trials"]


def test_ctrl_c_ends_the_search_with_the_leaderboard_so_far(tmp_path: Path, archive: Path) -> None:
    command = [sys.executable, "-m", "operations", *words(tmp_path / "runs", archive)]
    with killed_if_failing(
        subprocess.Popen(
            [*command, "--trials", "50", "--json"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    ) as process:
        journal = tmp_path / "runs" / "tuning" / "searches"
        eventually(lambda: any("measurements" in it.read_text() for it in journal.glob("*/*.log")))
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    found = json.loads(stdout)
    assert found["interrupted"]
    assert found["best"]["number"] in [it["number"] for it in found["trials"]]
    assert [line for line in stderr.splitlines() if "Traceback" in line] == []


def test_a_failing_job_ends_the_search_with_its_reason(tmp_path: Path) -> None:
    table = tmp_path / "reviews.csv"
    table.write_text("text,label\n" + "good,1\nbad,0\n" * 3 + "fine,2\n")
    result = invoke("tune", "--workdir", str(tmp_path / "runs"), "--dataset", str(table))
    assert result.exit_code != 0
    assert "label" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_best_values_become_a_preset(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    presets = tmp_path / "presets.json"
    presets.write_text('{"article": {}, "start": {"NumRound": 9, "Eta": 0.3}}')
    monkeypatch.setattr("operations.presets._PRESETS", presets)
    options = ("--preset", "start", "--parameter", "GateThreshold=0.7", "--trials", "2")
    found = tuned(tmp_path / "runs", archive, *options, "--write-preset", "mine")
    written = json.loads(presets.read_text())
    assert list(written) == ["article", "mine", "start"]
    assert written["mine"] == found["parameters"]
    assert written["mine"] == {**found["best"]["parameters"], "NumRound": 8, "GateThreshold": 0.7}
    again = invoke(*words(tmp_path / "runs", archive, "--write-preset", "mine"))
    assert again.exit_code == 2
    tuned(tmp_path / "runs", archive, *options, "--write-preset", "mine", "--force")
    assert json.loads(presets.read_text()) == written
