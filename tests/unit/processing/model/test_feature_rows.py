"""Parsing rows of features: the writer's own lines, and lines of other formats."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_svmlight_file

from processing.errors import DataError
from processing.model.feature_rows import parse_libsvm, parse_rows
from processing.report.samples import sample_rows

LIBSVM, CSV = "text/libsvm", "text/csv"
LINES = [b"1 0:1 2:3 4:0.5000 6:1\n", b"0 0:1 6:1\n", b"0 0:1 5:-2.2500 6:1\n"]


def test_libsvm_rows_are_read_as_scikit_learn_reads_them() -> None:
    rows = parse_rows(LINES, LIBSVM)
    features, labels = load_svmlight_file(io.BytesIO(b"".join(LINES)), zero_based=True)
    assert np.array_equal(rows.features.toarray(), features.toarray())
    assert np.array_equal(rows.labels, labels)


def test_given_number_of_columns_may_exceed_the_largest_index() -> None:
    assert parse_libsvm([b"0 0:1\n"], 9).features.shape == (1, 9)


@pytest.mark.parametrize(
    ("feature_format", "first", "line"),
    [
        *(
            (LIBSVM, b"0 0:1", line)
            for line in (b"", b"x 0:1", b"1 0:x", b"1 0:", b"1 0", b"1,0,1", b"1 0:1 2")
        ),
        *((CSV, b"0,1", line) for line in (b"x,1", b"1 0:1", b"1,2,3", b"1,")),
    ],
)
def test_rows_of_another_format_are_refused(
    tmp_path: Path, feature_format: str, first: bytes, line: bytes
) -> None:
    (tmp_path / "part-00000").write_bytes(first + b"\n" + line + b"\n")
    with pytest.raises(DataError, match=f"^{tmp_path}: .*{feature_format}"):
        sample_rows(tmp_path, 2, feature_format)
