"""Scores of labeled rows: batches and part files don't matter, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from processing.errors import DataError
from processing.model import labeled_rows
from processing.model.archive import read_model
from processing.model.labeled_rows import score_labeled_rows
from tests.support.evaluation_samples import run_of


@pytest.fixture(params=["text/libsvm", "text/csv"])
def sample(request: pytest.FixtureRequest) -> tuple[Path, bytes, str]:
    run = run_of(feature_format=request.param)
    return run / "validation", read_model(run / "package/model.tar.gz"), request.param


def test_batches_and_part_files_do_not_matter(
    sample: tuple[Path, bytes, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, model, feature_format = sample
    labels, scores = score_labeled_rows(model, folder, feature_format)
    assert set(labels.tolist()) == {0, 1}
    assert len(np.unique(scores)) > 1
    monkeypatch.setattr(labeled_rows, "_ROWS_AT_A_TIME", 5)
    lines = b"".join(path.read_bytes() for path in sorted(folder.iterdir())).splitlines(True)
    (tmp_path / "part-00000").write_bytes(b"".join(lines[:7]))
    (tmp_path / "part-00001").write_bytes(b"".join(lines[7:]))
    again = score_labeled_rows(model, tmp_path, feature_format)
    assert np.array_equal(again[0], labels)
    assert np.array_equal(again[1], scores)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "no rows"), (b"1 x:y\n", "rows that aren't"), (b"1 999999:1\n", "doesn't fit the rows")],
)
def test_rows_that_are_not_of_the_execution_are_refused(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    model = read_model(run_of() / "package/model.tar.gz")
    (tmp_path / "part-00000.libsvm").write_bytes(content)
    with pytest.raises(DataError, match=problem):
        score_labeled_rows(model, tmp_path, "text/libsvm")
