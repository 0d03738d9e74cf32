"""The Feedback job: labels that arrive later, joined with scores by id."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest
from sklearn import metrics

from processing.errors import DataError
from processing.evaluation.significance import wilson
from processing.jobs import feedback
from tests.support.feedback_samples import ACCURACY, scored
from tests.support.report_page import (
    Report,
    assert_references_have_a_target,
    assert_self_contained,
)

SCORES = {"a": 0.9, "b": 0.8, "c": 0.3, "d": 0.2, "e": None}


class Executions:
    """Scored executions in a folder, and the job on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listed: list[dict[str, Any]] = []

    def add(self, scores: dict[str, float | None] | None = None, **other: Any) -> dict[str, Any]:
        name = f"local-{len(self.listed) + 1:04}"
        out = scored(self.folder / name, SCORES if scores is None else scores, **other)
        day = len(self.listed) + 1
        self.listed.append(
            {
                "drift": str(out / "drift/drift.json"),
                "id_column": "id",
                "name": name,
                "scores": str(out / "scores/scores.csv"),
                "started": f"2026-11-{day:02}T06:00:00+00:00",
                "text_column": "auto",
            }
        )
        return self.listed[-1]

    def run(self, labels: str | None, *flags: str, header: str = "id,label\n") -> Any:
        """Run the job and return the document; what it stores is there for the next time."""
        (self.folder / "executions.json").write_text(json.dumps({"executions": self.listed}))
        words = [f"--executions={self.folder / 'executions.json'}", f"--output={self.folder}/out"]
        if labels is not None:
            (self.folder / "labels.csv").write_text(header + labels)
            words.append(f"--labels={self.folder / 'labels.csv'}")
        feedback.run(feedback.parser().parse_args([*words, *flags]))
        for it in self.listed:
            stored = self.folder / "out" / it["name"] / "labels.csv"
            if stored.is_file():
                it["labels"] = str(stored)
        return json.loads((self.folder / "out/feedback.json").read_text())


@pytest.fixture
def executions(tmp_path: Path) -> Executions:
    return Executions(tmp_path)


def test_shares_equal_those_of_scikit_learn_on_the_joined_rows(executions: Executions) -> None:
    rng = random.Random(3)
    scores: dict[str, float | None] = {str(n): rng.random() for n in range(300)}
    executions.add(scores)
    actual = {name: rng.choice(["neg", "pos"]) for name in rng.sample(sorted(scores), 200)}
    document = executions.run("".join(f"{name},{label}\n" for name, label in actual.items()))
    with Path(executions.listed[0]["scores"]).open() as file:
        predicted = {row["id"]: row["label"] for row in csv.DictReader(file)}
    truth, guess = [*actual.values()], [predicted[name] for name in actual]
    [found] = document["executions"]
    assert found["accuracy"]["value"] == metrics.accuracy_score(truth, guess)
    assert found["precision"]["value"] == metrics.precision_score(truth, guess, pos_label="pos")
    assert found["recall"]["value"] == metrics.recall_score(truth, guess, pos_label="pos")
    assert (found["accuracy"]["low"], found["accuracy"]["high"]) == wilson(found["correct"], 200)


def test_review_counts_in_each_execution_that_scored_it(executions: Executions) -> None:
    executions.add()
    executions.add({"b": 0.1, "z": 0.9})
    document = executions.run("b,pos\n")
    assert [it["correct"] for it in document["executions"]] == [1, 0]
    assert (document["total"]["labeled"], document["total"]["correct"]) == (2, 1)
    assert document["labels"]["known"] == 1


def test_later_labels_add_up_and_replace_earlier_ones(executions: Executions) -> None:
    executions.add()
    executions.run("a,pos\nb,pos\n")
    [found] = executions.run("b,neg\nc,neg\n")["executions"]
    assert (found["labeled"], found["added"], found["corrected"]) == (3, 1, 1)
    assert Path(executions.listed[0]["labels"]).read_text() == "id,label\na,pos\nb,neg\nc,neg\n"
    [again] = executions.run(None)["executions"]
    assert (again["labeled"], again["correct"]) == (3, 2)


def test_only_executions_that_got_labels_are_written(executions: Executions) -> None:
    executions.add()
    executions.add({"z": 0.9})
    document = executions.run("a,pos\n")
    assert [path.name for path in (executions.folder / "out").iterdir() if path.is_dir()] == [
        "local-0001"
    ]
    assert document["updated"]["labeled"] == 1


def test_review_without_a_score_is_labeled_but_in_no_share(executions: Executions) -> None:
    executions.add()
    [found] = executions.run("e,pos\n")["executions"]
    assert (found["added"], found["labeled"], found["accuracy"]) == (1, 0, None)


def test_unknown_ids_and_rows_without_a_label_are_counted(executions: Executions) -> None:
    executions.add()
    labels = executions.run("a,pos\nb,\nx,pos\ny,neg\n")["labels"]
    assert labels == {
        "examples": ["x", "y"],
        "known": 1,
        "rows": 4,
        "unknown": 2,
        "unlabeled": 1,
    }


@pytest.mark.parametrize(
    ("labels", "mentions"),
    [
        ("a,pos\nb,neg\na,neg\n", ("rows 1 and 3", "'a'", "'pos'", "'neg'")),
        ("a,pos\nb,positive\n", ("row 2", "'positive'", "'neg'", "'pos'")),
        (",pos\n", ("row 1", "id")),
        ("a,pos,more\n", ("line 2",)),
    ],
)
def test_labels_that_cannot_be_joined_are_refused_with_their_rows(
    executions: Executions, labels: str, mentions: tuple[str, ...]
) -> None:
    executions.add()
    with pytest.raises(DataError) as refused:
        executions.run(labels)
    assert [it for it in ("labels.csv", *mentions) if it not in str(refused.value)] == []
    assert not (executions.folder / "out").exists()


def test_same_label_twice_is_accepted(executions: Executions) -> None:
    executions.add()
    assert executions.run("a,pos\na,pos\n")["total"]["labeled"] == 1


@pytest.mark.parametrize("header", ["id,sentiment\n", "name,label\n"])
def test_table_without_the_columns_is_refused(executions: Executions, header: str) -> None:
    executions.add()
    with pytest.raises(DataError, match=r"^labels\.csv: .*; the columns must be id and label$"):
        executions.run("a,pos\n", header=header)


def test_scores_are_refused_as_labels(executions: Executions) -> None:
    executions.add()
    with pytest.raises(DataError, match="probability"):
        executions.run("a,pos,0.9\n", header="id,label,probability\n")


def test_other_columns_of_the_labels_are_ignored(executions: Executions) -> None:
    executions.add()
    document = executions.run("a,pos,?,1\n", header="id,label,split,rater\n")
    assert document["total"]["correct"] == 1


def test_classes_are_those_of_the_version(executions: Executions) -> None:
    executions.add({"a, b": 0.9, "c": 0.1}, labels=["no, never", "yes"])
    [found] = executions.run('"a, b",yes\nc,"no, never"\n')["executions"]
    assert found["accuracy"]["value"] == 1
    assert found["labels"] == ["no, never", "yes"]


def test_export_is_a_dataset_with_each_review_once(executions: Executions) -> None:
    for text in ("b,Bad.\n", "a,Fine.\nb,Bad.\nc,Other.\n", "a,Fine.\nb,Worse.\nd,Fair.\n"):
        execution = executions.add()
        raw = executions.folder / execution["name"] / "raw"
        raw.mkdir()
        (raw / "new.csv").write_text(f"id,text\n{text}")
        execution["raw"] = str(raw)
    document = executions.run("a,pos\nb,neg\nd,pos\n", "--export")
    with (executions.folder / "out/labels.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    # Two reviews have the id b.
    assert rows == [
        ["id", "text", "label"],
        *(["a", "Fine.", "pos"], ["b", "Worse.", "neg"], ["d", "Fair.", "pos"]),
        ["local-0002/b", "Bad.", "neg"],
    ]
    assert document["exported"] == 4
    assert document["without_text"] == {"local-0001": 2, "local-0002": 1}


def test_page_shows_each_execution_and_loads_nothing(executions: Executions) -> None:
    for _ in range(3):
        executions.add()
    executions.run("a,pos\nb,neg\n<i>x</i>,pos\n", "--page")
    page = (executions.folder / "out/feedback.html").read_text()
    assert_self_contained(page)
    assert_references_have_a_target(page)
    rows = Report(page).rows("executions")
    named = [row[0].split()[:2] for row in rows]
    assert named == [[f"local-000{day}", f"2026-11-0{day}"] for day in (3, 2, 1)]
    assert (rows[0][2], rows[0][3].split()[0]) == ("2", "50.0%")
    assert rows[0][4] == f"{ACCURACY:.1%}"


def test_page_without_labels_shows_the_drift(executions: Executions) -> None:
    executions.add()
    executions.run(None, "--page")
    page = Report((executions.folder / "out/feedback.html").read_text())
    assert [it.get("id") for it in page.all("section")] == ["drift", "executions"]


def test_same_labels_give_the_same_bytes(executions: Executions, tmp_path: Path) -> None:
    executions.add()
    pages = []
    for _ in range(2):
        executions.run("a,pos\nb,neg\n", "--page")
        executions.listed[0].pop("labels")
        out = executions.folder / "out"
        pages.append([(out / name).read_bytes() for name in ("feedback.json", "feedback.html")])
    assert pages[0] == pages[1]
