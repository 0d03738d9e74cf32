"""Progress of a job: what is printed, and how often."""

from __future__ import annotations

import pytest

from processing.progress import LOCAL_PROGRESS, Progress


def printed(capsys: pytest.CaptureFixture[str], seconds: float, count: int, done: int = 0) -> str:
    """Return what progress of 100 a second prints, updated ``count`` times at an interval."""
    times = iter([number * seconds for number in range(count + 1)])
    progress = Progress(lambda now, rate: f"{now} ({rate:.0f}/s)", done, clock=lambda: next(times))
    for number in range(1, count + 1):
        progress.update(done + round(100 * seconds * number))
    return capsys.readouterr().out


def test_a_log_gets_a_line_every_ten_seconds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LOCAL_PROGRESS, raising=False)
    assert printed(capsys, 4, 6) == "1200 (100/s)\n2400 (100/s)\n"


def test_local_progress_is_frequent_and_replaces_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOCAL_PROGRESS, "1")
    assert printed(capsys, 0.25, 3) == "25 (100/s)\r50 (100/s)\r75 (100/s)\r"


def test_the_rate_leaves_out_what_was_done_before(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LOCAL_PROGRESS, raising=False)
    assert printed(capsys, 10, 1, done=5000) == "6000 (100/s)\n"
