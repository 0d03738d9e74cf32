"""The file of weights: what is written is read, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from processing.errors import DataError
from processing.features.ngram_weights import NgramWeights, read_weights, write_weights
from processing.features.ngrams import NGRAMS

RECORD = [("ngram", "<u4"), ("ratio", "i1"), ("weight", "<i2")]


def weights_of(*ngrams: int) -> NgramWeights:
    count = len(ngrams)
    return NgramWeights(
        np.array(ngrams, np.uint32),
        np.arange(-count, count, dtype=np.int8).reshape(2, count),
        np.arange(-count, count, dtype=np.int16).reshape(2, count) * np.int16(999),
    )


@pytest.mark.parametrize("ngrams", [(), (0,), (3, 5, NGRAMS - 1)])
def test_the_weights_of_one_table_are_read_as_written(
    tmp_path: Path, ngrams: tuple[int, ...]
) -> None:
    weights = weights_of(*ngrams).of_all
    write_weights(tmp_path / "folder" / "a.npy", weights)
    found = read_weights(tmp_path / "folder" / "a.npy")
    for name in ("ngrams", "ratios", "linear"):
        got, expected = getattr(found, name), getattr(weights, name)
        assert (got.tolist(), got.dtype) == (expected.tolist(), expected.dtype)


def test_a_position_is_that_of_an_ngram_by_its_number() -> None:
    positions = weights_of(3, 5, NGRAMS - 1).positions
    assert positions[[0, 3, 4, 5, NGRAMS - 1]].tolist() == [0, 1, 0, 2, 3]
    assert np.count_nonzero(positions) == 3


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not numpy's", id="text"),
        pytest.param(b"\x93NUMPY\x01\x00", id="cut"),
        pytest.param(b"PK\x05\x06" + bytes(18), id="zip"),
    ],
)
def test_a_file_without_weights_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(DataError, match=r"^a\.npy: "):
        read_weights(tmp_path / "a.npy")


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.zeros((3, 1 << 20), np.int8), id="tables of version ngrams-1"),
        pytest.param(np.zeros((2, 2), RECORD), id="two tables"),
        pytest.param(np.zeros(2, [*RECORD, ("more", "i1")]), id="another field"),
        pytest.param(np.array([(5, 0, 0), (3, 0, 0)], RECORD), id="not ascending"),
        pytest.param(np.array([(5, 0, 0), (5, 0, 0)], RECORD), id="twice"),
        pytest.param(np.array([(NGRAMS, 0, 0)], RECORD), id="number too large"),
    ],
)
def test_other_arrays_are_refused(tmp_path: Path, array: npt.NDArray[np.void]) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(DataError, match=r"^a\.npy: "):
        read_weights(tmp_path / "a.npy")


def test_objects_are_refused_unread(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(DataError, match=r"^a\.npy: "):
        read_weights(tmp_path / "a.npy")
