"""Many strings in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from processing.corpus.string_file import StringFile

STRINGS = ["train/pos/0_9.txt", "", "caf\udce9", "日本", "a\nb"]


@pytest.mark.parametrize("chunk_bytes", [1, 5, 1 << 16])
def test_strings_are_read_as_they_were_added(tmp_path: Path, chunk_bytes: int) -> None:
    stored = StringFile(tmp_path / "strings", chunk_bytes)
    assert list(stored) == []
    stored.extend(STRINGS[:2])
    stored.extend(STRINGS[2:])
    assert len(stored) == 5
    assert list(stored) == list(stored) == STRINGS


@pytest.mark.parametrize("chunk_bytes", [1, 5, 1 << 16])
def test_selected_strings_are_read_in_the_order_of_the_selection(
    tmp_path: Path, chunk_bytes: int
) -> None:
    stored = StringFile(tmp_path / "strings", chunk_bytes)
    stored.extend(STRINGS)
    assert list(stored.select(np.array([4, 0, 0, 2]))) == [STRINGS[row] for row in (4, 0, 0, 2)]
