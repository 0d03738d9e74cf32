"""Faults on request: the next calls of an operation get an error, or no response at all.

``POST /emulator/throttle?operation=ListPipelineExecutions&calls=2`` requests errors,
``POST /emulator/cut?...`` closed connections.
"""

from __future__ import annotations

import threading
from collections import Counter

from emulator.service import ApiError


class Faults:
    """The number of calls that are still to fail, by operation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cut: Counter[str] = Counter()
        self._throttled: Counter[str] = Counter()

    def cut(self, operation: str, calls: int) -> None:
        """Close the connections of the next ``calls`` of an operation."""
        with self._lock:
            self._cut[operation] += calls

    def throttle(self, operation: str, calls: int) -> None:
        """Throttle the next ``calls`` of an operation, such as ListPipelineExecutions."""
        with self._lock:
            self._throttled[operation] += calls

    def check(self, operation: str) -> None:
        """Raise ConnectionAbortedError or ApiError if this call is to fail."""
        if self._counts_down(self._cut, operation):
            raise ConnectionAbortedError(f"{operation} is cut")
        if self._counts_down(self._throttled, operation):
            raise ApiError("ThrottlingException", "Rate exceeded")

    def _counts_down(self, remaining: Counter[str], operation: str) -> bool:
        with self._lock:
            if remaining[operation] == 0:
                return False
            remaining[operation] -= 1
            return True
