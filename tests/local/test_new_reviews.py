"""New reviews through a version that a run has registered: score, predict, and the local report."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sklearn import metrics

from tests.support.archives import zipped
from tests.support.clean_room import ROOT
from tests.support.local_runs import Run, invented_reviews, probabilities, run

NEW = 60


def sentiment(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command as a program."""
    return subprocess.run(
        [sys.executable, "-m", "operations", *map(str, arguments)],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def sentiment_json(*arguments: str | Path, stdin: str = "") -> Any:
    """Run the command with --json and return the object that it prints."""
    ended = sentiment(*arguments, "--json", stdin=stdin)
    assert ended.stdout, ended.stderr
    return json.loads(ended.stdout)


def write_table(path: Path, texts: list[str]) -> Path:
    """Write a table of reviews with ids."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "review"])
        rows.writerows((f"new-{number}", text) for number, text in enumerate(texts))
    return path


@dataclass(frozen=True)
class Scored:
    """An execution that scored reviews: the object that it printed, and the scores."""

    summary: dict[str, Any]
    rows: list[dict[str, str]]


def score(trained: Run, reviews: Path, output: Path, *options: str) -> Scored:
    """Score reviews with the newest approved version."""
    summary = sentiment_json(
        *("score", reviews, "--workdir", trained.workdir, "--output", output),
        *("--parameter", "DriftThreshold=100", *options),
    )
    assert summary["status"] == "Succeeded", summary["failure_reason"]
    with output.open(encoding="utf-8", newline="") as file:
        return Scored(summary, list(csv.DictReader(file)))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, archive: Path) -> Run:
    """A run whose version is approved."""
    workdir = tmp_path_factory.mktemp("new-reviews") / "runs"
    return run(workdir, archive, "NumRound=20", "ModelApprovalStatus=Approved")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [text for _, text in invented_reviews(train=0, test=NEW)]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory, trained: Run, texts: list[str]) -> Scored:
    """The texts in a table, with an empty text after the first half."""
    folder = tmp_path_factory.mktemp("table")
    reviews = write_table(folder / "new.csv", [*texts[: NEW // 2], "", *texts[NEW // 2 :]])
    options = ("--text-column", "review", "--id-column", "name")
    return score(trained, reviews, folder / "scores.csv", *options)


def test_each_row_of_a_table_is_scored(table: Scored) -> None:
    assert [row["id"] for row in table.rows] == [f"new-{number}" for number in range(NEW + 1)]
    drift = table.summary["drift"]
    assert (drift["rows"], drift["unscored"]) == (NEW + 1, 1)
    assert table.summary["model_package_arn"].endswith("/1")
    truth = [name.split("/")[1] for name, _ in invented_reviews(train=0, test=NEW)]
    labels = [row["label"] for row in table.rows if row["label"]]
    assert sum(map(str.__eq__, labels, truth)) > 0.8 * NEW


def test_empty_text_has_no_score(table: Scored) -> None:
    empty = [row for row in table.rows if not row["label"]]
    assert empty == [{"id": f"new-{NEW // 2}", "label": "", "probability": ""}]


@pytest.fixture(scope="module")
def actual() -> dict[str, str]:
    """The labels of the table's reviews, by id, without the empty one."""
    labels = [name.split("/")[1] for name, _ in invented_reviews(train=0, test=NEW)]
    ids = [number if number < NEW // 2 else number + 1 for number in range(NEW)]
    return {f"new-{number}": label for number, label in zip(ids, labels, strict=True)}


def test_labels_that_arrive_later_give_the_accuracy_of_the_scores(
    trained: Run, table: Scored, actual: dict[str, str], tmp_path: Path
) -> None:
    labels, export = tmp_path / "labels.csv", tmp_path / "labeled.csv"
    labels.write_text("id,label\n" + "".join(f"{name},{it}\n" for name, it in actual.items()))
    options = ("--workdir", trained.workdir, "--execution", table.summary["execution_id"])
    found = sentiment_json("feedback", labels, *options, "--export", export)
    [execution] = found["executions"]
    predicted = [row["label"] for row in table.rows if row["label"]]
    truth = [*actual.values()]
    assert execution["accuracy"]["value"] == metrics.accuracy_score(truth, predicted)
    assert execution["precision"]["value"] == metrics.precision_score(
        truth, predicted, pos_label="pos"
    )
    assert execution["recall"]["value"] == metrics.recall_score(truth, predicted, pos_label="pos")
    assert execution["drift"]["max_drift"] == table.summary["drift"]["max_drift"]
    assert (found["exported"], found["without_text"]) == (NEW, {})
    with export.open(encoding="utf-8", newline="") as file:
        assert {row["id"]: row["label"] for row in csv.DictReader(file)} == actual
    assert Path(found["html"]) == trained.workdir.absolute() / "feedback.html"

    again = sentiment_json("feedback", *options)
    assert again["executions"][0]["accuracy"] == execution["accuracy"]


def test_labeled_reviews_are_a_dataset(
    trained: Run, table: Scored, actual: dict[str, str], tmp_path: Path
) -> None:
    labels, export = tmp_path / "labels.csv", tmp_path / "labeled.csv"
    labels.write_text("id,label\n" + "".join(f"{name},{it}\n" for name, it in actual.items()))
    options = ("--workdir", trained.workdir, "--execution", table.summary["execution_id"])
    sentiment_json("feedback", labels, *options, "--export", export)
    inspected = sentiment_json("data", export)
    assert inspected["rows"] == NEW


def test_page_about_drift_is_found(trained: Run, table: Scored, tmp_path: Path) -> None:
    page = Path(table.summary["artifacts"]["drift_page"])
    saved = sentiment_json(
        *("scores", table.summary["execution_id"], "--workdir", trained.workdir),
        *("--drift", tmp_path / "drift.html"),
    )
    assert saved["uri"] == str(page)
    assert (tmp_path / "drift.html").read_bytes() == page.read_bytes()


def test_folder_of_texts_gets_the_same_scores_as_a_table(
    trained: Run, texts: list[str], table: Scored, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number:03}.txt").write_text(text)
    rows = score(trained, folder, tmp_path / "scores.csv").rows
    assert [row["id"] for row in rows] == [f"{number:03}.txt" for number in range(NEW)]
    expected = [row["probability"] for row in table.rows if row["probability"]]
    assert [row["probability"] for row in rows] == expected


def test_tables_in_an_archive_get_the_scores_of_their_table(
    table: Scored, trained: Run, texts: list[str], tmp_path: Path
) -> None:
    whole = write_table(tmp_path / "new.csv", [*texts[: NEW // 2], "", *texts[NEW // 2 :]])
    header, *rows = whole.read_bytes().splitlines(keepends=True)
    parts = {
        "a/one.csv": header + b"".join(rows[:30]),
        "a/two.csv": header + b"".join(rows[30:]),
        "notes.pdf": b"ignored",
    }
    reviews = tmp_path / "new.zip"
    reviews.write_bytes(zipped(parts))
    options = ("--text-column", "review", "--id-column", "name")
    assert score(trained, reviews, tmp_path / "scores.csv", *options).rows == table.rows


def test_reviews_of_the_test_set_get_the_scores_of_the_evaluation(
    trained: Run, tmp_path: Path
) -> None:
    texts = {name: text for name, text in invented_reviews() if name.startswith("test/")}
    folder = tmp_path / "folder"
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    rows = score(trained, folder, tmp_path / "scores.csv").rows
    measured = {name.split("/", 1)[-1]: float(it) for name, it in trained.scores().items()}
    assert len(rows) == len(measured) == 200
    for row in rows:
        expected = measured[row["id"].split("/", 1)[-1]]
        assert float(row["probability"]) == pytest.approx(expected, abs=1e-6)


def test_package_predicts_to_the_last_digit_as_batch_transform_and_predict(
    trained: Run, texts: list[str], tmp_path: Path
) -> None:
    of_test_set = {name: text for name, text in invented_reviews() if name.startswith("test/")}
    handler = trained.package(tmp_path)
    assert probabilities(handler, of_test_set) == trained.scores()
    found = sentiment_json("predict", texts[0], "--workdir", trained.workdir)
    assert str(found["probability"]) == probabilities(handler, {"a": texts[0]})["a"]


def test_reviews_that_drifted_are_scored_and_the_command_fails(
    trained: Run, tmp_path: Path
) -> None:
    reviews = write_table(tmp_path / "new.csv", ["unheard words only"] * 50)
    ended = sentiment(
        *("score", reviews, "--text-column", "review", "--workdir", trained.workdir),
        *("--output", tmp_path / "scores.csv"),
    )
    assert ended.returncode == 1
    assert ", step Drifted\n" in ended.stdout
    assert f"scores       {tmp_path}/scores.csv\n" in ended.stdout
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == 51


def test_a_missing_id_column_is_refused_with_the_columns_before_anything_runs(
    trained: Run, tmp_path: Path
) -> None:
    reviews = write_table(tmp_path / "new.csv", ["fine"])
    options = ("--text-column", "review", "--id-column", "nope", "--workdir", trained.workdir)
    ended = sentiment("score", reviews, *options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"{reviews}: no column 'nope'; " in ended.stderr
    assert "'name', 'review'" in ended.stderr
    assert "--id-column name" in ended.stderr


def test_version_of_a_run_is_listed_with_its_metrics(trained: Run) -> None:
    [version] = sentiment_json("versions", "--local", "--workdir", trained.workdir)["versions"]
    assert version["execution_id"] == "local-0001"
    assert version["accuracy"] == trained.summary["accuracy"]
    assert version["used_for_scoring"]


def test_prediction_of_a_text_lists_its_most_important_words(trained: Run) -> None:
    found = sentiment_json("predict", "A superb and moving film.", "--workdir", trained.workdir)
    assert found["label"] == "pos"
    assert found["probability"] > 0.5
    assert {"superb", "moving"} >= {word["word"] for word in found["words"][:1]}
    again = sentiment_json(
        "predict", "-", "--workdir", trained.workdir, stdin="A superb and moving film."
    )
    assert again == found


def test_prediction_shows_a_bar_for_each_word(trained: Run) -> None:
    ended = sentiment("predict", "Tedious, but superb!", "--workdir", trained.workdir)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert any(line.startswith("superb") and "+" in line and "█" in line for line in lines)
    assert any(line.startswith("tedious") and "-" in line for line in map(str.lower, lines))


def test_report_quotes_reviews_unless_they_are_excluded(trained: Run, tmp_path: Path) -> None:
    ended = sentiment("report", "--local", "--workdir", trained.workdir)
    assert ended.returncode == 0, ended.stderr
    report = trained.workdir / "executions/local-0001/report.html"
    assert ["report", str(report)] in [line.split() for line in ended.stdout.splitlines()]
    assert "accuracy" in ended.stdout
    without = tmp_path / "report.html"
    options = ("--no-reviews", "--html", without)
    assert sentiment("report", "local-0001", "--workdir", trained.workdir, *options).returncode == 0
    words = ("wonderful", "dreadful", "tedious")
    snippets = [
        any(f" {word} " in path.read_text() for word in words) for path in (report, without)
    ]
    assert snippets == [True, False]
