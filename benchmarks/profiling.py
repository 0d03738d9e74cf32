"""Where Preprocess spends its CPU: ``python -m benchmarks.profiling ARCHIVES_FOLDER OUTPUT``.

A timer of CPU time interrupts the job, run here in one process, some hundred times a second, and
each time the innermost function of ``processing`` is charged, be it in its own code or in a library
that it has called. The last line tells seconds by function.
"""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

IMPORTING, ELSEWHERE = "importing", "elsewhere"
_SECONDS = 0.002
_PACKAGE = "processing."


def profiled(work: Callable[[], None]) -> dict[str, float]:
    """CPU seconds of the work by function, the dearest first."""
    samples: Counter[str] = Counter()
    before = signal.signal(signal.SIGPROF, lambda _, frame: samples.update([place(frame)]))
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, _SECONDS, _SECONDS)
    try:
        work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    each = (time.process_time() - began) / max(samples.total(), 1)
    return {name: count * each for name, count in samples.most_common()}


def place(frame: FrameType | None) -> str:
    """Who is charged for what this frame does: the innermost of our functions, or importing."""
    while frame:
        module, function = str(frame.f_globals.get("__name__", "")), frame.f_code.co_name
        if module.startswith("importlib."):
            return IMPORTING
        ours = module.startswith(_PACKAGE) and not module.startswith(f"{_PACKAGE}vendor.")
        if ours and not function.startswith("<"):  # as comprehensions do
            return f"{module.removeprefix(_PACKAGE)}.{function}"
        frame = frame.f_back
    return ELSEWHERE


def preprocess(raw: Path, output: Path) -> None:
    """The whole job, its imports included, in this process alone."""
    job = importlib.import_module("processing.jobs.preprocess")
    parser: argparse.ArgumentParser = job.parser()
    given = ["--raw", str(raw), "--output", str(output)]
    if "--workers" in parser.format_help():
        given += ["--workers", "1"]
    job.run(parser.parse_args(given))


if __name__ == "__main__":
    seconds = profiled(lambda: preprocess(Path(sys.argv[1]), Path(sys.argv[2])))
    print(json.dumps(seconds))
