"""Reading a scored test set: how parts are paired, what is refused, and what is kept of the ids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from processing.errors import DataError
from processing.evaluation.predictions import (
    MAX_ERRORS,
    PredictionFolders,
    Predictions,
    read_predictions,
)
from tests.support.evaluation_samples import LABELS, SCORES, Files, put, rows_for


def read(
    folder: Path,
    scores: Files = SCORES,
    labels: Files = LABELS,
    rows: Files | None = None,
) -> Predictions:
    return read_predictions(
        PredictionFolders(
            predictions=put(folder / "predictions", scores),
            labels=put(folder / "labels", labels),
            rows=put(folder / "rows", rows_for(labels) if rows is None else rows),
        ),
        0.5,
    )


def refusal(folder: Path, **files: Files) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, **files)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_scores_labels_and_rows_of_a_part_belong_together(tmp_path: Path) -> None:
    rows = {"part-00000.csv": "a,5,4\nb,6,3\nc,7,2\n", "part-00001.csv": "d,0,0\ne,1,1\nf,2,1\n"}
    found = read(tmp_path, rows=rows)
    assert found.scores.tolist() == [0.9, 0.2, 0.4, 0.6, 0.1, 0.8]
    assert found.labels.tolist() == [1, 0, 1, 0, 0, 1]
    assert found.words.tolist() == [5, 6, 7, 0, 1, 2]
    assert found.known.tolist() == [4, 3, 2, 0, 1, 1]
    assert found.correct.tolist() == [True, True, False, False, True, True]


def test_parts_are_paired_by_name_in_whatever_folder_they_are(tmp_path: Path) -> None:
    moved = {f"{9 - number}/{name}": SCORES[name] for number, name in enumerate(SCORES)}
    assert np.array_equal(read(tmp_path / "1", moved).scores, read(tmp_path / "2").scores)


def test_parts_of_more_than_five_digits_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = dict(zip(("part-00000", "part-00001"), ("part-99999", "part-100000"), strict=True))
    files: list[Files] = [
        {names[name[:10]] + name[10:]: content for name, content in part.items()}
        for part in (SCORES, LABELS, rows_for(LABELS))
    ]
    assert np.array_equal(read(tmp_path / "1", *files).scores, read(tmp_path / "2").scores)


def test_parts_of_csv_features_are_paired_too(tmp_path: Path) -> None:
    renamed = {name.replace("libsvm", "csv"): content for name, content in SCORES.items()}
    assert np.array_equal(read(tmp_path / "1", renamed).scores, read(tmp_path / "2").scores)


@pytest.mark.parametrize(
    ("lines", "scores"),
    [
        pytest.param("\n0.9\r\n\n 0.2 \n\n0.4\n\n", [0.9, 0.2, 0.4], id="blank lines and CRLF"),
        pytest.param("1\n9.5e-05\n0\n", [1, 9.5e-05, 0], id="scientific notation and both ends"),
    ],
)
def test_scores_are_read_however_they_are_written(
    tmp_path: Path, lines: str, scores: list[float]
) -> None:
    found = read(tmp_path, {**SCORES, "part-00000.libsvm.out": lines})
    assert found.scores[:3].tolist() == scores


@pytest.mark.parametrize("lines", ["0.9\n0.2\n", "0.9\n0.2\n0.4\n0.4\n", "", "\n\n"])
def test_another_number_of_predictions_than_rows_is_refused(tmp_path: Path, lines: str) -> None:
    message = refusal(tmp_path, scores={**SCORES, "part-00000.libsvm.out": lines})
    assert message.startswith(f"part-00000.libsvm.out: {len(lines.split())} predictions for 3 rows")


def test_numbers_of_predictions_must_match_in_each_part_and_not_only_in_total(
    tmp_path: Path,
) -> None:
    scores: Files = {
        "part-00000.libsvm.out": "0.9\n0.2\n0.4\n0.6\n",
        "part-00001.libsvm.out": "0.1\n0.8\n",
    }
    assert refusal(tmp_path, scores=scores).startswith("part-00000.libsvm.out: 4 predictions")


def test_another_number_of_labels_than_rows_is_refused(tmp_path: Path) -> None:
    labels = {**LABELS, "part-00001.csv": "0\n1\n"}
    message = refusal(tmp_path, labels=labels, rows=rows_for(LABELS))
    assert message.startswith("part-00001.csv: 2 labels for 3 rows")


@pytest.mark.parametrize(
    "line", ["nan", "inf", "-inf", "-0.01", "1.01", "[0.2]", "0.2,0.8", "0.2 0.8", "positive"]
)
def test_a_score_that_is_not_a_probability_is_refused_with_file_and_line(
    tmp_path: Path, line: str
) -> None:
    scores = {**SCORES, "part-00001.libsvm.out": f"0.6\n\n{line}\n0.8\n"}
    message = refusal(tmp_path, scores=scores)
    assert message.startswith("part-00001.libsvm.out, line 3: ")
    assert repr(line) in message


@pytest.mark.parametrize("line", ["2", "-1", "0.0", "1.0", "pos", "1,3"])
def test_a_label_other_than_0_and_1_is_refused_with_file_and_line(
    tmp_path: Path, line: str
) -> None:
    message = refusal(tmp_path, labels={**LABELS, "part-00001.csv": f"0\n{line}\n1\n"})
    assert message == f"part-00001.csv, line 2: the label must be 0 or 1, got {line!r}"


def test_a_message_quotes_only_the_beginning_of_a_long_line(tmp_path: Path) -> None:
    message = refusal(tmp_path, scores={**SCORES, "part-00000.libsvm.out": "x" * 100_000})
    assert f"'{'x' * 40}'" in message


def test_predictions_that_are_not_text_are_refused_with_file_and_byte(tmp_path: Path) -> None:
    content: Files = {"part-00000.libsvm.out": b"0.9\n\xff\n"}
    assert refusal(tmp_path, scores={**SCORES, **content}).startswith("part-00000.libsvm.out: ")


@pytest.mark.parametrize("missing", ["part-00000", "part-00001"])
@pytest.mark.parametrize("what", ["scores", "labels"])
def test_a_part_that_has_no_predictions_or_labels_is_refused(
    tmp_path: Path, what: str, missing: str
) -> None:
    files: Mapping[str, Files] = {"scores": SCORES, "labels": LABELS}
    rest = {name: text for name, text in files[what].items() if not name.startswith(missing)}
    message = refusal(tmp_path, **{what: rest, "rows": rows_for(LABELS)})
    assert message.startswith(f"{missing}: ")


@pytest.mark.parametrize(("what", "folder"), [("scores", "predictions"), ("labels", "labels")])
def test_an_empty_folder_is_refused(tmp_path: Path, what: str, folder: str) -> None:
    assert str(tmp_path / folder) in refusal(tmp_path, **{what: {}})


@pytest.mark.parametrize("content", ["0\n0\n0\n", "1\n1\n1\n", ""])
def test_labels_of_fewer_than_two_classes_are_refused(tmp_path: Path, content: str) -> None:
    labels = dict.fromkeys(LABELS, content)
    scores = SCORES if content else dict.fromkeys(SCORES, "")
    message = refusal(tmp_path, scores=scores, labels=labels)
    assert message.startswith(f"{tmp_path / 'labels'}: ")


@pytest.mark.parametrize(
    "second", ["other/part-00000.libsvm.out", "part-00000.csv.out", "part-00000.libsvm"]
)
def test_a_second_file_of_predictions_for_a_part_is_refused(tmp_path: Path, second: str) -> None:
    assert "part-00000" in refusal(tmp_path, scores={**SCORES, second: "0.1\n0.9\n0.1\n"})


def reversed_lines(files: Files) -> Files:
    turned = (str(text).split()[::-1] for text in files.values())
    return {name: "\n".join(it) + "\n" for name, it in zip(files, list(turned)[::-1], strict=True)}


def test_test_set_is_identified_by_ids_and_their_labels_in_any_order(tmp_path: Path) -> None:
    rows = rows_for(LABELS)
    moved, relabelled = reversed_lines(rows), reversed_lines(LABELS)
    one, same, other = (
        read(tmp_path / name, rows=its_rows, labels=its_labels).test_set
        for name, its_rows, its_labels in (
            ("1", rows, LABELS),
            ("2", moved, relabelled),
            ("3", moved, LABELS),
        )
    )
    assert one == same
    assert one["reviews"] == 6
    assert one["ids_sha256"] == other["ids_sha256"]
    assert one["labels_sha256"] != other["labels_sha256"]


def test_ids_of_any_bytes_are_hashed(tmp_path: Path) -> None:
    files: list[Files] = [
        {"part-00000.csv": name + b",1,1\nb,1,1\nc,1,1\n", "part-00001.csv": "d,1,1\n" * 3}
        for name in (b"\xff", b"\xfe")
    ]
    one, other = (read(tmp_path / str(n), rows=it) for n, it in enumerate(files))
    assert one.ids_sha256 != other.ids_sha256


def test_largest_errors_come_first_and_equal_ones_in_the_order_of_their_rows(
    tmp_path: Path,
) -> None:
    scores = {"part-00000.x": "0.2\n0.7\n0.3\n", "part-00001.x": "0.8\n0.7\n0.9\n"}
    found = read(tmp_path, scores)
    assert [(review.id, review.label, review.score) for review in found.largest_errors] == [
        ("part-00000/1", 1, 0.2),
        ("part-00001/1", 0, 0.8),
        ("part-00000/2", 0, 0.7),
        ("part-00000/3", 1, 0.3),
        ("part-00001/2", 0, 0.7),
    ]


def test_only_the_largest_errors_are_kept_from_whatever_part(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    scores = rng.random(3_000).round(3)
    labels = np.arange(3_000) % 2
    errors = np.where((scores > 0.5) == (labels == 1), 0, np.abs(scores - labels))
    expected = np.argsort(-errors, kind="stable")[:MAX_ERRORS].tolist()
    parts = [slice(start, start + 500) for start in range(0, 3_000, 500)]
    found = read(
        tmp_path,
        {f"part-{n}.x": "".join(f"{s}\n" for s in scores[part]) for n, part in enumerate(parts)},
        {f"part-{n}.x": "".join(f"{y}\n" for y in labels[part]) for n, part in enumerate(parts)},
        {
            f"part-{n}.x": "".join(f"{row},1,1\n" for row in range(3_000)[part])
            for n, part in enumerate(parts)
        },
    )
    assert [review.id for review in found.largest_errors] == list(map(str, expected))
