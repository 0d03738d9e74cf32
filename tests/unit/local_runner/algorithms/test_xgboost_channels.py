"""Channels of the XGBoost emulation: names, content types, and rows."""

from __future__ import annotations

import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local_runner.algorithms.xgboost.channels import load, validate_channels
from local_runner.algorithms.xgboost.errors import UserError

# XGBoost 3.0 deprecates the way in which the image reads text files.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:xgboost")

LIBSVM = "1 0:1 2:3 4:1\n0 0:1 4:1\n"
CSV = "1,0,3\n0,2,0\n"


def entry(content_type: str | None = None) -> dict[str, Any]:
    return {"ContentType": content_type, "TrainingInputMode": "File"}


def channel(root: Path, files: dict[str, str | bytes], name: str = "train") -> Path:
    folder = root / name
    folder.mkdir()
    for file, content in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def rows(folder: Path, form: str) -> list[list[float]]:
    """Each row as its label and its values, nan where there is none."""
    matrix = load([folder], form)
    assert matrix is not None
    cells = matrix.get_data().toarray().tolist()
    labels = matrix.get_label().tolist()
    return [[label, *row] for label, row in zip(labels, cells, strict=True)]


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        (None, "libsvm"),
        ("", "libsvm"),
        ("text/libsvm", "libsvm"),
        ("text/x-libsvm", "libsvm"),
        ("libsvm", "libsvm"),
        ("text/csv", "csv"),
        ("csv", "csv"),
    ],
)
def test_content_types_map_to_formats(content_type: str | None, form: str) -> None:
    config = {"train": entry(content_type), "validation": entry(content_type)}
    assert validate_channels(config) == {"train": form, "validation": form}


@pytest.mark.parametrize(
    "content_type",
    ["text/csv;label_size=1", "text/csv; charset=utf-8", "TEXT/LIBSVM", "text/plain"],
)
def test_content_type_must_match_exactly(content_type: str) -> None:
    channel = entry(content_type)
    with pytest.raises(UserError) as refusal:
        validate_channels({"train": channel})
    assert str(refusal.value) == (
        f"Channel configuration for 'train' channel is not supported: {channel}"
    )


def test_content_type_of_the_train_channel_decides_for_both() -> None:
    config = {"train": entry("text/csv"), "validation": entry("text/libsvm")}
    assert validate_channels(config) == {"train": "csv", "validation": "csv"}


def test_code_channel_is_accepted_and_not_read() -> None:
    config = {"train": entry("text/csv"), "code": entry("text/python")}
    assert validate_channels(config) == {"train": "csv"}
    with pytest.raises(UserError, match="'code' channel is not supported"):
        validate_channels({"train": entry(), "code": entry("text/csv")})


@pytest.mark.parametrize("content_type", ["application/x-parquet", "recordio-protobuf"])
def test_content_type_that_only_the_image_reads_is_unsupported_by_local_runs(
    content_type: str,
) -> None:
    with pytest.raises(UserError, match=f"local runs don't read {content_type}"):
        validate_channels({"train": entry(content_type)})


@pytest.mark.parametrize("name", ["test", "Train", "eval"])
def test_unknown_channel_is_refused(name: str) -> None:
    with pytest.raises(UserError, match=f"^Extraneous channel found: {name}$"):
        validate_channels({"train": entry(), name: entry()})


def test_train_channel_is_required() -> None:
    with pytest.raises(UserError, match=r"^Missing required channel: train$"):
        validate_channels({"validation": entry()})


def test_libsvm_indices_are_taken_literally(tmp_path: Path) -> None:
    folder = channel(tmp_path, {"part-0": LIBSVM})
    assert rows(folder, "libsvm") == [[1, 1, 0, 3, 0, 1], [0, 1, 0, 0, 0, 1]]


def test_label_of_a_csv_row_comes_first(tmp_path: Path) -> None:
    matrix = load([channel(tmp_path, {"part-0": CSV})], "csv")
    assert matrix is not None
    assert matrix.get_label().tolist() == [1, 0]
    assert matrix.get_data().toarray().tolist() == [[0, 3], [2, 0]]


def test_rows_are_read_while_other_programs_delete_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """XGBoost reads the status of every file in the folder of the file that it opens."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    folder, done = channel(tmp_path, {"part-0": LIBSVM}), threading.Event()

    def create_and_delete() -> None:
        while not done.is_set():
            for number in range(20):
                (scratch / str(number)).touch()
            for number in range(20):
                (scratch / str(number)).unlink()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(create_and_delete)
        try:
            for _ in range(40):
                assert load([folder], "libsvm") is not None
        finally:
            done.set()


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "part-2": "0 0:2\n",
        "part-0": "0 0:0\n",
        "sub/part-1": "0 0:9\n",
        "part-10": "0 0:1\n",
    }
    assert [row[1] for row in rows(channel(tmp_path, files), "libsvm")] == [0, 1, 2, 9]


@pytest.mark.parametrize("files", [{}, {"part-0": "", "part-1": ""}], ids=["empty", "zero-bytes"])
def test_empty_channel_has_no_rows(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert load([channel(tmp_path, files)], "libsvm") is None


@pytest.mark.parametrize("name", [".part-1", "sub/.hidden"])
def test_hidden_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = channel(tmp_path, {"part-0": LIBSVM, name: LIBSVM})
    with pytest.raises(UserError) as refusal:
        load([folder], "libsvm")
    expected = "Hidden file found in the data path! Remove that before training."
    assert str(refusal.value) == expected


def test_empty_libsvm_file_beside_others_is_ignored(tmp_path: Path) -> None:
    folder = channel(tmp_path, {"part-0": "", "part-1": LIBSVM})
    assert len(rows(folder, "libsvm")) == 2


def test_empty_csv_file_beside_others_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^Could not determine delimiter on line"):
        load([channel(tmp_path, {"part-0": "", "part-1": CSV})], "csv")


@pytest.mark.parametrize(
    ("content", "form", "message"),
    [
        (CSV, "libsvm", "First line '1,0,3\n...' of file 'p' is not 'LIBSVM' format. "),
        ("\n" + LIBSVM, "libsvm", "First line '\n...' of file 'p' is not 'LIBSVM' format. "),
        ("x " + "0:1 " * 50, "libsvm", f"First line 'x {'0:1 ' * 12}...' of file 'p' is not"),
        ("1 0:1 2:3 \n" + LIBSVM, "libsvm", "First line '1 0:1 2:3 \n...' of file 'p' is not"),
        ("1  0:1 2:3\n" + LIBSVM, "libsvm", "First line '1  0:1 2:3\n...' of file 'p' is not"),
        ("# c\n" + LIBSVM, "libsvm", "First line '# c\n...' of file 'p' is not"),
        ("1 0:1 2:3 # c\n", "libsvm", "First line '1 0:1 2:3 # c\n...' of file 'p' is not"),
        ("1\t0:1\t2:3\n", "libsvm", "First line '1\t0:1\t2:3\n...' of file 'p' is not"),
        ("1:2:3 0:1\n", "libsvm", "First line '1:2:3 0:1\n...' of file 'p' is not"),
        ("1 0:1:2 1:1\n", "libsvm", "First line '1 0:1:2 1:1\n...' of file 'p' is not"),
        ("1 0:1\n\n" + LIBSVM, "libsvm", "First line '\n...' of file 'p' is not"),
        ("\n" + CSV, "csv", "Could not determine delimiter on line \n:"),
    ],
    ids=[
        *("csv-as-libsvm", "blank-first-line", "cut-to-fifty", "trailing-blank", "double-blank"),
        *("comment-line", "comment", "tabs", "two-weights", "two-values", "blank-line-before-two"),
        "blank-first-line-of-csv",
    ],
)
def test_file_of_the_other_format_is_refused_with_its_first_line(
    tmp_path: Path, content: str, form: str, message: str
) -> None:
    with pytest.raises(UserError) as refusal:
        load([channel(tmp_path, {"p": content})], form)
    assert str(refusal.value).startswith(message)


def test_second_file_of_another_format_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="of file 'part-1' is not 'LIBSVM' format"):
        load([channel(tmp_path, {"part-0": LIBSVM, "part-1": CSV})], "libsvm")


def test_blank_lines_after_the_first_are_dropped(tmp_path: Path) -> None:
    folder = channel(tmp_path, {"part-0": "1 0:1 1:1\n\n\n0 0:2\n\n"})
    assert rows(folder, "libsvm") == [[1, 1, 1], [0, 2, 0]]


@pytest.mark.parametrize("line", ["1  0:5 2:3", "1 0:5 2:3 ", "1 0:5 2:3 # c"])
def test_image_checks_no_line_after_the_first_with_two_features(tmp_path: Path, line: str) -> None:
    found = rows(channel(tmp_path, {"part-0": f"{LIBSVM}{line}\n"}), "libsvm")
    assert found[2] == [1, 5, 0, 3, 0, 0]


def test_first_libsvm_row_may_be_only_a_label(tmp_path: Path) -> None:
    found = rows(channel(tmp_path, {"part-0": f"0\n{LIBSVM}"}), "libsvm")
    assert found[:2] == [[0] * 6, [1, 1, 0, 3, 0, 1]]


@pytest.mark.parametrize("delimiter", ["\t", ";", "|", " ", ":"])
def test_first_csv_line_decides_the_delimiter(tmp_path: Path, delimiter: str) -> None:
    folder = channel(tmp_path, {"part-0": CSV.replace(",", delimiter)})
    assert rows(folder, "csv") == [[1, 0, 3], [0, 2, 0]]


def test_colon_in_the_first_csv_line_is_accepted(tmp_path: Path) -> None:
    assert rows(channel(tmp_path, {"part-0": "1:2,0,3\n0,2,0\n"}), "csv")[1] == [0, 2, 0]


def test_second_column_of_csv_may_be_the_weight(tmp_path: Path) -> None:
    matrix = load([channel(tmp_path, {"part-0": "1,0.5,3\n0,2,4\n"})], "csv", has_weights=True)
    assert matrix is not None
    assert matrix.get_weight().tolist() == [0.5, 2]
    assert matrix.get_data().toarray().tolist() == [[3], [4]]


@pytest.mark.parametrize("others", [[], ["part-1"], ["a/b/part-1"]])
def test_file_in_a_folder_deeper_than_three_is_refused(tmp_path: Path, others: list[str]) -> None:
    files: dict[str, str | bytes] = dict.fromkeys([*others, "a/b/c/part-0"], LIBSVM)
    with pytest.raises(UserError, match=r"a/b/c/part-0"):
        load([channel(tmp_path, files)], "libsvm")


def test_file_in_the_third_folder_is_read(tmp_path: Path) -> None:
    assert len(rows(channel(tmp_path, {"a/b/part-0": LIBSVM}), "libsvm")) == 2


def test_empty_marker_of_spark_beside_csv_is_ignored(tmp_path: Path) -> None:
    found = rows(channel(tmp_path, {"_SUCCESS": "", "part-0": CSV.replace(",", ";")}), "csv")
    assert found == [[1, 0, 3], [0, 2, 0]]


def test_image_checks_only_the_files_of_one_innermost_folder(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"part-0": "1  0:1 1:1\n", "sub/part-1": LIBSVM}
    assert len(rows(channel(tmp_path, files), "libsvm")) == 3


@pytest.mark.parametrize(
    ("first", "second", "form", "expected"),
    [
        ("0 0:1", "1 0:2\n", "libsvm", [[0, 1], [1, 2]]),
        ("0,5", "1,6\n", "csv", [[0, 5], [1, 6]]),
    ],
    ids=["libsvm", "csv"],
)
def test_files_without_a_final_newline_are_read_separately(
    tmp_path: Path, first: str, second: str, form: str, expected: list[list[float]]
) -> None:
    try:
        found = rows(channel(tmp_path, {"part-0": first, "part-1": second}), form)
    except UserError as error:
        raise AssertionError(str(error)) from None
    assert found == expected


@pytest.mark.parametrize("line", ["1 0:1 x:1", "1 0:1 7"], ids=["word", "no-colon"])
def test_malformed_libsvm_row_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(UserError, match=r"^Failed to load libsvm data with exception:"):
        load([channel(tmp_path, {"part-0": f"{LIBSVM}{line}\n"})], "libsvm")
