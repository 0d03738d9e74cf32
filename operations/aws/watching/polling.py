"""Repeated requests that survive throttling and a lost connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from operations.aws.errors import is_transient, short_reason
from operations.errors import CliError
from operations.progress import Progress

_FIRST_PAUSE, _MAX_PAUSE = 2.0, 30.0

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Polling:
    """Seconds between requests, and how long to retry without an answer.

    sleep, clock: replaced by tests.
    """

    interval: float = 5.0
    patience: float = 300.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def with_retries(self, request: Callable[[], Answer], progress: Progress) -> Answer:
        """Return the answer, after retries that ``progress`` shows.

        Raise CliError when patience is over. The client of the request shouldn't retry itself.
        """
        started, pause = self.clock(), _FIRST_PAUSE
        while True:
            try:
                return request()
            except (BotoCoreError, ClientError) as error:
                if not is_transient(error):
                    raise
                reason = short_reason(error)
            if self.clock() - started + pause > self.patience:
                raise CliError(f"no response from AWS for {self.patience:.0f} s ({reason})")
            progress.print_line(f"  no response ({reason}); retrying in {pause:.0f} s")
            self.sleep(pause)
            pause = min(2 * pause, _MAX_PAUSE)
