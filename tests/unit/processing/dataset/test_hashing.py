"""The sample of the reviews in which words are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from processing.dataset.hashing import sampling_limit, text_digest


@pytest.mark.parametrize(("megabytes", "expected"), [(0, 1.0), (0.5, 1.0), (8, 0.06)])
def test_small_datasets_are_sampled_completely_and_large_ones_in_part(
    tmp_path: Path, megabytes: float, expected: float
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(bytes(int(megabytes * 1e6 / 2)))
    limit = sampling_limit(sorted(tmp_path.iterdir()))
    digests = [text_digest(str(number)) for number in range(1_000)]
    share = sum(digest < limit for digest in digests) / len(digests)
    assert share == pytest.approx(expected, abs=0.03)
