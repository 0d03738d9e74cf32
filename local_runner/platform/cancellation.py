"""A request to stop, handed down to whatever runs: steps, the hosts of a job, their programs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager


class Stop:
    """Asked for once, by any thread; never taken back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._ends: list[Callable[[], None]] = []

    @property
    def asked(self) -> bool:
        """Whether somebody has asked."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Ends everything that `ending` guards at the moment, and whatever it will guard."""
        with self._lock:
            self._asked.set()
            for end in self._ends:
                end()

    def pause(self, seconds: float) -> None:
        """Waits so long; raises KeyboardInterrupt as soon as somebody asks."""
        if self._asked.wait(seconds):
            raise KeyboardInterrupt

    @contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """While inside, asking calls ``end``; at once if somebody has asked already."""
        with self._lock:
            self._ends.append(end)
            if self.asked:
                end()
        try:
            yield
        finally:
            with self._lock:
                self._ends.remove(end)


def together(programs: Sequence[Callable[[], None]], stop: Stop) -> None:
    """Runs all at the same time, each in a thread that lives until its program has ended.

    The first error stops the others, which must heed ``stop``, and is raised.
    """
    with ThreadPoolExecutor(len(programs)) as threads:
        runs = [threads.submit(program) for program in programs]
        try:
            for run in as_completed(runs):
                run.result()
        except BaseException:
            stop.ask()
            raise
