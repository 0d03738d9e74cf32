"""Faults on request: the next calls of an operation are answered with an error.

``POST /emulator/throttle?operation=ListPipelineExecutions&calls=2`` asks for them.
"""

from __future__ import annotations

import threading
from collections import Counter

from emulated_aws.service import ApiError


class Faults:
    """How many calls of which operation are still to be throttled."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._throttled: Counter[str] = Counter()

    def throttle(self, operation: str, calls: int) -> None:
        """Throttles the next ``calls`` of an operation, such as ListPipelineExecutions."""
        with self._lock:
            self._throttled[operation] += calls

    def check(self, operation: str) -> None:
        """Raises ApiError if this call is to be throttled."""
        with self._lock:
            if self._throttled[operation] == 0:
                return
            self._throttled[operation] -= 1
        raise ApiError("ThrottlingException", "Rate exceeded")
