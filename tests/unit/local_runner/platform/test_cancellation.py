"""stop: one request that ends whatever runs, and programs that run together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from local_runner.platform.cancellation import Stop, together


def test_asking_ends_what_is_guarded_at_the_moment_and_nothing_else() -> None:
    stop, ended = Stop(), list[str]()
    with stop.ending(lambda: ended.append("before")):
        pass
    with stop.ending(lambda: ended.append("one")), stop.ending(lambda: ended.append("two")):
        assert not stop.asked
        stop.ask()
    assert (stop.asked, ended) == (True, ["one", "two"])


def test_what_begins_after_the_asking_is_ended_at_once() -> None:
    stop, ended = Stop(), list[str]()
    stop.ask()
    with stop.ending(lambda: ended.append("late")):
        assert ended == ["late"]


def test_one_request_passes_on_to_another() -> None:
    outer, inner = Stop(), Stop()
    with outer.ending(inner.ask):
        outer.ask()
    assert inner.asked


def test_a_pause_lasts_unless_somebody_asks() -> None:
    stop = Stop()
    began = time.monotonic()
    stop.pause(0.05)
    assert time.monotonic() - began >= 0.05
    threading.Timer(0.05, stop.ask).start()
    with pytest.raises(KeyboardInterrupt):
        stop.pause(60)
    assert time.monotonic() - began < 30


def until_asked(stop: Stop) -> Callable[[], None]:
    return lambda: stop.pause(60)


def test_programs_run_at_the_same_time() -> None:
    all_here = threading.Barrier(3, timeout=30)
    together([lambda: void(all_here.wait())] * 3, Stop())


def void(_: object) -> None:
    pass


def test_the_first_error_stops_the_others_and_is_raised() -> None:
    stop = Stop()

    def fail() -> None:
        raise ValueError("the first")

    began = time.monotonic()
    with pytest.raises(ValueError, match="the first"):
        together([until_asked(stop), fail, until_asked(stop)], stop)
    assert stop.asked
    assert time.monotonic() - began < 30


def test_programs_that_all_end_well_ask_nobody_to_stop() -> None:
    stop = Stop()
    together([lambda: None, lambda: None], stop)
    assert not stop.asked
