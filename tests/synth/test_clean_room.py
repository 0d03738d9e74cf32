"""Tests and the programs they start have no access to the network."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.clean_room import CleanRoom
from tests.support.no_network import NetworkDenied

NODE = "require('net').connect(443, '192.0.2.1').on('error', () => {})"
PYTHON = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=1)"


def test_tests_cannot_resolve_other_hosts() -> None:
    with pytest.raises(NetworkDenied, match=r"example\.com"):
        socket.getaddrinfo("example.com", 443)


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_tests_cannot_connect_to_other_hosts(method: str) -> None:
    with socket.socket() as connection, pytest.raises(NetworkDenied, match=r"192\.0\.2\.1"):
        getattr(connection, method)(("192.0.2.1", 443))


def test_tests_can_connect_to_this_host() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()


@pytest.mark.parametrize(
    ("command", "reached"),
    [
        pytest.param([sys.executable, "-c", PYTHON], ["192.0.2.1"], id="python"),
        pytest.param(["node", "-e", NODE], ["node"], id="node"),
    ],
)
def test_network_access_of_a_program_is_blocked_and_recorded(
    room: CleanRoom, command: list[str], reached: list[str]
) -> None:
    ended = subprocess.run(
        command, env=room.environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode != 0
    assert "a test tried to reach" in ended.stderr
    assert room.network_attempts() == reached


def test_node_can_connect_to_allowed_hosts(tmp_path: Path) -> None:
    room = CleanRoom.below(tmp_path / "room", reachable=("127.0.0.1",))
    program = (
        "const server = require('net').createServer(socket => socket.end()).listen(0, '127.0.0.1',"
        " () => require('net').connect(server.address().port, '127.0.0.1')"
        ".on('connect', () => { console.log('reached'); process.exit(0); }))"
    )
    ended = subprocess.run(
        ["node", "-e", program],
        env=room.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.stdout, ended.stderr) == ("reached\n", "")
    assert room.network_attempts() == []
