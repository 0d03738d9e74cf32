"""Local datasets are inspected before anything is stored; errors name the user's own path."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.support.archives import tiny_dataset
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.local_samples import register

ROWS = "".join(f"A film of {number} acts,{'pn'[number % 2]}\n" for number in range(40))


def write(path: Path, content: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return str(path)


def run(root: Path, dataset: str, *more: str) -> Result:
    return invoke("run", "--dataset", dataset, "--workdir", str(root / "runs"), *more)


BROKEN = {
    "column": "text,stars\nA film.,5\n",
    "classes": "text,label\nA film.,p\nA film.,n\nA film.,x\n",
    "one class": "text,label\nA film.,p\nA film too.,p\n",
    "cells": "text,label\nA film, with a comma,p\n",
    "split": "text,label,split\nA film.,p,tset\n",
    "page": "<!DOCTYPE html>\n<html></html>\n",
    "empty": "",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_with_its_own_path_before_anything_is_stored(
    tmp_path: Path, content: str
) -> None:
    path = write(tmp_path / "in" / "my reviews.csv", content)
    assert_refused(run(tmp_path, path), 2, f"{path}: ")
    assert not (tmp_path / "runs").exists()


def test_the_file_of_a_folder_is_named(tmp_path: Path) -> None:
    write(tmp_path / "in" / "train.csv", f"text,label\n{ROWS}")
    wrong = write(tmp_path / "in" / "2026" / "test.csv", "text\nA film.\n")
    assert_refused(run(tmp_path, str(tmp_path / "in")), 2, f"{wrong}: ")


def test_broken_file_in_the_dataset_uri_parameter_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", BROKEN["classes"])
    result = invoke(
        *("run", "--parameter", f"DatasetUri={path}", "--workdir", str(tmp_path / "runs"))
    )
    assert_refused(result, 2, f"{path}: ")


def test_reviews_to_score_are_inspected_without_labels(tmp_path: Path) -> None:
    register(tmp_path / "runs", "Approved")
    path = write(tmp_path / "a.csv", "review,label\nA film.,p\n")
    result = invoke("score", path, "--workdir", str(tmp_path / "runs"), "--text-column", "nope")
    assert_refused(result, 2, f"{path}: ", "'review'")
    assert not (tmp_path / "runs" / "datasets").exists()


def test_data_describes_a_dataset(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"text,label\n{ROWS},p\n")
    result = invoke("data", path)
    assert result.exit_code == 0, result.output
    for line in ("dataset", "positive     p (of n, p)", "skipped      1 (1 empty)", "median 5"):
        assert line in result.stdout
    assert [line.split()[0] for line in result.stdout.splitlines() if "fraction of" in line] == [
        "validation"
    ]


def test_data_as_json_is_what_the_job_printed(tmp_path: Path) -> None:
    document = json_output(invoke("data", str(tiny_dataset(tmp_path / "a.tar")), "--json"))
    assert (document["rows"], document["complete"]) == (8, True)
    assert document["splits"]["test"]["classes"] == {"neg": 1, "pos": 1}


def test_data_reads_reviews_to_score(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "review\nA film.\n")
    document = json_output(
        invoke("data", path, "--scoring", "--parameter", "TextColumn=review", "--json")
    )
    assert document["rows"] == 1


def test_data_reports_that_only_the_first_rows_were_read(tmp_path: Path) -> None:
    result = invoke("data", str(tiny_dataset(tmp_path / "a.tar")), "--rows", "2")
    assert "rows         2 were read; there are more" in result.stdout


@pytest.mark.parametrize(
    ("dataset", "message"),
    [("https://host/a.csv", "download"), ("none.csv", "no such file"), ("", "empty")],
)
def test_data_refuses_what_is_not_on_this_machine(dataset: str, message: str) -> None:
    assert_refused(invoke("data", dataset), 2, message)
