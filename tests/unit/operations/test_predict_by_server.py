"""`sentiment predict --url`: what a server answers, and the errors of one that doesn't."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_runner.serving.server import Server, start
from tests.support.answering_model import APPLICATION, PREDICTION
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.served_models import APPLICATION as ECHO
from tests.support.served_models import served_model


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    model = served_model(
        tmp_path_factory.mktemp("model"),
        APPLICATION,
        PREDICTION=json.dumps(PREDICTION),
        SENTIMENT_MODEL_VERSION="7",
    )
    with start(model) as found:
        found.wait_until_ready()
        yield found


@pytest.mark.parametrize("path", ["", "/", "/invocations"])
def test_prediction_is_the_answer_and_the_version(running: Server, path: str) -> None:
    url = f"{running.url}{path}"
    found = json_output(invoke("predict", "--url", url, "--json", "a good film"))
    assert found == {**PREDICTION, "model_version": "7", "url": url}


def test_prediction_is_shown_with_its_words_and_the_server(running: Server) -> None:
    result = invoke("predict", "--url", running.url, "-", input="a good film")
    assert result.exit_code == 0
    assert "very good" in result.stdout
    assert result.stdout.endswith(f"model version 7, at {running.url}\n")


def test_proxy_is_not_asked_for_a_server_on_this_machine(
    running: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert invoke("predict", "--url", running.url, "a good film").exit_code == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [("refused", "400: the review can't be scored"), ("unusable", "its text is empty")],
)
def test_review_that_the_server_refuses_is_an_error(
    running: Server, text: str, reason: str
) -> None:
    assert_refused(invoke("predict", "--url", running.url, text), 1, reason)


def test_server_that_does_not_run_is_an_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert_refused(invoke("predict", "--url", url, "a"), 1, url, "sentiment serve")


def test_server_of_something_else_is_an_error(running: Server, tmp_path: Path) -> None:
    url = f"{running.url}/missing"
    assert_refused(invoke("predict", "--url", url, "a"), 1, "404")
    with start(served_model(tmp_path, ECHO), workers=1) as echo:
        assert_refused(invoke("predict", "--url", echo.url, "a"), 1, echo.url, "prediction")


@pytest.mark.parametrize(
    "options",
    [
        ("--url", "127.0.0.1:8080", "a"),
        ("--url", "ftp://127.0.0.1", "a"),
        ("--url", "http://[", "a"),
        ("--url", "http://127.0.0.1/\u00fc", "a"),
        ("--url", f"http://{'a' * 64}.example", "a"),
        ("--url", "http://127.0.0.1:99999", "a"),
        ("--url", "http://127.0.0.1:8080", " "),
        ("--url", "http://127.0.0.1:8080", "--threshold", "0.8", "a"),
        ("--threshold", "1", "a"),
        ("--threshold", "nan", "a"),
        ("--url", "http://127.0.0.1:8080", "--model", "1", "a"),
    ],
)
def test_wrong_use_is_refused_before_any_request(options: tuple[str, ...]) -> None:
    assert_refused(invoke("predict", *options), 2)


def test_text_that_is_not_utf_8_is_refused() -> None:
    result = invoke("predict", "--url", "http://127.0.0.1:8080", "-", input=b"\xff")
    assert_refused(result, 2, "byte 0")
