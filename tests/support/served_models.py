"""Models with an application of their own, and requests to servers."""

from __future__ import annotations

import http.client
import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local_runner.serving.server import ServedModel
from tests.support.runner_samples import XGBOOST, model_archive

APPLICATION = """
import os, signal
import flask

app = flask.Flask(__name__)
with open(os.environ["OPT_ML"] + "/model/weights.txt") as file:
    WEIGHTS = file.read()

@app.get("/ping")
def ping():
    return ""

@app.post("/invocations")
def invocations():
    body = flask.request.get_data(as_text=True)
    if body == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if body == "wait":
        with open(os.environ["BEGUN"], "w"), open(os.environ["MAY_END"]):
            pass
    return {"body": body, "process": os.getpid(), "version": os.environ["VERSION"],
            "weights": WEIGHTS}
"""
"""Answers with the request's body, its own process id, and what it was started with.

It kills its process for the body "kill"; for "wait" it opens the FIFO in the variable BEGUN, and
answers once that in MAY_END is opened.
"""

ENVIRONMENT = {
    "PYTHONPATH": "/opt/ml/model/code",
    "SAGEMAKER_SERVING_MODULE": "app:app",
    "VERSION": "7",
}


def served_model(folder: Path, source: str = APPLICATION, **environment: str) -> ServedModel:
    """Write a model archive with an application into a folder."""
    archive = folder / "model.tar.gz"
    files = {"code/app.py": source.encode(), "weights.txt": b"1 2 3"}
    archive.write_bytes(model_archive(files))
    return ServedModel(XGBOOST, archive, {**ENVIRONMENT, **environment})


def request(
    url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """Send a request, with POST if it has a body; return status, body and headers."""
    parts = urlsplit(url)
    assert parts.hostname
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    try:
        method = "GET" if body is None else "POST"
        connection.request(method, parts.path or "/", body, dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def announced(program: subprocess.Popen[str]) -> Any:
    """Return the JSON object that `sentiment serve --json` prints when it is ready."""
    assert program.stdout
    lines = []
    for line in program.stdout:
        lines.append(line)
        if line == "}\n":
            break
    return json.loads("".join(lines))


def invoke(url: str, body: str) -> Any:
    """Return the JSON that a server answers with."""
    status, answer, _ = request(f"{url}/invocations", body.encode())
    assert status == 200
    return json.loads(answer)


@contextmanager
def asking(ask: Callable[[], str], threads: int = 2) -> Iterator[list[str]]:
    """Call a function in threads while the block runs; yield the list of results, or errors."""
    answers: list[str] = []
    done = threading.Event()

    def repeat() -> None:
        while not done.is_set():
            try:
                answers.append(ask())
            except Exception as error:
                answers.append(repr(error))

    started = [threading.Thread(target=repeat) for _ in range(threads)]
    for thread in started:
        thread.start()
    try:
        yield answers
    finally:
        done.set()
        for thread in started:
            thread.join()
