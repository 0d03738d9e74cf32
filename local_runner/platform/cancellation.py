"""Cancellation: one request ends everything that runs: steps, hosts of a job, their programs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager


class CancellationToken:
    """Cancelled once, by any thread; never reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Call every callback that is registered now; later ones are called on registration."""
        with self._lock:
            self._cancelled.set()
            for callback in self._callbacks:
                callback()

    def wait(self, seconds: float) -> None:
        """Return after this time; raise KeyboardInterrupt as soon as the token is cancelled."""
        if self._cancelled.wait(seconds):
            raise KeyboardInterrupt

    @contextmanager
    def on_cancel(self, callback: Callable[[], None]) -> Iterator[None]:
        """Register ``callback`` for the duration of the block; call it at once if cancelled."""
        with self._lock:
            self._callbacks.append(callback)
            if self.cancelled:
                callback()
        try:
            yield
        finally:
            with self._lock:
                self._callbacks.remove(callback)


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Raise KeyboardInterrupt for SIGTERM, as for Ctrl-C, while the block runs in the main thread.

    Shells start background commands with SIGINT ignored, so other processes can't rely on it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_concurrently(programs: Sequence[Callable[[], None]], token: CancellationToken) -> None:
    """Run all programs at the same time, each in a thread that lives until its program has ended.

    The first error cancels ``token``, which must end the other programs, and is raised.
    """
    with ThreadPoolExecutor(len(programs)) as threads:
        runs = [threads.submit(program) for program in programs]
        try:
            for run in as_completed(runs):
                run.result()
        except BaseException:
            token.cancel()
            raise
