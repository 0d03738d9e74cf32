"""The emulated AWS as a process, and the command and the CDK CLI run against it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from emulator.clients import ACCOUNT, Clients, Place, environment
from tests.support.cdk_context import write_cdk_json
from tests.support.checkout import copied
from tests.support.clean_room import ROOT, CleanRoom
from tests.support.programs import children, killed_if_failing

REGION = "us-east-1"
CDK_SECONDS = 240
"""Time limit of one call of the CDK CLI, which retries for long against a broken server."""
COMMAND_SECONDS = 180
"""Time limit of one call of the command; some calls wait for an execution."""
POLL = ("--interval", "0.2")
"""Options of commands that wait for an execution."""

_PACKAGES = (
    *("emulator", "local_runner", "operations", "pipeline_diff", "pipeline_steps", "processing"),
)
_CDK = ROOT / "node_modules" / ".bin" / "cdk"
_QUIET = {"CDK_DISABLE_CLI_TELEMETRY": "true", "CI": "true", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Emulator:
    """A running emulated AWS; ``environment`` points any AWS client at it, and nowhere else.

    checkout: a copy of the project's packages, in which it and the command run. instructions: what
    it printed at its start.
    """

    endpoint: str
    instructions: str
    environment: Mapping[str, str]
    pid: int
    checkout: Path
    clients: Clients = field(repr=False)

    def client(self, service: str, account: str = ACCOUNT) -> Any:
        """Return a boto3 client with credentials of an account."""
        return self.clients(service, Place(REGION, account))

    def execution_processes(self) -> list[int]:
        """Return the process ids of the executions that are running."""
        return children(self.pid)

    def throttle(self, operation: str, calls: int) -> None:
        """Throttle the next ``calls`` of an operation."""
        self._post("throttle", operation=operation, calls=calls)

    def cut(self, operation: str, calls: int) -> None:
        """Close the connection of the next ``calls`` of an operation without a response."""
        self._post("cut", operation=operation, calls=calls)

    def set_quota(self, name: str, value: int) -> None:
        """Set a quota, such as "ml.m5.large for training job usage"."""
        self._post("quota", name=name, value=value)

    def let_pass(self, seconds: int) -> None:
        """Shorten the waits of state machines that have begun."""
        self._post("pass", seconds=seconds)

    def sentiment(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command ``sentiment``."""
        return subprocess.run(
            [sys.executable, "-m", "operations", *arguments],
            cwd=self.checkout,
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )

    def sentiment_process(self, *arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
        """Start the command; leaving the block waits for its end, and kills it after an error."""
        process = subprocess.Popen(
            [sys.executable, "-m", "operations", *arguments],
            cwd=self.checkout,
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return killed_if_failing(process)

    def sentiment_json(self, *arguments: str) -> Any:
        """Run the command with --json, require that it succeeds, and return the object."""
        ended = self.sentiment(*arguments, "--json")
        assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
        return json.loads(ended.stdout)

    def _variables(self) -> dict[str, str]:
        """The variables of a program, without the AWS settings of the person who runs the tests."""
        ignored = ("AWS_", "SENTIMENT_")
        own = {key: value for key, value in os.environ.items() if not key.startswith(ignored)}
        own["XDG_CACHE_HOME"] = str(self.checkout.with_name("cache"))
        return {**own, **self.environment, "SENTIMENT_ENVIRONMENT": "dev"}

    def _post(self, path: str, **query: object) -> None:
        address = f"{self.endpoint}/emulator/{path}?{urlencode(query)}"
        request = urllib.request.Request(address, method="POST")
        urllib.request.urlopen(request, timeout=10).close()


@contextmanager
def running_emulator(log: Path) -> Iterator[Emulator]:
    """Start the emulated AWS; leaving the block ends it with everything that it started."""
    checkout = copied(log.with_name("checkout"), _PACKAGES)
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "emulator", "--region", REGION],
            cwd=checkout,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        instructions = _instructions(process, log)
        [endpoint] = re.findall(r"^export AWS_ENDPOINT_URL=(.*)", instructions, re.M)
        yield Emulator(
            endpoint,
            instructions,
            environment(endpoint, Place(REGION)),
            process.pid,
            checkout,
            Clients(endpoint),
        )
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _instructions(process: subprocess.Popen[str], log: Path) -> str:
    """Return the lines up to the last one, which destroys what the others deploy."""
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if line.startswith("make destroy "):
            return "".join(lines)
    raise AssertionError(f"the emulator didn't start: {log.read_text()}")


@dataclass(frozen=True)
class Cdk:
    """The CDK CLI in a folder of its own, for this project's app."""

    folder: Path
    room: CleanRoom
    emulator: Emulator

    def configure(self, environments: Mapping[str, Any], **context: Any) -> None:
        """Write a cdk.json with these environments and more context."""
        write_cdk_json(
            self.folder,
            {"environments": environments, **context},
            app=f"{sys.executable} {ROOT / 'app.py'}",
        )

    def __call__(self, *arguments: str) -> str:
        """Run a command, require that it succeeds, and return its output."""
        code, output = self.attempt(*arguments)
        assert code == 0, output
        return output

    def attempt(self, *arguments: str) -> tuple[int, str]:
        """Run a command and return its exit code and its output."""
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
