"""Jobs in the tests' process, which has imported their libraries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest


@pytest.fixture
def comparison_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the job Compare in this process; tests/local/test_compare.py runs it as a program."""
    from processing.jobs import compare

    def run_job(job: str, options: Mapping[str, str | Path], flags: Sequence[str]) -> None:
        assert job == "compare"
        words = [f"--{name}={value}" for name, value in options.items()]
        compare.run(compare.parser().parse_args([*words, *(f"--{flag}" for flag in flags)]))

    monkeypatch.setattr("operations.comparison.run_job", run_job)
