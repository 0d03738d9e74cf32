"""Faults on request: the next calls of an operation are answered with an error, or not at all.

``POST /emulator/throttle?operation=ListPipelineExecutions&calls=2`` asks for errors,
``POST /emulator/cut?...`` for connections that break off.
"""

from __future__ import annotations

import threading
from collections import Counter

from emulator.service import ApiError


class Faults:
    """How many calls of which operation are still to fail, and how."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cut: Counter[str] = Counter()
        self._throttled: Counter[str] = Counter()

    def cut(self, operation: str, calls: int) -> None:
        """Breaks off the connections of the next ``calls`` of an operation."""
        with self._lock:
            self._cut[operation] += calls

    def throttle(self, operation: str, calls: int) -> None:
        """Throttles the next ``calls`` of an operation, such as ListPipelineExecutions."""
        with self._lock:
            self._throttled[operation] += calls

    def check(self, operation: str) -> None:
        """Raises ConnectionAbortedError, or ApiError, if this call is to fail."""
        if self._takes(self._cut, operation):
            raise ConnectionAbortedError(f"{operation} is cut off")
        if self._takes(self._throttled, operation):
            raise ApiError("ThrottlingException", "Rate exceeded")

    def _takes(self, left: Counter[str], operation: str) -> bool:
        with self._lock:
            if left[operation] == 0:
                return False
            left[operation] -= 1
            return True
