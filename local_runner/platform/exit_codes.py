"""Exit codes of jobs' programs: why a program failed."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from itertools import dropwhile
from pathlib import Path

from local_runner.errors import JobFailed, JobInterrupted
from local_runner.platform.native_libraries import missing_library
from local_runner.platform.opt_ml import explained

_MISSING_MODULE = re.compile(r"ModuleNotFoundError: No module named '[^']+'")
_INSTALL = r"\g<0>; install it in this environment, whose packages jobs use"
_TRACEBACK = "Traceback (most recent call last):"


def raise_for_exit_code(code: int, opt_ml: Path, output: Sequence[str], *, mounted: bool) -> None:
    """Raise JobFailed or JobInterrupted unless a program has succeeded.

    opt_ml: the folder used as ``/opt/ml``. output: the last lines that aren't blank. mounted:
    whether the program saw the folder there.
    """
    if code == 0:
        return
    if code < 0:
        memory = " (out of memory?)" if -code == signal.SIGKILL else ""
        raise JobInterrupted(
            f"InternalServerError: the program was killed by signal {-code}{memory}"
        )
    last_line = _failure(output)
    reason = missing_library("\n".join(output)) or last_line
    # Training jobs write the reason to output/failure, processing jobs to output/message.
    for name in ("failure", "message"):
        file = opt_ml / "output" / name
        if file.is_file():
            text = file.read_text(encoding="utf-8", errors="replace").strip() or last_line
            reason = missing_library(text) or text
    reason = reason.removeprefix("error: ") or "the program printed nothing"
    reason = _MISSING_MODULE.sub(_INSTALL, reason if mounted else explained(reason))
    raise JobFailed(f"AlgorithmError: {reason}, exit code: {code}")


def _failure(output: Sequence[str]) -> str:
    """Return the last line of output; of a traceback, the first line of the exception's message."""
    last_line = output[-1] if output else ""
    starts = [number for number, line in enumerate(output) if line.startswith(_TRACEBACK)]
    if not starts or last_line.startswith("error: "):
        return last_line.strip()
    message = list(dropwhile(lambda line: line[0].isspace(), output[starts[-1] + 1 :]))
    # Py4J's second line has the exception of Java.
    length = 2 if message[1:] and message[1].startswith(": ") else 1
    return "".join(message[:length]) or last_line.strip()
