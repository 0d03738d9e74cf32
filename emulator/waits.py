"""Waits of state machines, which end early on request.

``POST /emulator/pass?seconds=300`` lets that much time pass for every wait that has begun.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import (
    WaitFunction,
)

_CHECK_SECONDS = 1.0
"""How often a wait checks whether its state machine was stopped."""


class Waits:
    """The waits of all state machines, which moto leaves to this class."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._changed = threading.Condition()
        replaced: Any = WaitFunction
        replaced._wait_interval = lambda _, env, wait_seconds: self._wait(env, wait_seconds)

    def let_pass(self, seconds: float) -> None:
        """Shorten the waits that have begun."""
        with self._changed:
            self._passed += seconds
            self._changed.notify_all()

    def _wait(self, env: Any, seconds: float) -> None:
        with self._changed:
            end = self._now() + seconds
            while env.is_running() and (left := end - self._now()) > 0:
                self._changed.wait(min(left, _CHECK_SECONDS))

    def _now(self) -> float:
        return time.monotonic() + self._passed
