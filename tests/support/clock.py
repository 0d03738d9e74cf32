"""A clock for tests of polling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from operations.aws.watching.polling import Polling


@dataclass
class Clock:
    """A clock that only sleep advances."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.pauses.append(seconds)
        self.now += seconds

    def polling(self, **more: Any) -> Polling:
        """Return polling by this clock."""
        return Polling(sleep=self.sleep, clock=lambda: self.now, **more)
