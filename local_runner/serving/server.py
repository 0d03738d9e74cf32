"""A web server that serves one model: a process that ends with the one that started it."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Self

from local_runner.errors import JobFailed, ServingError
from local_runner.jobs.model_archive import unpack
from local_runner.platform.bound_to_parent import OPT_ML
from local_runner.platform.containers import kill_group
from local_runner.platform.exit_codes import raise_for_exit_code
from local_runner.platform.images import PYTHON
from local_runner.platform.object_store import link_or_copy
from local_runner.platform.opt_ml import bound_command, can_mount, translated
from local_runner.platform.programs import module_path, search_path

MODULE, PROGRAM = "SAGEMAKER_SERVING_MODULE", "SAGEMAKER_PROGRAM"
"""Variables of a container that name its code: see `container`."""

HOST = "127.0.0.1"
READY_SECONDS = 60.0
_STOP_SECONDS = 30.0
"""How long requests may take to end when the server stops."""
_KEPT_LINES = 100
_WORKER_FAILED = "Exception in worker process"
_LOGGED = re.compile(r"\[\d{4}-")
"""How lines of gunicorn's own log begin, with the time."""

_DEFAULT_ENVIRONMENT = {
    # The image's default: requests are served by several processes, not by several threads.
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True)
class ServedModel:
    """A model's container.

    image: its URI, as in a model package. archive: the path of its ``model.tar.gz``. source: the
    path of the archive that SAGEMAKER_SUBMIT_DIRECTORY names, if that is in S3.
    """

    image: str
    archive: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    source: Path | None = None


def start(
    model: ServedModel,
    port: int = 0,
    *,
    workers: int = 2,
    pages: Path | None = None,
    on_line: Callable[[str], None] = lambda _: None,
) -> Server:
    """Start a server on 127.0.0.1.

    It accepts connections at once, and answers when it is ready. Raise ServingError if the port is
    in use or the archive is damaged.

    port: 0 for a free one. workers: processes that answer, one request at a time each. pages: a
    folder of static files to serve beside the model. on_line: called with each line of the log, by
    another thread.
    """
    listening = _listening(port)
    try:
        folder = tempfile.TemporaryDirectory(prefix="serving-", ignore_cleanup_errors=True)
        try:
            _prepare(model, Path(folder.name))
            return Server(model, listening, folder, workers, pages, on_line)
        except BaseException:
            folder.cleanup()
            raise
    finally:
        listening.close()


class Server:
    """A server that runs until `stop`; leaving a ``with`` block stops it."""

    def __init__(
        self,
        model: ServedModel,
        listening: socket.socket,
        folder: tempfile.TemporaryDirectory[str],
        workers: int,
        pages: Path | None,
        on_line: Callable[[str], None],
    ) -> None:
        self.port: int = listening.getsockname()[1]
        self._folder = folder
        self._on_line = on_line
        self._last: deque[str] = deque(maxlen=_KEPT_LINES)
        self._started = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        arguments = ["--socket", str(listening.fileno()), "--workers", str(workers)]
        arguments += ["--image", model.image]
        arguments += ["--pages", str(pages.resolve())] if pages else []
        # The process ends with this thread, which the caller's may not outlive.
        self._thread = threading.Thread(
            target=self._run, args=(model, listening.fileno(), arguments), daemon=True
        )
        self._thread.start()
        self._started.wait()

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://{HOST}:{self.port}"

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when the model is loaded. Raise ServingError if that fails or takes longer."""
        end = time.monotonic() + seconds
        while not self._stopped:
            connection = http.client.HTTPConnection(
                HOST, self.port, timeout=max(end - time.monotonic(), 0.001)
            )
            try:
                connection.request("GET", "/ping")
                answer = connection.getresponse()
                body = answer.read()
            except TimeoutError:
                raise ServingError(f"the server wasn't ready after {seconds:g} s") from None
            except (OSError, http.client.HTTPException):
                # Its worker or the whole server has ended.
                self._raise_if_ended(seconds=1.0)
                continue
            finally:
                connection.close()
            if answer.status != http.client.OK:
                text = " ".join(body.decode("utf-8", "replace").split())
                raise ServingError(f"/ping was answered with {answer.status}: {text:.200}")
            return
        raise ServingError("the server was stopped")

    def wait(self) -> None:
        """Wait until the server ends. Raise ServingError if it wasn't stopped."""
        self._thread.join()
        self._raise_if_ended()

    def stop(self) -> None:
        """End the server after the requests that it has accepted."""
        self._stopped = True
        if self._process:
            self._process.terminate()
            self._thread.join(_STOP_SECONDS + 5)
            kill_group(self._process)
        self._thread.join()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, model: ServedModel, descriptor: int, arguments: list[str]) -> None:
        mounts, opt_ml = can_mount(), Path(self._folder.name)
        command = bound_command(
            [*PYTHON, "-m", "local_runner.serving", *arguments], opt_ml if mounts else None
        )
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=_environment(model.environment, None if mounts else opt_ml),
                cwd=opt_ml,
                pass_fds=(descriptor,),
                start_new_session=True,
            )
        finally:
            self._started.set()
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for data in output:
                line = data.decode("utf-8", "replace").rstrip()
                self._on_line(line)
                if line:
                    self._last.append(line)
        self._process.wait()
        kill_group(self._process)

    def _raise_if_ended(self, seconds: float = 0.0) -> None:
        """Raise ServingError if the process ends within this time, unless it was stopped."""
        self._thread.join(seconds)
        if self._thread.is_alive() or self._stopped:
            return
        code = self._process.returncode if self._process else 1
        try:
            opt_ml = Path(self._folder.name)
            raise_for_exit_code(code or 1, opt_ml, _failure([*self._last]), mounted=can_mount())
        except JobFailed as error:
            reason = str(error).removeprefix("AlgorithmError: ")
            raise ServingError(f"the model can't be served: {reason}") from None


def _failure(lines: Sequence[str]) -> Sequence[str]:
    """Return a worker's traceback among the last lines, without what gunicorn logs because of it.

    Without one, return all lines.
    """
    start = next((at for at, line in enumerate(lines) if line.endswith(_WORKER_FAILED)), None)
    if start is None:
        return lines
    return [lines[start], *takewhile(lambda line: not _LOGGED.match(line), lines[start + 1 :])]


def _listening(port: int) -> socket.socket:
    """Return a socket that listens on the port. Raise ServingError if another program does."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise ServingError(
            f"port {port} can't be used ({error.strerror}); choose another one, or 0 for a free one"
        ) from None
    return listening


def _prepare(model: ServedModel, opt_ml: Path) -> None:
    """Fill the folder that the container sees as ``/opt/ml``. Raise ServingError."""
    for name in ("model", "code"):
        (opt_ml / name).mkdir()
    try:
        with model.archive.open("rb") as file:
            unpack(file, opt_ml / "model")
        if model.source:
            link_or_copy(model.source, opt_ml / "code" / model.source.name)
    except OSError as error:
        reason = error.strerror or error
        raise ServingError(f"{model.archive} can't be unpacked ({reason})") from None


def _environment(given: Mapping[str, str], opt_ml: Path | None) -> dict[str, str]:
    """Return the variables of the process. opt_ml: the folder, if it isn't mounted."""
    path = given.get("PYTHONPATH", "").split(os.pathsep)
    path = translated(path, opt_ml) if opt_ml else path
    return {
        **os.environ,
        **_DEFAULT_ENVIRONMENT,
        **given,
        "PATH": search_path(os.environ.get("PATH")),
        "PYTHONPATH": os.pathsep.join([*filter(None, path), module_path()]),
        "OPT_ML": str(opt_ml or OPT_ML),
    }
