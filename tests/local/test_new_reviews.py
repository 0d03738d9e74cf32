"""New reviews through a version that a run has registered: score, predict, and the local report."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.local_runs import (
    ROOT,
    Run,
    invented_reviews,
    run,
)

NEW = 60


def sentiment(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The command as a program."""
    return subprocess.run(
        [sys.executable, "-m", "operations", *map(str, arguments)],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def told(*arguments: str | Path, stdin: str = "") -> Any:
    """The object that the command prints with --json."""
    ended = sentiment(*arguments, "--json", stdin=stdin)
    assert ended.stdout, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> Run:
    """A run whose version is approved, in a work folder of this module."""
    workdir = tmp_path_factory.mktemp("new-reviews") / "runs"
    return run(workdir, archive, "NumRound=20", "ModelApprovalStatus=Approved")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [text for _, text in invented_reviews(train=0, test=NEW)]


def table(path: Path, texts: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "review"])
        rows.writerows((f"new-{number}", text) for number, text in enumerate(texts))
    return path


def scored(
    trained: Run, reviews: Path, output: Path, *options: str
) -> tuple[Any, list[dict[str, str]]]:
    found = told(
        *("score", reviews, "--workdir", trained.workdir, "--output", output),
        *("--parameter", "DriftThreshold=100", *options),
    )
    assert found["status"] == "Succeeded", found["failure_reason"]
    with output.open(encoding="utf-8", newline="") as file:
        return found, list(csv.DictReader(file))


def test_a_table_is_scored_row_for_row(trained: Run, texts: list[str], tmp_path: Path) -> None:
    reviews = table(tmp_path / "new.csv", [*texts[: NEW // 2], "", *texts[NEW // 2 :]])
    found, rows = scored(
        trained,
        reviews,
        tmp_path / "scores.csv",
        *("--text-column", "review", "--id-column", "name"),
    )
    assert [row["id"] for row in rows] == [f"new-{number}" for number in range(NEW + 1)]
    assert rows.pop(NEW // 2) == {"id": f"new-{NEW // 2}", "label": "", "probability": ""}
    assert (found["drift"]["rows"], found["drift"]["unscored"]) == (NEW + 1, 1)
    assert found["model_package_arn"].endswith("/1")
    truth = [name.split("/")[1] for name, _ in invented_reviews(train=0, test=NEW)]
    right = sum(row["label"] == label for row, label in zip(rows, truth, strict=True))
    assert right > 0.8 * NEW


def test_a_folder_of_texts_is_scored_as_the_table_is(
    trained: Run, texts: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number:03}.txt").write_text(text)
    _, of_folder = scored(trained, folder, tmp_path / "folder.csv")
    reviews = table(tmp_path / "new.csv", texts)
    _, of_table = scored(trained, reviews, tmp_path / "table.csv", "--text-column", "review")
    assert [row["id"] for row in of_folder] == [f"{number:03}.txt" for number in range(NEW)]
    assert [row["probability"] for row in of_folder] == [row["probability"] for row in of_table]


def test_reviews_of_the_test_set_get_the_scores_that_were_measured(
    trained: Run, archive: Path, tmp_path: Path
) -> None:
    """The same text, the same features, the same model: the same number."""
    texts = {name: text for name, text in invented_reviews() if name.startswith("test/")}
    folder = tmp_path / "folder"
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _, rows = scored(trained, folder, tmp_path / "scores.csv")
    ids = [line.split(",")[0] for line in trained.lines("rows")]
    measured = {
        name.split("/", 1)[-1]: float(score)
        for name, score in zip(ids, trained.lines("predictions"), strict=True)
    }
    assert len(rows) == len(measured) == 200
    for row in rows:
        expected = measured[row["id"].split("/", 1)[-1]]
        assert float(row["probability"]) == pytest.approx(expected, abs=1e-6)


def test_reviews_that_drifted_end_with_1_and_have_their_scores(
    trained: Run, tmp_path: Path
) -> None:
    reviews = table(tmp_path / "new.csv", ["unheard words only"] * 50)
    ended = sentiment(
        *("score", reviews, "--text-column", "review", "--workdir", trained.workdir),
        *("--output", tmp_path / "scores.csv"),
    )
    assert ended.returncode == 1
    assert "step Drifted: The reviews drifted from the test set by " in ended.stdout
    assert f"scores       {tmp_path}/scores.csv\n" in ended.stdout
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == 51


def test_a_text_is_told_with_the_words_that_decided(trained: Run) -> None:
    found = told("predict", "A superb and moving film.", "--workdir", trained.workdir)
    assert found["label"] == "pos"
    assert found["probability"] > 0.5
    assert {"superb", "moving"} >= {word["word"] for word in found["words"][:1]}
    again = told("predict", "-", "--workdir", trained.workdir, stdin="A superb and moving film.")
    assert again == found


def test_people_see_a_bar_for_each_word(trained: Run) -> None:
    ended = sentiment("predict", "Tedious, but superb!", "--workdir", trained.workdir)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert any(line.startswith("superb") and "+" in line and "█" in line for line in lines)
    assert any(line.startswith("tedious") and "-" in line for line in map(str.lower, lines))


def test_a_local_report_has_reviews_and_the_one_of_the_execution_has_none(
    trained: Run, tmp_path: Path
) -> None:
    ended = sentiment("report", "--local", "--workdir", trained.workdir)
    assert ended.returncode == 0, ended.stderr
    page = trained.workdir / "executions/local-0001/report.html"
    assert f"report       {page}\n" in ended.stdout
    assert "accuracy" in ended.stdout
    without = tmp_path / "page.html"
    options = ("--no-reviews", "--html", without)
    assert sentiment("report", "local-0001", "--workdir", trained.workdir, *options).returncode == 0
    words = ("wonderful", "dreadful", "tedious")
    snippets = [any(f" {word} " in path.read_text() for word in words) for path in (page, without)]
    assert snippets == [True, False]
