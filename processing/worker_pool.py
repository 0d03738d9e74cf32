"""Work shared by processes: `Team.map`. Nothing else in the jobs knows that there are several.

Each member has a pipe of its own, holds one task at a time, and answers in its turn. So the results
come in the order of the tasks however many members there are, and memory holds one task a member
however many tasks there are. A team of one is this process itself.

A member ends when its pipe is closed, and a process that is killed leaves no pipe open.
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

MOST_MEMBERS = 4
"""More would wait for the one process that reads the archive."""

# A forked process has all modules at hand. Elsewhere than on Linux, forking isn't safe.
_PROCESSES: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def available_cores() -> int:
    """The cores that this process may use, but no more than `MOST_MEMBERS`."""
    cores = os.cpu_count() or 1
    with contextlib.suppress(AttributeError):  # macOS binds no process to cores
        cores = len(os.sched_getaffinity(0))
    return min(cores, MOST_MEMBERS)


def add_workers_option(parser: argparse.ArgumentParser) -> None:
    """The option that says how many share a job's work."""
    parser.add_argument(
        "--workers",
        type=positive_integer,
        default=available_cores(),
        help="processes that share the work, beside the one that reads the reviews; the outputs "
        "don't depend on it",
    )


class Team:
    """``size`` processes that share tasks until ``with`` ends them."""

    def __init__(self, size: int) -> None:
        self._members: list[_Member] = []
        for _ in range(size if size > 1 else 0):
            self._members.append(_Member(self._members))

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *_: object) -> None:
        for member in self._members:
            member.dismiss()

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """As the built-in ``map``, of what can be pickled. It must be read to its end.

        Raises what the function raises, and JobError if a member is killed.
        """
        if not self._members:
            yield from map(function, tasks)
            return
        turns = cycle(self._members)
        for task, member in zip(tasks, turns):
            if member.busy:
                result = member.answer()
                member.ask(function, task)  # first of all, so that it doesn't idle
                yield result
            else:
                member.ask(function, task)
        for member in islice(turns, len(self._members)):
            if member.busy:
                yield member.answer()


@dataclass(frozen=True)
class _Failure:
    error: Exception
    where: str


class _Member:
    """One process, seen from the team; ``busy`` while it owes an answer."""

    def __init__(self, others: Sequence[_Member]) -> None:
        self.busy = False
        self._function: object = None
        self._pipe, theirs = _PROCESSES.Pipe()
        # A forked process has the ends of the pipes that were there before it.
        inherited = [self._pipe, *(other._pipe for other in others)]
        self._process = _PROCESSES.Process(target=_serve, args=(theirs, inherited), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, function: Callable[[Any], object], task: object) -> None:
        """Hands over a task; the function, which may hold large tables, only if it's a new one."""
        self.busy = True
        known = function is self._function
        self._function = function
        try:
            self._pipe.send((None if known else function, task))
        except ConnectionError:
            raise self._lost() from None

    def answer(self) -> Any:
        """Waits for the task's result."""
        try:
            result = self._pipe.recv()
        except (EOFError, ConnectionError):
            raise self._lost() from None
        self.busy = False
        if isinstance(result, _Failure):
            raise result.error from RuntimeError(result.where)
        return result

    def dismiss(self) -> None:
        """Ends the process, whatever it does."""
        self._pipe.close()
        self._process.terminate()
        self._process.join()

    def _lost(self) -> JobError:
        self._process.join()
        code = self._process.exitcode
        how = f"was killed by signal {-code} (out of memory?)" if code < 0 else f"ended with {code}"
        return JobError(f"a worker process {how}; give the job more memory, or fewer --workers")


def _serve(pipe: Connection, inherited: Sequence[Connection]) -> None:
    """What a member does: one task after the other, until its pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the job, which then ends this
    for connection in inherited:
        connection.close()
    function: Any = None
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            new, task = pipe.recv()
            function = new or function
            pipe.send(_result(function, task))


def _result(function: Callable[[Any], object], task: object) -> object:
    try:
        return function(task)
    except Exception as error:  # told by the job, which knows what to do with each kind
        return _Failure(error, traceback.format_exc())
