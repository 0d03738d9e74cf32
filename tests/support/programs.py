"""Programs that tests start: none outlives its test, however the test ends."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import AnyStr


@contextmanager
def killed_if_failing(process: subprocess.Popen[AnyStr]) -> Iterator[subprocess.Popen[AnyStr]]:
    """The program while it runs; the end of ``with`` waits for it, but not after an error.

    `subprocess.Popen` itself would wait for a program that may never end.
    """
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
