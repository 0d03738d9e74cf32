"""A pool of worker processes: `WorkerPool.map`. No other module deals with several processes.

Each worker has a pipe of its own and holds one task at a time; tasks go to the workers in turn. So
results arrive in the order of the tasks for any number of workers, and memory holds one task per
worker. A pool of one runs the tasks in this process.

It isn't `concurrent.futures.ProcessPoolExecutor`, which pickles the function again for each task
(here it may hold tables of megabytes, and remembers between tasks), forks while its threads run on
Python 3.10, and whose processes outlive a job that is killed. A worker ends when its pipe closes,
and the pipes of a killed process are closed.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from processing.arguments import positive_integer
from processing.errors import JobError

Task = TypeVar("Task")
Result = TypeVar("Result")

LOCAL_DEBUG = "LOCAL_DEBUG"
"""A variable that the local runner sets for a job in the foreground."""

MAX_WORKERS = 4
"""More would wait for the one process that reads the archive."""

# A forked process has all modules loaded. Forking is safe on Linux only.
_PROCESSES: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def available_cores() -> int:
    """Return the number of cores that this process may use, `MAX_WORKERS` at most.

    One if the local runner debugs the job: debuggers can't read stdin in other processes.
    """
    if LOCAL_DEBUG in os.environ:
        return 1
    cores = os.cpu_count() or 1
    with contextlib.suppress(AttributeError):  # macOS doesn't bind processes to cores
        cores = len(os.sched_getaffinity(0))
    return min(cores, MAX_WORKERS)


def add_workers_option(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--workers``, the size of a job's pool."""
    parser.add_argument(
        "--workers",
        type=positive_integer,
        default=available_cores(),
        help="number of worker processes, in addition to the one that reads the reviews; outputs "
        "don't depend on it",
    )


class WorkerPool:
    """``size`` worker processes, which end with the ``with`` statement."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._workers: list[_Worker] = []
        for _ in range(size if size > 1 else 0):
            self._workers.append(_Worker(self._workers))

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.terminate()

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Map picklable tasks, like the built-in ``map``. The results must be read to the end.

        Raise what the function raises, and JobError if a worker is killed.
        """
        if not self._workers:
            yield from map(function, tasks)
            return
        turns = cycle(self._workers)
        for task, worker in zip(tasks, turns):
            if worker.busy:
                result = worker.result()
                worker.submit(function, task)  # before the yield, so that it doesn't idle
                yield result
            else:
                worker.submit(function, task)
        for worker in islice(turns, len(self._workers)):
            if worker.busy:
                yield worker.result()


@dataclass(frozen=True)
class _Failure:
    error: Exception
    traceback: str


class _Worker:
    """A worker process as the pool sees it; ``busy`` from a task's submission to its result."""

    def __init__(self, others: Sequence[_Worker]) -> None:
        self.busy = False
        self._function: object = None
        self._pipe, far_end = _PROCESSES.Pipe()
        # A forked process inherits the open ends of the pipes that exist already.
        inherited = [self._pipe, *(other._pipe for other in others)]
        self._process = _PROCESSES.Process(target=_serve, args=(far_end, inherited), daemon=True)
        self._process.start()
        far_end.close()

    def submit(self, function: Callable[[Any], object], task: object) -> None:
        """Send a task; the function, which may hold large tables, only if it changed."""
        self.busy = True
        is_known = function is self._function
        self._function = function
        try:
            self._pipe.send((None if is_known else function, task))
        except ConnectionError:
            raise self._lost() from None

    def result(self) -> Any:
        """Wait for the task's result and return it, or raise its error."""
        try:
            result = self._pipe.recv()
        except (EOFError, ConnectionError):
            raise self._lost() from None
        self.busy = False
        if isinstance(result, _Failure):
            raise result.error from RuntimeError(result.traceback)
        return result

    def terminate(self) -> None:
        """End the process, even in the middle of a task."""
        self._pipe.close()
        self._process.terminate()
        self._process.join()

    def _lost(self) -> JobError:
        self._process.join()
        code = self._process.exitcode
        how = (
            f"was killed by signal {-code} (out of memory?)"
            if code < 0
            else f"exited with code {code}"
        )
        return JobError(f"a worker process {how}; give the job more memory, or fewer --workers")


def _serve(pipe: Connection, inherited: Sequence[Connection]) -> None:
    """Run tasks in a worker process until its pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the job, which ends its workers
    for connection in inherited:
        connection.close()
    function: Any = None
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            changed, task = pipe.recv()
            function = changed or function
            pipe.send(_result(function, task))


def _result(function: Callable[[Any], object], task: object) -> object:
    try:
        return function(task)
    except Exception as error:  # raised again in the job
        return _Failure(error, traceback.format_exc())
