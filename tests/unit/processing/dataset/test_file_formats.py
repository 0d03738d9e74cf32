"""Which files reviews come in."""

from __future__ import annotations

from pathlib import Path

import pytest

from processing.dataset.file_formats import insist_parquet
from processing.errors import DataError


def test_what_begins_and_ends_as_parquet_does_passes(tmp_path: Path) -> None:
    path = tmp_path / "reviews.parquet"
    path.write_bytes(b"PAR1 and so on PAR1")
    insist_parquet(path)


@pytest.mark.parametrize("data", [b"", b"PA", b"PAR1 and so", b"text,label\n", b"ARROW1 PAR1"])
def test_what_is_cut_or_something_else_is_no_parquet(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "reviews.parquet"
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"^reviews\.parquet: no Parquet file that can be read; "):
        insist_parquet(path)
