"""A team of processes: order, bounds, errors, and how members end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from processing import worker_pool as team_module
from processing.errors import DataError, JobError
from processing.worker_pool import MOST_MEMBERS, Team, available_cores
from tests.support.programs import killed_if_failing

# From Python 3.12 on, forking where libraries have threads is warned of; a job has none.
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


def killed(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def ended(_: object) -> None:
    os._exit(3)


def interrupted(number: int) -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return number


class Counting:
    """Tells how often it was called."""

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
    with Team(size) as team:
        assert list(team.map(slower_at_first, range(count))) == list(range(count))


@SIZES
def test_a_team_maps_one_function_after_the_other(size: int) -> None:
    with Team(size) as team:
        for _ in range(2):
            assert list(team.map(negative, range(9))) == [-number for number in range(9)]
            assert list(team.map(doubled, [b"ab"])) == [b"abab"]


@SIZES
def test_tasks_are_taken_when_a_member_is_free_for_them(size: int) -> None:
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        while taken < 30:
            taken += 1
            yield taken

    with Team(size) as team:
        for done, _ in enumerate(team.map(negative, tasks()), start=1):
            assert taken <= done + size


def test_members_are_processes_of_their_own_and_share_the_tasks() -> None:
    with Team(3) as team:
        processes = list(team.map(process_of, range(9)))
    assert len(set(processes)) == 3
    assert os.getpid() not in processes
    assert processes == processes[:3] * 3


def test_a_team_of_one_is_this_process() -> None:
    with Team(1) as team:
        assert list(team.map(process_of, range(3))) == [os.getpid()] * 3


def test_a_function_remembers_in_each_member_what_it_has_seen() -> None:
    counting = Counting()
    with Team(2) as team:
        assert list(team.map(counting, range(5))) == [1, 1, 2, 2, 3]
    assert counting.calls == 0


@SIZES
def test_tasks_and_results_that_fill_a_pipe_many_times_get_through(size: int) -> None:
    tasks = [bytes([number]) * 3_000_000 for number in range(6)]
    with Team(size) as team:
        for task, result in zip(tasks, team.map(doubled, tasks), strict=True):
            assert result == task + task


@SIZES
def test_bad_data_found_by_a_member_is_bad_data_of_the_job(size: int) -> None:
    with Team(size) as team, pytest.raises(DataError) as caught:
        list(team.map(refused, ["a.txt", "b.txt"]))
    assert str(caught.value) == "a.txt: spoiled"


@SIZES
def test_an_error_of_the_system_keeps_its_file(size: int) -> None:
    with Team(size) as team, pytest.raises(FileNotFoundError) as caught:
        list(team.map(not_there, ["/nowhere/a.txt"]))
    assert (caught.value.filename, caught.value.strerror) == (
        "/nowhere/a.txt",
        "No such file or directory",
    )


def test_a_bug_is_told_with_the_place_where_it_happened() -> None:
    with Team(2) as team, pytest.raises(ZeroDivisionError) as caught:
        list(team.map(divided, [1, 0]))
    assert "in divided\n" in str(caught.value.__cause__)


@SIZES
def test_an_error_among_the_tasks_ends_the_team(size: int) -> None:
    def tasks() -> Iterator[int]:
        yield from range(5)
        raise DataError("truncated")

    with Team(size) as team, pytest.raises(DataError, match="truncated"):
        list(team.map(slower_at_first, tasks()))


def test_a_killed_member_ends_the_job_with_one_line() -> None:
    with Team(2) as team, pytest.raises(JobError) as caught:
        list(team.map(killed, range(9)))
    assert str(caught.value) == (
        "a worker process was killed by signal 9 (out of memory?); "
        "give the job more memory, or fewer --workers"
    )


def test_a_member_that_is_killed_between_tasks_is_noticed() -> None:
    with Team(2) as team:
        (first, _) = team.map(process_of, range(2))
        os.kill(first, signal.SIGKILL)
        with pytest.raises(JobError, match="killed by signal 9"):
            list(team.map(doubled, [bytes(3_000_000)] * 2))


def test_a_member_that_ends_by_itself_ends_the_job() -> None:
    with Team(2) as team, pytest.raises(JobError, match="worker process ended with 3;"):
        list(team.map(ended, range(2)))


def test_an_interrupt_from_the_terminal_is_left_to_the_job() -> None:
    with Team(2) as team:
        assert list(team.map(interrupted, range(4))) == [0, 1, 2, 3]


def test_members_end_with_the_team() -> None:
    with Team(2) as team:
        processes = list(team.map(process_of, range(2)))
        assert all(map(is_running, processes))
    assert not any(map(is_running, processes))


def test_members_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from processing.worker_pool import Team; team = Team(3); "
        "print([member._process.pid for member in team._members], flush=True); time.sleep(60)"
    )
    started = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with killed_if_failing(started) as job:
        processes = eval(job.stdout.readline())
        assert all(map(is_running, processes))
        job.kill()
    for _ in range(100):
        if not any(map(is_running, processes)):
            break
        time.sleep(0.02)
    assert not any(map(is_running, processes))


def test_members_can_be_started_where_there_is_no_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team_module, "_PROCESSES", multiprocessing.get_context("spawn"))
    with Team(2) as team:
        assert list(team.map(abs, [-1, 2, -3])) == [1, 2, 3]


@pytest.mark.parametrize(("cores", "members"), [(1, 1), (2, 2), (64, MOST_MEMBERS)])
def test_a_team_is_as_large_as_the_cores_it_may_use(
    monkeypatch: pytest.MonkeyPatch, cores: int, members: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(cores), raising=False)
    assert available_cores() == members
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert available_cores() == members
