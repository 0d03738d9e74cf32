"""The worker pool: order, memory bound, errors, and the end of its processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from processing import worker_pool
from processing.errors import DataError, JobError
from processing.worker_pool import MAX_WORKERS, WorkerPool, available_cores
from tests.support.programs import killed_if_failing

# From Python 3.12 on, forking a process with threads is warned about; a job has none.
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")

SIZES = pytest.mark.parametrize("size", [1, 2, 3, 7])


def negative(number: int) -> int:
    return -number


def slower_at_first(number: int) -> int:
    time.sleep(0.02 / (1 + number))
    return number


def process_of(_: object) -> int:
    return os.getpid()


def doubled(text: bytes) -> bytes:
    return text + text


def refused(name: str) -> None:
    raise DataError(f"{name}: spoiled")


def not_there(name: str) -> bytes:
    return Path(name).read_bytes()


def divided(number: int) -> float:
    return 1 / number


def killed_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def exits_with_three(_: object) -> None:
    os._exit(3)


def interrupted(number: int) -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return number


class Counting:
    """Return how often it was called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _: object) -> int:
        self.calls += 1
        return self.calls


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@SIZES
@pytest.mark.parametrize("count", [0, 1, 2, 5, 30])
def test_results_come_in_the_order_of_the_tasks(size: int, count: int) -> None:
    with WorkerPool(size) as pool:
        assert list(pool.map(slower_at_first, range(count))) == list(range(count))


@SIZES
def test_a_pool_maps_several_functions_in_turn(size: int) -> None:
    with WorkerPool(size) as pool:
        for _ in range(2):
            assert list(pool.map(negative, range(9))) == [-number for number in range(9)]
            assert list(pool.map(doubled, [b"ab"])) == [b"abab"]


@SIZES
def test_no_more_tasks_are_read_ahead_than_there_are_workers(size: int) -> None:
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        while taken < 30:
            taken += 1
            yield taken

    with WorkerPool(size) as pool:
        for done, _ in enumerate(pool.map(negative, tasks()), start=1):
            assert taken <= done + size


def test_tasks_go_to_the_worker_processes_in_turn() -> None:
    with WorkerPool(3) as pool:
        processes = list(pool.map(process_of, range(9)))
    assert len(set(processes)) == 3
    assert os.getpid() not in processes
    assert processes == processes[:3] * 3


def test_a_pool_of_one_runs_tasks_in_this_process() -> None:
    with WorkerPool(1) as pool:
        assert list(pool.map(process_of, range(3))) == [os.getpid()] * 3


def test_a_functions_state_is_kept_between_tasks_in_each_worker() -> None:
    counting = Counting()
    with WorkerPool(2) as pool:
        assert list(pool.map(counting, range(5))) == [1, 1, 2, 2, 3]
    assert counting.calls == 0


@SIZES
def test_tasks_and_results_may_be_larger_than_a_pipes_buffer(size: int) -> None:
    tasks = [bytes([number]) * 3_000_000 for number in range(6)]
    with WorkerPool(size) as pool:
        for task, result in zip(tasks, pool.map(doubled, tasks), strict=True):
            assert result == task + task


@SIZES
def test_a_data_error_in_a_worker_is_raised_in_the_job(size: int) -> None:
    with WorkerPool(size) as pool, pytest.raises(DataError) as caught:
        list(pool.map(refused, ["a.txt", "b.txt"]))
    assert str(caught.value) == "a.txt: spoiled"


@SIZES
def test_an_operating_system_error_keeps_its_file_name(size: int) -> None:
    with WorkerPool(size) as pool, pytest.raises(FileNotFoundError) as caught:
        list(pool.map(not_there, ["/nowhere/a.txt"]))
    assert (caught.value.filename, caught.value.strerror) == (
        "/nowhere/a.txt",
        "No such file or directory",
    )


def test_an_unexpected_error_has_the_workers_traceback_as_its_cause() -> None:
    with WorkerPool(2) as pool, pytest.raises(ZeroDivisionError) as caught:
        list(pool.map(divided, [1, 0]))
    assert "in divided\n" in str(caught.value.__cause__)


@SIZES
def test_an_error_while_reading_tasks_is_raised(size: int) -> None:
    def tasks() -> Iterator[int]:
        yield from range(5)
        raise DataError("truncated")

    with WorkerPool(size) as pool, pytest.raises(DataError, match="truncated"):
        list(pool.map(slower_at_first, tasks()))


def test_a_killed_worker_is_reported_in_one_line() -> None:
    with WorkerPool(2) as pool, pytest.raises(JobError) as caught:
        list(pool.map(killed_at_three, range(9)))
    assert str(caught.value) == (
        "a worker process was killed by signal 9 (out of memory?); "
        "give the job more memory, or fewer --workers"
    )


def test_a_worker_killed_between_tasks_is_reported() -> None:
    with WorkerPool(2) as pool:
        (first, _) = pool.map(process_of, range(2))
        os.kill(first, signal.SIGKILL)
        with pytest.raises(JobError, match="signal 9"):
            list(pool.map(doubled, [bytes(3_000_000)] * 2))


def test_a_worker_that_exits_is_reported() -> None:
    with WorkerPool(2) as pool, pytest.raises(JobError, match="code 3"):
        list(pool.map(exits_with_three, range(2)))


def test_workers_ignore_an_interrupt_from_the_terminal() -> None:
    with WorkerPool(2) as pool:
        assert list(pool.map(interrupted, range(4))) == [0, 1, 2, 3]


def test_workers_end_with_the_pool() -> None:
    with WorkerPool(2) as pool:
        processes = list(pool.map(process_of, range(2)))
        assert all(map(is_running, processes))
    assert not any(map(is_running, processes))


def test_workers_end_with_a_job_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import time; from processing.worker_pool import WorkerPool; pool = WorkerPool(3); "
        "print([worker._process.pid for worker in pool._workers], flush=True); time.sleep(60)"
    )
    started = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with killed_if_failing(started) as job:
        assert job.stdout
        processes: list[int] = json.loads(job.stdout.readline())
        assert all(map(is_running, processes))
        job.kill()
    for _ in range(100):
        if not any(map(is_running, processes)):
            break
        time.sleep(0.02)
    assert not any(map(is_running, processes))


def test_workers_can_be_spawned_where_fork_is_unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "_PROCESSES", multiprocessing.get_context("spawn"))
    with WorkerPool(2) as pool:
        assert list(pool.map(abs, [-1, 2, -3])) == [1, 2, 3]


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 2), (64, MAX_WORKERS)])
def test_the_default_size_is_the_number_of_available_cores_up_to_a_maximum(
    monkeypatch: pytest.MonkeyPatch, cores: int, workers: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(cores), raising=False)
    assert available_cores() == workers
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert available_cores() == workers


def test_a_debugged_job_uses_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert available_cores() == 3
    monkeypatch.setenv(worker_pool.LOCAL_DEBUG, "1")
    assert available_cores() == 1
