"""The WSGI application, and its start from a model folder."""

from __future__ import annotations

import importlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from processing.errors import DataError
from processing.serving.application import Application
from processing.serving.handler import MAX_BYTES, Handler
from processing.serving.package import load


def request(
    application: Application, path: str, body: bytes = b"", **environ: Any
) -> tuple[str, dict[str, str], bytes]:
    """Send a request, and return status, headers and body of the answer."""
    sent: dict[str, Any] = {
        "PATH_INFO": path,
        "REQUEST_METHOD": "POST" if body else "GET",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    setup_testing_defaults(sent)
    found: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
        found.extend((status, headers))

    answer = application(sent, start_response)
    return found[0], dict(found[1]), b"".join(answer)


@pytest.fixture
def application(handler: Handler) -> Application:
    return Application(handler)


def test_ping_succeeds(application: Application) -> None:
    assert request(application, "/ping")[0] == "200 OK"


def test_invocations_are_answered(application: Application, handler: Handler) -> None:
    status, headers, body = request(
        application,
        "/invocations",
        b"great",
        CONTENT_TYPE="text/plain",
        HTTP_ACCEPT="application/jsonlines",
        HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES="explain=true",
    )
    assert status == "200 OK"
    assert headers == {
        "Content-Type": "application/jsonlines",
        "Content-Length": str(len(body)),
    }
    assert json.loads(body).items() >= handler.scorer.explain("great").items()


def test_a_body_without_a_length_is_read_to_its_end(application: Application) -> None:
    answer = request(
        application, "/invocations", b"great", CONTENT_TYPE="text/plain", CONTENT_LENGTH=""
    )
    assert answer[0] == "200 OK"


def test_a_body_that_is_too_large_is_read_to_its_end_and_refused(
    application: Application,
) -> None:
    stream = io.BytesIO(b"a" * (MAX_BYTES + 100_000))
    status, _, body = request(
        application,
        "/invocations",
        b"a",
        CONTENT_TYPE="text/plain",
        CONTENT_LENGTH=str(MAX_BYTES + 100_000),
        **{"wsgi.input": stream},
    )
    assert status.startswith("413 ")
    assert "6 MB" in json.loads(body)["error"]
    assert stream.read() == b""


class BrokenStream(io.BytesIO):
    def read(self, _: object = None) -> bytes:
        raise OSError("Invalid chunk size: b'zz'")


@pytest.mark.parametrize("stream", [io.BytesIO(b"grea"), BrokenStream()])
def test_an_incomplete_body_is_refused(application: Application, stream: io.BytesIO) -> None:
    answer = request(
        application, "/invocations", b"great", CONTENT_TYPE="text/plain", **{"wsgi.input": stream}
    )
    assert answer[0].startswith("400 ")
    assert json.loads(answer[2])["error"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("/", b"", "404"), ("/ping", b"great", "405"), ("/invocations", b"", "405")],
)
def test_other_requests_are_refused(
    application: Application, path: str, body: bytes, status: str
) -> None:
    answer = request(application, path, body, CONTENT_TYPE="text/plain")
    assert answer[0].startswith(f"{status} ")
    assert json.loads(answer[2])["error"]


def test_a_defect_is_an_answer_and_its_traceback_is_logged(
    application: Application,
    handler: Handler,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(type(handler), "answer", broken)
    status, _, _ = request(application, "/invocations", b"great", CONTENT_TYPE="text/plain")
    assert status.startswith("500 ")
    assert "MemoryError" in capsys.readouterr().err


def test_the_module_of_the_server_loads_the_model_folder(
    package: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert package().name == "model"
    monkeypatch.setenv("OPT_ML", str(package().parent))
    monkeypatch.delitem(sys.modules, "processing.serving.wsgi", raising=False)
    module = importlib.import_module("processing.serving.wsgi")
    assert request(module.application, "/ping")[0] == "200 OK"


def test_a_folder_without_a_model_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="xgboost-model"):
        load(tmp_path, {})
