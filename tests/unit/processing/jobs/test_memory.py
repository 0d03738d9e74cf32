"""Peak memory of Preprocess and Evaluate, all processes of a job together."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from processing.packaging import build
from tests.support.archives import write_tar
from tests.support.evaluation_samples import GIVEN, run_of
from tests.support.programs import killed_if_failing


def invented_reviews(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield reviews of 1.5 KB from 20,000 words, most of which are rare."""
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
    except OSError:  # it has ended
        return []
    return [int(child) for child in listed]


def peak(pid: int) -> int:
    """Return the peak memory of the process so far in KiB; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def total_peak(command: Sequence[str | Path]) -> int:
    """Run a program and return the sum of the peaks of its processes in KiB."""
    peaks: dict[int, int] = {}
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with killed_if_failing(started) as job:
        while job.poll() is None:
            for pid in (job.pid, *children_of(job.pid)):
                peaks[pid] = max(peaks.get(pid, 0), peak(pid))
            time.sleep(0.01)
    assert job.returncode == 0
    return sum(peaks.values())


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_of_preprocess_does_not_grow_with_the_number_of_reviews(tmp_path: Path) -> None:
    asset = build(tmp_path / "processing.pyz")
    peaks = []
    for count in (4_000, 32_000):  # 6 and 48 MB of text
        raw = tmp_path / f"raw{count}"
        raw.mkdir()
        write_tar(raw / "reviews.tar", invented_reviews(count))
        output = tmp_path / f"output{count}"
        peaks.append(
            total_peak(
                [
                    *(sys.executable, "-I", asset, "preprocess", "--workers", "2"),
                    *("--raw", raw, "--output", output),
                ]
            )
        )
        assert len(list((output / "test").iterdir())) == count // 2_000
    few, many = peaks
    assert few < 250_000
    assert many < 1.1 * few, f"{few:,} KiB and {many:,} KiB"


def write_test_set(folder: Path, reviews: int) -> list[str | Path]:
    """Write predictions, labels and rows in parts of 10,000; return their arguments."""
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 2, reviews)
    scores = (0.5 * rng.random(reviews) + 0.5 * labels * rng.random(reviews)).astype(np.float32)
    contents = {
        "predictions": [f"{score}\n" for score in scores.tolist()],
        "labels": [f"{label}\n" for label in labels.tolist()],
        "rows": [f"test/pos/{row}_10.txt,{row % 300},{row % 300 // 2}\n" for row in range(reviews)],
    }
    for name, lines in contents.items():
        (folder / name).mkdir(parents=True)
        for part, start in enumerate(range(0, reviews, 10_000)):
            text = "".join(lines[start : start + 10_000])
            (folder / name / f"part-{part:05}.csv").write_text(text)
    return [word for name in contents for word in (f"--{name}", folder / name)]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_evaluate_needs_less_than_500_mb_for_2_million_reviews(tmp_path: Path) -> None:
    """By extrapolation; all 2 million took 452 MB on 2026-11-30."""
    asset = build(tmp_path / "processing.pyz")
    few, many, target = 20_000, 400_000, 2_000_000
    given = [word for name in GIVEN for word in (f"--{name}", run_of() / name)]
    peaks = [
        total_peak(
            [
                *(sys.executable, "-I", asset, "evaluate", *given),
                *write_test_set(tmp_path / str(reviews), reviews),
                *("--output", tmp_path / f"output{reviews}"),
            ]
        )
        for reviews in (few, many)
    ]
    growth = (peaks[1] - peaks[0]) / (many - few)
    assert peaks[0] + growth * (target - few) < 500_000, peaks
