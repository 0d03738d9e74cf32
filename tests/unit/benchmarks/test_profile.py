"""The profile charges CPU time to the innermost function of the jobs."""

from __future__ import annotations

import inspect
from types import FrameType
from typing import Any

import pytest

from benchmarks.harness.profile import ELSEWHERE, IMPORTING, charged_function, profiled

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

    assert charged_function(job["work"](here)) == "job.work"


@pytest.mark.parametrize(
    ("name", "charged"),
    [
        ("importlib._bootstrap", IMPORTING),
        ("processing.vendor.nltk.porter", ELSEWHERE),
        ("processing_of_others", ELSEWHERE),
    ],
)
def test_other_functions_are_not_counted_as_functions_of_the_jobs(name: str, charged: str) -> None:
    names = module(name, spin_elsewhere=lambda seconds: None)
    assert charged_function(names["work"](inspect.currentframe)) == charged
    assert charged_function(None) == ELSEWHERE
