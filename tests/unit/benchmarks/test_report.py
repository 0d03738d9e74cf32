"""The page: every number of the result, ratios of the same run, targets that hold or don't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.measuring import Usage
from benchmarks.report import markdown, number
from benchmarks.result import Result
from benchmarks.rows import (
    ARTICLE,
    AS_WRITTEN,
    FLOOR,
    GOOD_USER,
    ONCE_A_REVIEW,
    OURS,
    PREPROCESS,
    WHOLE,
    Row,
    find,
    total,
)
from benchmarks.targets import targets

ROWS = [
    Row(FLOOR, "gunzip", Usage(0.5, 0.5, 280, 280), runs=3),
    Row(FLOOR, WHOLE, Usage(1.5, 1.5, 280, 280), runs=3),
    Row(GOOD_USER, WHOLE, Usage(24, 25, 560, 560)),
    Row(ARTICLE, AS_WRITTEN, Usage(3900, 3900, 300, 300), scale=250),
    Row(ARTICLE, ONCE_A_REVIEW, Usage(250, 250, 300, 300), scale=50),
    Row(ARTICLE, "CSV files", Usage(100, 100, 4100, 4100)),
    Row(OURS, WHOLE, Usage(20, 18, 320, 400), runs=3),
    Row(OURS, PREPROCESS, Usage(7, 3.5, 110, 300), runs=3),
]
RESULT = Result(
    date="2026-11-22",
    machine={
        "cores": 2,
        "load": [0.5, 2.5],
        "memory_gb": 16.0,
        "packages": {"numpy": "2.4.6"},
        "processor": "a processor",
        "python": "3.11.7",
        "system": "Linux x86_64",
    },
    archive={"bytes": 29_128_136, "name": "aclImdb_v1.tar.gz", "sha256": "f50e" * 16},
    rows=ROWS,
    sent_mb={"test": 14.4, "train": 15.4},
    accuracy=0.86812,
    help_seconds=0.1,
    start_seconds=0.4,
    imports={"Preprocess": 0.2, "Train": 1.5},
    profile={"text.stem": 2.0, "corpus.read_corpus": 1.5, "importing": 0.5},
)


def _lines(result: Result) -> list[str]:
    return markdown(result, "picture.svg").splitlines()


def test_result_is_the_same_after_saving_and_loading(tmp_path: Path) -> None:
    RESULT.save(tmp_path / "result.json")
    assert Result.load(tmp_path / "result.json") == RESULT
    first = (tmp_path / "result.json").read_bytes()
    Result.load(tmp_path / "result.json").save(tmp_path / "result.json")
    assert (tmp_path / "result.json").read_bytes() == first


def test_one_of_the_two_variants_is_in_a_total() -> None:
    assert total(ROWS, ARTICLE, without=ONCE_A_REVIEW).cpu_seconds == 4000
    assert total(ROWS, ARTICLE, without=AS_WRITTEN).cpu_seconds == 350
    assert total(ROWS, ARTICLE, without=AS_WRITTEN).peak_mb == 4100


def test_row_is_found_by_who_and_what() -> None:
    assert find(ROWS, OURS, WHOLE).cpu_seconds == 20
    with pytest.raises(ValueError, match="not enough values"):
        find(ROWS, OURS, "nothing")


def test_ratios_are_to_the_pipeline_of_the_same_run() -> None:
    assert "| the article's code, as written | 4,000 | 200 | 4,000 | 4,100 |" in _lines(RESULT)
    assert "| this pipeline | 20 | 1 | 18 | 320 |" in _lines(RESULT)


def test_sample_says_that_it_is_one() -> None:
    [line] = [line for line in _lines(RESULT) if AS_WRITTEN in line]
    assert "(a sample, times 250.0)" in line
    [line] = [line for line in _lines(RESULT) if "CSV files" in line]
    assert "sample" not in line


def test_page_tells_machine_archive_and_what_was_sent() -> None:
    page = markdown(RESULT, "picture.svg")
    for told in ("2 cores (a processor), 16.0 GB", "0.5 before and 2.5 after", "29,128,136 bytes"):
        assert told in page
    assert "| **together** | **29.80** |" in page
    assert "](picture.svg)" in page


def test_page_tells_where_the_time_goes() -> None:
    assert "| text.stem | 2 | 50% |" in _lines(RESULT)
    assert "| everything else | 0 | 0% |" in _lines(RESULT)
    assert "| Train | 1.5 |" in _lines(RESULT)


def test_dearest_functions_are_named_and_the_rest_added() -> None:
    many = {f"module.function{number:02}": 20.0 - number for number in range(20)}
    lines = _lines(replace(RESULT, profile=many))
    assert "| module.function11 | 9 | 4% |" in lines
    assert "| everything else | 36 | 17% |" in lines
    assert not [line for line in lines if "function12" in line]


def test_targets_hold_where_the_numbers_keep_to_them() -> None:
    assert [target.holds for target in targets(RESULT)] == [True] * 9
    assert "**no**" not in markdown(RESULT, "")


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"help_seconds": 0.21}, "`sentiment --help`"),
        ({"start_seconds": 0.71}, "`sentiment run` up to its first step"),
        ({"sent_mb": {"train": 32.1}}, "sent to S3 by an execution"),
        (
            {"rows": [*ROWS[:6], Row(OURS, WHOLE, Usage(20, 26, 320, 320)), ROWS[7]]},
            "the whole pipeline, wall",
        ),
        (
            {"rows": [*ROWS[:6], Row(OURS, WHOLE, Usage(20, 18, 501, 501)), ROWS[7]]},
            "the largest process",
        ),
        (
            {"rows": [*ROWS[:6], Row(OURS, WHOLE, Usage(54, 18, 320, 320)), ROWS[7]]},
            "the article's CPU by ours",
        ),
        (
            {"rows": [*ROWS[:7], Row(OURS, PREPROCESS, Usage(7.1, 3.5, 110, 300))]},
            "Preprocess, imports included, CPU",
        ),
        ({"rows": [*ROWS[:7], Row(OURS, PREPROCESS, Usage(7, 3.6, 110, 300))]}, "Preprocess, wall"),
        (
            {"rows": [*ROWS[:7], Row(OURS, PREPROCESS, Usage(7, 3.5, 110, 301))]},
            "Preprocess, all its processes",
        ),
    ],
)
def test_target_that_is_missed_is_told(change: dict[str, object], broken: str) -> None:
    result = replace(RESULT, **change)
    assert [target.what for target in targets(result) if not target.holds] == [broken]
    assert [line for line in _lines(result) if "**no**" in line and broken in line]


def test_numbers_have_three_digits_that_mean_something() -> None:
    shown = [number(value) for value in (3921.4, 100.4, 18.094, 0.07574, 0, 1e-7)]
    assert shown == ["3,920", "100", "18.1", "0.0757", "0", "1e-07"]


def test_picture_is_well_formed_follows_the_theme_and_is_the_same_each_time(
    tmp_path: Path,
) -> None:
    pytest.importorskip("matplotlib")
    from xml.etree import ElementTree

    from benchmarks.picture import draw

    for name in ("one.svg", "other.svg"):
        draw(RESULT, tmp_path / name)
    text = (tmp_path / "one.svg").read_text()
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert text.count("prefers-color-scheme: dark") == 1
    assert text == (tmp_path / "other.svg").read_text()
