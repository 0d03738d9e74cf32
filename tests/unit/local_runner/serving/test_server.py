"""The server of a model: what it answers, how it starts and ends, and what survives."""

from __future__ import annotations

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_runner.errors import ServingError
from local_runner.serving import server
from local_runner.serving.server import ServedModel, Server, start
from tests.support.programs import children, has_ended, killed_if_failing
from tests.support.runner_samples import XGBOOST
from tests.support.served_models import APPLICATION, invoke, request, served_model

LOST = (ConnectionError, http.client.HTTPException)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a page."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "index.html").write_text("<p>page</p>")
    (folder / "script.js").write_text("0")
    with start(served_model(folder), pages=folder) as found:
        found.wait_until_ready()
        yield found


def test_application_of_the_archive_answers_with_its_model_and_environment(
    running: Server,
) -> None:
    answer = invoke(running.url, "a text")
    assert answer.pop("process") != os.getpid()
    assert answer == {"body": "a text", "version": "7", "weights": "1 2 3"}


def test_files_of_the_page_are_served_and_may_load_only_each_other(running: Server) -> None:
    status, body, headers = request(running.url)
    assert (status, body) == (200, b"<p>page</p>")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert request(f"{running.url}/script.js")[:2] == (200, b"0")


@pytest.mark.parametrize("path", ["/missing", "/../model.tar.gz", "/invocations/more"])
def test_other_paths_do_not_exist(running: Server, path: str) -> None:
    assert request(f"{running.url}{path}")[0] == 404


def test_server_is_reached_from_this_machine_only(running: Server) -> None:
    with socket.create_connection(("127.0.0.1", running.port)) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("::1", running.port))


def test_port_in_use_is_an_error(running: Server, tmp_path: Path) -> None:
    with pytest.raises(ServingError, match=rf"port {running.port} .*Address already"):
        start(served_model(tmp_path), running.port)


def test_port_can_be_used_again_after_the_server(tmp_path: Path) -> None:
    model = served_model(tmp_path)
    with start(model, workers=1) as first:
        first.wait_until_ready()
        invoke(first.url, "a")
    with start(model, first.port, workers=1) as second:
        second.wait_until_ready()
        assert second.port == first.port


def test_killed_worker_loses_its_own_request_alone_and_is_replaced(tmp_path: Path) -> None:
    # The others wait, because there is a single worker.
    with start(served_model(tmp_path), workers=1) as running:
        running.wait_until_ready()

        def process_of(body: str) -> int | None:
            try:
                return int(invoke(running.url, body)["process"])
            except LOST:
                return None

        bodies = ["a"] * 60 + ["kill"] + ["a"] * 60 + ["kill"] + ["a"] * 60
        with ThreadPoolExecutor(4) as clients:
            found = list(clients.map(process_of, bodies))
        lost = [body for body, process in zip(bodies, found, strict=True) if process is None]
        assert lost == ["kill", "kill"]
        assert len(set(found) - {None}) == 3


def test_requests_in_progress_are_answered_when_the_server_stops(tmp_path: Path) -> None:
    begun, may_end = tmp_path / "begun", tmp_path / "may_end"
    for fifo in (begun, may_end):
        os.mkfifo(fifo)
    model = served_model(tmp_path, BEGUN=str(begun), MAY_END=str(may_end))
    with start(model, workers=1) as running, ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(invoke, running.url, "wait")
        with begun.open():
            stopping = threads.submit(running.stop)
        with may_end.open("w"):
            pass
        assert waiting.result()["body"] == "wait"
        stopping.result()
    with pytest.raises(ConnectionRefusedError):
        invoke(running.url, "a")


def test_connection_without_a_request_does_not_block_others(tmp_path: Path) -> None:
    with (
        start(served_model(tmp_path), workers=1) as running,
        socket.create_connection(("127.0.0.1", running.port)) as idle,
    ):
        assert invoke(running.url, "a")["body"] == "a"
        assert select.select([idle], [], [], 60)[0]
        assert idle.recv(1) == b""


def test_server_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    found: list[Server] = []
    thread = threading.Thread(target=lambda: found.append(start(served_model(tmp_path))))
    thread.start()
    thread.join()
    with found[0] as running:
        assert invoke(running.url, "a")["body"] == "a"


PROGRAM = """
import sys
from pathlib import Path
from local_runner.serving.server import start
from tests.support.served_models import invoke, served_model

with start(served_model(Path(sys.argv[1])), workers=1) as running:
    print(invoke(running.url, "a")["process"], flush=True)
    running.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes with their parent")
def test_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    with killed_if_failing(
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "TMPDIR": str(tmp_path),
            },  # a program that is killed leaves its files
        )
    ) as program:
        assert program.stdout
        worker = int(program.stdout.readline())
        [gunicorn] = children(program.pid)
        program.kill()
        program.wait()
        assert has_ended(gunicorn)
        assert has_ended(worker)


def test_folder_of_the_model_is_found_without_a_mount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "can_mount", lambda: False)
    with start(served_model(tmp_path), workers=1) as running:
        assert invoke(running.url, "a")["weights"] == "1 2 3"


def test_application_that_cannot_be_imported_is_an_error_with_the_reason(tmp_path: Path) -> None:
    lines: list[str] = []
    model = served_model(tmp_path, "import nowhere")
    with (
        start(model, workers=3, on_line=lines.append) as running,
        pytest.raises(ServingError, match="No module named 'nowhere'"),
    ):
        running.wait_until_ready()
    assert any("import nowhere" in line for line in lines)


def test_exception_in_a_request_is_a_status_and_a_traceback_in_the_log(tmp_path: Path) -> None:
    lines: list[str] = []
    source = APPLICATION.replace('if body == "kill":', "int(body)\n    if False:")
    with start(served_model(tmp_path, source), workers=1, on_line=lines.append) as running:
        assert request(f"{running.url}/invocations", b"no number")[0] == 500
    assert any("ValueError: invalid literal" in line for line in lines)


def test_health_check_that_fails_is_an_error(tmp_path: Path) -> None:
    source = APPLICATION.replace('return ""', 'return "no weights", 503')
    with (
        start(served_model(tmp_path, source), workers=1) as running,
        pytest.raises(ServingError, match="503: no weights"),
    ):
        running.wait_until_ready()


def test_server_that_is_not_ready_in_time_is_an_error(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    model = served_model(tmp_path, f"open({str(fifo)!r})")
    with start(model, workers=1) as running:
        with pytest.raises(ServingError, match=r"wasn't ready after 0\.1 s"):
            running.wait_until_ready(0.1)
        with fifo.open("w"):
            pass


def test_waiting_for_a_server_that_was_stopped_is_an_error(tmp_path: Path) -> None:
    running = start(served_model(tmp_path), workers=1)
    running.stop()
    with pytest.raises(ServingError):
        running.wait_until_ready()


def test_server_that_ends_by_itself_is_an_error(tmp_path: Path) -> None:
    with start(served_model(tmp_path), workers=1) as running:
        running.wait_until_ready()
        [gunicorn] = [
            pid
            for pid in children(os.getpid())
            if invoke(running.url, "a")["process"] in children(pid)
        ]
        os.kill(gunicorn, signal.SIGKILL)
        with pytest.raises(ServingError):
            running.wait()


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_damaged_archive_is_an_error_with_its_path(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "model.tar.gz"
    archive.write_bytes(content)
    with pytest.raises(ServingError, match=str(archive)):
        start(ServedModel(XGBOOST, archive))
