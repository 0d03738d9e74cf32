"""Runs of ids in a file, and texts in one piece."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from processing.ids import Runs
from processing.packed import Packed


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """Runs of three ids, none, and two."""
    path = tmp_path / "ids"
    path.write_bytes(np.array([7, 8, 9, 4_000_000_000, 1], np.uint32).tobytes())
    return Runs(path, np.array([3, 3, 5]), np.array([3, 0, 2], np.int32))


def test_all_runs_are_read_one_after_the_other(runs: Runs) -> None:
    assert runs.read().tolist() == [7, 8, 9, 4_000_000_000, 1]


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        ([2, 0], [4_000_000_000, 1, 7, 8, 9]),
        ([1], []),
        ([], []),
        ([2, 1, 2], [4_000_000_000, 1] * 2),
    ],
)
def test_chosen_runs_are_read_in_the_order_of_the_choice(
    runs: Runs, rows: list[int], ids: list[int]
) -> None:
    assert runs.of(np.array(rows, np.int64)).read().tolist() == ids


def test_packed_texts_come_back_as_they_were() -> None:
    texts = ["train/pos/0_9.txt", "", "caf\udce9", "日本", "a\nb", "\0"]
    packed = Packed()
    packed.extend(texts[:2])
    packed.extend(texts[2:])
    assert list(packed) == texts
    assert len(packed) == 6
    assert packed[2] == "caf\udce9"


def test_there_is_no_text_behind_the_last() -> None:
    packed = Packed()
    packed.extend(["one"])
    with pytest.raises(IndexError):
        packed[1]
