"""Cancellation, and programs that run at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from local_runner.platform.cancellation import CancellationToken, run_concurrently

SECONDS = 30  # after which a waiting test fails


def test_cancelling_calls_the_callbacks_that_are_registered_now() -> None:
    token, called = CancellationToken(), list[str]()
    with token.on_cancel(partial(called.append, "before")):
        pass
    with token.on_cancel(partial(called.append, "1")), token.on_cancel(partial(called.append, "2")):
        assert not token.cancelled
        token.cancel()
    assert token.cancelled
    assert called == ["1", "2"]


def test_callback_of_a_cancelled_token_is_called_at_once() -> None:
    token, called = CancellationToken(), list[str]()
    token.cancel()
    with token.on_cancel(partial(called.append, "late")):
        assert called == ["late"]


def test_one_token_can_cancel_another() -> None:
    outer, inner = CancellationToken(), CancellationToken()
    with outer.on_cancel(inner.cancel):
        outer.cancel()
    assert inner.cancelled


def test_waiting_ends_when_the_token_is_cancelled() -> None:
    token = CancellationToken()
    token.wait(0.01)
    threading.Thread(target=token.cancel).start()
    with pytest.raises(KeyboardInterrupt):
        token.wait(SECONDS)


def test_programs_run_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=SECONDS)

    def program() -> None:
        meeting.wait()

    run_concurrently([program] * 3, CancellationToken())


def test_first_error_cancels_the_other_programs_and_is_raised() -> None:
    token, cancelled = CancellationToken(), list[bool]()

    def fail() -> None:
        raise ValueError("the first")

    def run_until_cancelled() -> None:
        try:
            token.wait(SECONDS)
        except KeyboardInterrupt:
            cancelled.append(True)

    programs: list[Callable[[], None]] = [run_until_cancelled, fail, run_until_cancelled]
    with pytest.raises(ValueError, match="the first"):
        run_concurrently(programs, token)
    assert cancelled == [True, True]


def test_programs_that_succeed_cancel_nothing() -> None:
    token = CancellationToken()
    run_concurrently([lambda: None, lambda: None], token)
    assert not token.cancelled
