"""The profile: CPU goes to the innermost of the jobs' functions."""

from __future__ import annotations

import inspect
from types import FrameType
from typing import Any

import pytest

from benchmarks.profiling import ELSEWHERE, IMPORTING, place, profiled

SOURCE = """
import time
def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        [number for number in range(1_000)]
def work(call=None):
    spin(0.1)
    outer(0.3)
    return call and [call() for _ in range(1)][0]
def outer(seconds):
    spin_elsewhere(seconds)
"""


def module(name: str, **known: Any) -> dict[str, Any]:
    """A module of this name, as its functions see it."""
    names: dict[str, Any] = {"__name__": name, **known}
    exec(SOURCE, names)
    return names


@pytest.fixture
def job() -> dict[str, Any]:
    """A module of the jobs that calls one of a library."""
    return module("processing.job", spin_elsewhere=module("library")["spin"])


def test_cpu_is_divided_among_the_functions_that_used_it(job: dict[str, Any]) -> None:
    seconds = profiled(job["work"])
    assert list(seconds) == ["job.outer", "job.spin"]
    assert seconds["job.outer"] == pytest.approx(0.3, rel=0.4)
    assert sum(seconds.values()) == pytest.approx(0.4, rel=0.4)


def test_function_is_charged_for_libraries_and_comprehensions(job: dict[str, Any]) -> None:
    def here() -> FrameType | None:
        return inspect.currentframe()

    assert place(job["work"](here)) == "job.work"


@pytest.mark.parametrize(
    ("name", "charged"),
    [
        ("importlib._bootstrap", IMPORTING),
        ("processing.vendor.nltk.porter", ELSEWHERE),
        ("processing_of_others", ELSEWHERE),
    ],
)
def test_what_isnt_a_function_of_the_jobs_is_not_taken_for_one(name: str, charged: str) -> None:
    names = module(name, spin_elsewhere=lambda seconds: None)
    assert place(names["work"](inspect.currentframe)) == charged
    assert place(None) == ELSEWHERE
