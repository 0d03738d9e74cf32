"""Progress of a long job: a line in its log every ten seconds.

The local runner sets the variable `LOCAL_PROGRESS`. It shows lines that end with a carriage return
one in place of the other, and logs few of them, so there they are printed more often.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

LOCAL_PROGRESS = "LOCAL_PROGRESS"
_LOG_SECONDS, _LOCAL_SECONDS = 10.0, 0.2

Describe = Callable[[int, float], str]
"""Returns the text for what is done, and how much is done per second."""


class Progress:
    """Prints progress from its creation on.

    done: what is done already. clock: returns seconds.
    """

    def __init__(
        self, describe: Describe, done: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        is_local = LOCAL_PROGRESS in os.environ
        self._describe, self._first, self._clock = describe, done, clock
        self._interval = _LOCAL_SECONDS if is_local else _LOG_SECONDS
        self._end = "\r" if is_local else "\n"
        self._started = self._printed = clock()

    def update(self, done: int) -> None:
        """Print a line if the last one was printed long enough ago."""
        now = self._clock()
        if now - self._printed >= self._interval:
            self._printed = now
            rate = (done - self._first) / (now - self._started)
            print(self._describe(done, rate), end=self._end, flush=True)
