"""The emulated AWS as a program of its own, and the CDK's command line against it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from emulator.clients import Clients, environment
from tests.support.clean_room import ROOT, CleanRoom
from tests.support.programs import killed_if_failing

REGION = "us-east-1"
CDK_SECONDS = 240
"""How long one call of the CDK's command line may take; against a broken server it tries on."""
COMMAND_SECONDS = 180
"""How long one call of the command may take; some of them wait for an execution."""

_HERE = Path(__file__).parent
_CDK = ROOT / "node_modules" / ".bin" / "cdk"
_QUIET = {"CDK_DISABLE_CLI_TELEMETRY": "true", "CI": "true", "NO_COLOR": "1"}

Result = TypeVar("Result")


@dataclass(frozen=True)
class Emulator:
    """A running emulated AWS; ``environment`` points any AWS program at it, and nowhere else."""

    endpoint: str
    environment: Mapping[str, str]
    pid: int
    clients: Clients = field(repr=False)

    def client(self, service: str) -> Any:
        """A client of boto3's."""
        return self.clients(service, REGION)

    def execution_processes(self) -> list[int]:
        """The processes of executions that run."""
        table = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True)
        rows = (line.split() for line in table.stdout.splitlines())
        return [int(pid) for pid, parent in rows if int(parent) == self.pid]

    def throttle(self, operation: str, calls: int) -> None:
        """Lets the next ``calls`` of an operation fail as when AWS is asked too often."""
        self._ask("throttle", operation=operation, calls=calls)

    def cut(self, operation: str, calls: int) -> None:
        """Lets the next ``calls`` of an operation break off without an answer."""
        self._ask("cut", operation=operation, calls=calls)

    def set_quota(self, name: str, value: int) -> None:
        """Sets a quota, such as "ml.m5.large for training job usage"."""
        self._ask("quota", name=name, value=value)

    def _ask(self, what: str, **given: object) -> None:
        address = f"{self.endpoint}/emulator/{what}?{urlencode(given)}"
        request = urllib.request.Request(address, method="POST")
        urllib.request.urlopen(request, timeout=10).close()

    def sentiment(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs the command as a person does; its exit code, and what it printed."""
        return subprocess.run(
            [sys.executable, "-m", "operations", *words],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )

    def started(self, *words: str) -> AbstractContextManager[subprocess.Popen[str]]:
        """The command while it runs; it is over afterwards, killed if the test fails."""
        process = subprocess.Popen(
            [sys.executable, "-m", "operations", *words],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return killed_if_failing(process)

    def told(self, *words: str) -> Any:
        """The object that the command prints with --json, once it has succeeded."""
        ended = self.sentiment(*words, "--json")
        assert (ended.returncode, ended.stderr) == (0, "")
        return json.loads(ended.stdout)


@contextmanager
def running_emulator(log: Path) -> Iterator[Emulator]:
    """Starts the emulated AWS, and ends it with everything that it started."""
    packages = os.pathsep.join((str(_HERE), str(ROOT)))
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "emulator", "--region", REGION],
            env={**os.environ, "PYTHONPATH": packages},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        endpoint = _endpoint(process, log)
        yield Emulator(endpoint, environment(endpoint, REGION), process.pid, Clients(endpoint))
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _endpoint(process: subprocess.Popen[str], log: Path) -> str:
    for line in process.stdout or ():
        if line.startswith("export AWS_ENDPOINT_URL="):
            return line.strip().partition("=")[2]
    raise AssertionError(f"the emulator didn't start: {log.read_text()}")


@dataclass(frozen=True)
class Cdk:
    """The CDK's command line in a folder of its own, for this project's app."""

    folder: Path
    room: CleanRoom
    emulator: Emulator

    def settle(self, environments: Mapping[str, Any], **context: Any) -> None:
        """Writes cdk.json with other environments than the committed ones, and more context."""
        configuration = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))
        configuration["app"] = f"{sys.executable} {ROOT / 'app.py'}"
        configuration["context"] |= {"environments": environments, **context}
        (self.folder / "cdk.json").write_text(json.dumps(configuration), encoding="utf-8")

    def __call__(self, *arguments: str) -> str:
        """Runs a command; what it printed, once it has succeeded."""
        code, printed = self.attempt(*arguments)
        assert code == 0, printed
        return printed

    def attempt(self, *arguments: str) -> tuple[int, str]:
        """Runs a command: its exit code, and what it printed."""
        ended = subprocess.run(
            [str(_CDK), "--no-notices", *arguments],
            cwd=self.folder,
            env={**self.room.environment, **_QUIET, **self.emulator.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=CDK_SECONDS,
        )
        return ended.returncode, ended.stdout


def eventually(look: Callable[[], Result | None], seconds: float = 120) -> Result:
    """What ``look`` finds, once it finds something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"nothing was found for {seconds} s")
