"""Predictions of two models on the same reviews, in whichever order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from processing.evaluation.pairing import ids_of, paired
from processing.evaluation.predictions import PredictionFolders, Predictions, read_predictions
from tests.support.evaluation_samples import put

Row = tuple[str, int, float]


def folders_of(folder: Path, *rows: Row) -> PredictionFolders:
    """A test set of (id, label, score), in parts of two rows."""
    files: list[dict[str, str]] = [{}, {}, {}]
    for start in range(0, len(rows), 2):
        part = rows[start : start + 2]
        name = f"part-{start // 2:05}.x"
        files[0][name] = "".join(f"{score}\n" for _, _, score in part)
        files[1][name] = "".join(f"{label}\n" for _, label, _ in part)
        files[2][name] = "".join(f"{identity},10,9\n" for identity, _, _ in part)
    kinds = ("predictions", "labels", "rows")
    return PredictionFolders(
        *(put(folder / kind, it) for kind, it in zip(kinds, files, strict=True))
    )


def scored(folder: Path, *rows: Row) -> Predictions:
    return read_predictions(folders_of(folder, *rows), 0.5)


ROWS = (("a", 0, 0.1), ("b", 1, 0.2), ("c", 0, 0.3), ("d", 1, 0.4))


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_reviews_are_paired_in_the_order_of_the_first(tmp_path: Path, order: Sequence[int]) -> None:
    first = scored(tmp_path / "1", *ROWS)
    second = scored(tmp_path / "2", *(ROWS[row] for row in order))
    pair = paired(first, second)
    assert pair is not None
    one, other = pair
    assert one.scores.tolist() == other.scores.tolist() == [0.1, 0.2, 0.3, 0.4]
    assert one.test_set == other.test_set
    assert other.labels.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    "rows",
    [
        ROWS[:3],
        (*ROWS[:3], ("e", 1, 0.4)),
        (("d", 0, 0.4), ("a", 1, 0.1), *ROWS[1:3]),
    ],
    ids=["fewer", "other-id", "other-label"],
)
def test_other_reviews_are_not_paired(tmp_path: Path, rows: tuple[Row, ...]) -> None:
    assert paired(scored(tmp_path / "1", *ROWS), scored(tmp_path / "2", *rows)) is None


def test_reviews_in_another_order_need_unique_ids(tmp_path: Path) -> None:
    rows = (*ROWS[:3], ("a", 1, 0.4))
    first, second = scored(tmp_path / "1", *rows), scored(tmp_path / "2", *rows[::-1])
    assert paired(first, second) is None
    assert paired(first, first) is not None


def test_ids_are_those_of_the_rows_across_parts(tmp_path: Path) -> None:
    assert ids_of(folders_of(tmp_path, *ROWS).rows, {0, 3}) == {0: "a", 3: "d"}
