"""token: one request that ends whatever runs, and programs that run together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from local_runner.platform.cancellation import CancellationToken, run_concurrently


def test_asking_ends_what_is_guarded_at_the_moment_and_nothing_else() -> None:
    token, ended = CancellationToken(), list[str]()
    with token.on_cancel(lambda: ended.append("before")):
        pass
    with token.on_cancel(lambda: ended.append("one")), token.on_cancel(lambda: ended.append("two")):
        assert not token.cancelled
        token.cancel()
    assert (token.cancelled, ended) == (True, ["one", "two"])


def test_what_begins_after_the_asking_is_ended_at_once() -> None:
    token, ended = CancellationToken(), list[str]()
    token.cancel()
    with token.on_cancel(lambda: ended.append("late")):
        assert ended == ["late"]


def test_one_request_passes_on_to_another() -> None:
    outer, inner = CancellationToken(), CancellationToken()
    with outer.on_cancel(inner.cancel):
        outer.cancel()
    assert inner.cancelled


def test_a_pause_lasts_unless_somebody_asks() -> None:
    token = CancellationToken()
    began = time.monotonic()
    token.wait(0.05)
    assert time.monotonic() - began >= 0.05
    threading.Timer(0.05, token.cancel).start()
    with pytest.raises(KeyboardInterrupt):
        token.wait(60)
    assert time.monotonic() - began < 30


def until_asked(token: CancellationToken) -> Callable[[], None]:
    return lambda: token.wait(60)


def test_programs_run_at_the_same_time() -> None:
    all_here = threading.Barrier(3, timeout=30)
    run_concurrently([lambda: void(all_here.wait())] * 3, CancellationToken())


def void(_: object) -> None:
    pass


def test_the_first_error_stops_the_others_and_is_raised() -> None:
    token = CancellationToken()

    def fail() -> None:
        raise ValueError("the first")

    began = time.monotonic()
    with pytest.raises(ValueError, match="the first"):
        run_concurrently([until_asked(token), fail, until_asked(token)], token)
    assert token.cancelled
    assert time.monotonic() - began < 30


def test_programs_that_all_end_well_ask_nobody_to_stop() -> None:
    token = CancellationToken()
    run_concurrently([lambda: None, lambda: None], token)
    assert not token.cancelled
