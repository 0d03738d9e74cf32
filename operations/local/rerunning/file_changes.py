"""Changes of files, by polling their times; a changed time alone doesn't count."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from local_runner.platform.file_digest import file_digest

_POLL_SECONDS = 0.3


class FileChanges:
    """The files as they were when this was created, or when `wait` last returned.

    files: lists the files, also those that have appeared since. sleep: waits some seconds.
    """

    def __init__(
        self, files: Callable[[], Iterable[Path]], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._files, self._sleep = files, sleep
        self._known = self._digests()

    def wait(self) -> set[Path]:
        """Return the files that were changed, added or removed, once no more of them change."""
        last = self._known
        while True:
            self._sleep(_POLL_SECONDS)
            now = self._digests()
            if now == last != self._known:
                changed = {
                    path
                    for path in now.keys() | self._known.keys()
                    if now.get(path) != self._known.get(path)
                }
                self._known = now
                return changed
            last = now

    def _digests(self) -> Mapping[Path, str]:
        found = {}
        for path in self._files():
            with contextlib.suppress(OSError):  # removed just now
                found[path] = file_digest(path)
        return found
