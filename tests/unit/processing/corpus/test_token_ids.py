"""Runs of ids, and texts, in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from processing.corpus import string_file as text_file_module
from processing.corpus.string_file import TextFile
from processing.corpus.token_ids import Runs


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


@pytest.mark.parametrize("chunk", [1, 5, 1 << 16])
def test_texts_come_back_from_their_file_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(text_file_module, "_CHUNK", chunk)
    texts = ["train/pos/0_9.txt", "", "caf\udce9", "日本", "a\nb"]
    stored = TextFile(tmp_path / "texts")
    assert list(stored) == []
    stored.extend(texts[:2])
    stored.extend(texts[2:])
    assert len(stored) == 5
    assert list(stored) == list(stored) == texts
