"""Profile Preprocess: ``python -m benchmarks.harness.profile RAW_FOLDER OUTPUT``.

A timer of CPU time interrupts the job, run in one process, some hundred times a second. Each
sample is charged to the innermost function of ``processing`` on the stack, library calls included.
The last line of output is JSON: CPU seconds by function.
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
    """Return the CPU seconds of the work by function, the largest first."""
    samples: Counter[str] = Counter()
    before = signal.signal(
        signal.SIGPROF, lambda _, frame: samples.update([charged_function(frame)])
    )
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, _SECONDS, _SECONDS)
    try:
        work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    each = (time.process_time() - began) / max(samples.total(), 1)
    return {name: count * each for name, count in samples.most_common()}


def charged_function(frame: FrameType | None) -> str:
    """Return the function to charge a frame to: the innermost of ours, or "importing"."""
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
    """Run the whole job, imports included, in this process alone."""
    job = importlib.import_module("processing.jobs.preprocess")
    parser: argparse.ArgumentParser = job.parser()
    given = ["--raw", str(raw), "--output", str(output)]
    if "--workers" in parser.format_help():
        given += ["--workers", "1"]
    job.run(parser.parse_args(given))


if __name__ == "__main__":
    seconds = profiled(lambda: preprocess(Path(sys.argv[1]), Path(sys.argv[2])))
    print(json.dumps(seconds))
