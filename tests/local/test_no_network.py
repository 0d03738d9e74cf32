"""Jobs other than Download have no network on AWS: their programs must not open a socket."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from local_runner.errors import JobFailed
from local_runner.execution.executor import Executor, Platform
from local_runner.execution.record import PipelineExecution
from local_runner.platform.containers import HostContainer, Invocation
from local_runner.run import prepare
from local_runner.workdir import Workdir
from operations.local.running.run import RunRequest, stored_values
from operations.options import DEFINITION
from tests.support.clean_room import ROOT

# Ends a program that creates a socket, except Unix sockets, which connect processes of one host.
FENCE = """
import socket

class Fenced(socket.socket):
    def __init__(self, family=-1, *arguments, **options):
        if family != socket.AF_UNIX:
            raise SystemExit("a job opened a socket")
        super().__init__(family, *arguments, **options)

def refuse(*arguments, **options):
    raise SystemExit("a job opened a socket")

socket.socket = Fenced
socket.create_connection = socket.getaddrinfo = refuse
"""


class Fenced:
    """The host, whose Python programs import the fence first."""

    def __init__(self, fence: Path) -> None:
        self._path = os.pathsep.join([str(fence), str(ROOT)])
        self.programs: list[str] = []

    def invoke(self, invocation: Invocation) -> None:
        self.programs.append(" ".join(invocation.command[:3]))
        HostContainer().invoke(replace(invocation, environment={"PYTHONPATH": self._path}))


def test_no_job_opens_a_socket(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(FENCE)
    workdir = Workdir(tmp_path / "runs")
    request = RunRequest(str(archive), {"NumRound": "5"}, DEFINITION, workdir.root)
    plan = prepare(
        request.definition.read_text(), request.parameters, stored_values(request, workdir)
    )
    execution = PipelineExecution(workdir.executions.new_id(), "", plan.parameters, "2026")
    container = Fenced(tmp_path)
    platform = Platform(workdir.store, container)
    Executor(plan, execution, workdir, platform, lambda _: None).execute()
    assert execution.failed_step() is None
    assert execution.status == "Succeeded"
    assert len(container.programs) == 6


@pytest.mark.parametrize(
    "code",
    [
        "socket.create_connection(('127.0.0.1', 1))",
        "socket.socket()",
        "socket.socket(socket.AF_INET6)",
        "socket.getaddrinfo('localhost', 80)",
    ],
)
def test_fence_ends_programs_that_open_a_socket(tmp_path: Path, code: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(FENCE)
    log = tmp_path / "log"
    code = f"import socket; {code}"
    invocation = Invocation(
        "sagemaker-scikit-learn:1.4-2", ("python3", "-c", code), {}, tmp_path, log, None
    )
    with pytest.raises(JobFailed, match="a job opened a socket"):
        Fenced(tmp_path).invoke(invocation)
