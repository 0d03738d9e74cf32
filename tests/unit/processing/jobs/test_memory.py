"""How much memory Preprocess takes, all its processes together."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from processing.packaging import build
from tests.support.archives import write_tar
from tests.support.programs import killed_if_failing


def invented_reviews(count: int) -> Iterator[tuple[str, bytes]]:
    """Reviews of 1.5 KB from 20,000 words, most of which are rare."""
    chance = random.Random(3)
    words = [f"{number:x}word"[:7] for number in range(20_000)]
    weights = [1 / (1 + number) for number in range(20_000)]
    sentences = [" ".join(chance.choices(words, weights, k=60)) for _ in range(2_000)]
    for number in range(count):
        folder = f"{('train', 'test')[number % 2]}/{('pos', 'neg')[number // 2 % 2]}"
        yield f"{folder}/{number}.txt", ". ".join(chance.choices(sentences, k=4)).encode()


def children_of(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it is over
        return []
    return [int(child) for child in listed]


def peak_of(pid: int) -> int:
    """The most memory, in kilobytes, that the process has had so far; 0 if it's over."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def peaks_together(command: list[object]) -> int:
    """The sum of the peaks of a program and of the processes that it starts, in kilobytes."""
    peaks: dict[int, int] = {}
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with killed_if_failing(started) as job:
        while job.poll() is None:
            for pid in (job.pid, *children_of(job.pid)):
                peaks[pid] = max(peaks.get(pid, 0), peak_of(pid))
            time.sleep(0.01)
    assert job.returncode == 0
    return sum(peaks.values())


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_does_not_grow_with_the_number_of_reviews(tmp_path: Path) -> None:
    asset = build(tmp_path / "processing.pyz")
    peaks = []
    for count in (4_000, 32_000):  # 6 and 48 MB of text
        raw = tmp_path / f"raw{count}"
        raw.mkdir()
        write_tar(raw / "reviews.tar", invented_reviews(count))
        output = tmp_path / f"output{count}"
        peaks.append(
            peaks_together(
                [
                    *(sys.executable, "-I", asset, "preprocess", "--workers", "2"),
                    *("--raw", raw, "--output", output),
                ]
            )
        )
        assert len(list((output / "test").iterdir())) == count // 2_000
    few, many = peaks
    assert few < 250_000
    assert many < 1.1 * few, f"{few:,} KB and {many:,} KB"
