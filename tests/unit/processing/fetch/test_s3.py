"""Objects of an S3 that interrupts transfers, refuses and forgets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (
    FlexibleChecksumError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
    SSLError,
)
from botocore.response import StreamingBody

from processing.errors import DataError
from processing.fetch.s3 import fetch_object, list_objects, s3_client
from tests.support.web_server import Answer, Server

pytestmark = pytest.mark.usefixtures("waits")

BODY = bytes(range(256)) * 40
TAG = {"ETag": '"version-1"'}
URI = "s3://reviews/raw/réviews+1 #?.csv"
PATH = "/reviews/raw/r%C3%A9views%2B1%20%23%3F.csv"


@pytest.fixture
def client(server: Server, monkeypatch: pytest.MonkeyPatch, credentials: None) -> Iterator[Any]:
    """A client of the server, which is an S3 with one bucket."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.address)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with s3_client() as created:
        yield created


def refused(client: Any, target: Path) -> str:
    with pytest.raises(DataError) as caught:
        fetch_object(client, URI, target)
    message = str(caught.value)
    assert message.startswith(f"{URI}: ")
    assert "\n" not in message
    return message


def s3_error(status: int, code: str, message: str = "no") -> Answer:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Answer(status, body.encode())


def rest(start: int) -> Answer:
    place = {"Content-Range": f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"}
    return Answer(206, BODY[start:], {**TAG, **place})


def test_an_interrupted_object_continues_if_it_still_has_its_version(
    server: Server, client: Any, tmp_path: Path, waits: list[float]
) -> None:
    server.give(PATH, Answer(200, BODY[:3000], TAG, len(BODY)), rest(3000))
    fetch_object(client, URI, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert server.headers[1]["Range"] == "bytes=3000-"
    assert server.headers[1]["If-Match"] == '"version-1"'
    assert waits == [2]


@pytest.mark.parametrize(
    "answer", [s3_error(412, "PreconditionFailed"), s3_error(416, "InvalidRange")]
)
def test_an_object_that_changed_is_fetched_again(
    server: Server, client: Any, tmp_path: Path, answer: Answer
) -> None:
    changed = Answer(200, BODY[::-1], {"ETag": '"version-2"'})
    server.give(PATH, Answer(200, BODY[:3000], TAG, len(BODY)), answer, changed)
    fetch_object(client, URI, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY[::-1]
    assert [headers["Range"] for headers in server.headers] == [None, "bytes=3000-", None]


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://s3"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
        ResponseStreamingError(error="closed"),
        ConnectionResetError(),
        FlexibleChecksumError(error_msg="differs"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_of_the_body_are_interruptions(
    server: Server,
    client: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    waits: list[float],
    error: Exception,
) -> None:
    errors, read = [error], StreamingBody.read

    def read_or_raise(body: StreamingBody, amount: int) -> bytes:
        if errors:
            raise errors.pop()
        return read(body, amount)

    monkeypatch.setattr(StreamingBody, "read", read_or_raise)
    server.give(PATH, Answer(200, BODY, TAG))
    fetch_object(client, URI, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert waits == [2]


def test_an_object_that_is_always_interrupted_is_an_error_with_its_key(
    server: Server, client: Any, tmp_path: Path, waits: list[float]
) -> None:
    server.give(PATH, Answer(200, BODY[:3000], {}, len(BODY)))
    assert "4 times" in refused(client, tmp_path / "a")
    assert waits == [2, 4, 8]


def test_no_connection_for_the_rest_is_an_interruption(
    server: Server, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get, calls = client.get_object, [0]

    def get_object(**options: Any) -> Any:
        calls[0] += 1
        if calls[0] == 2:
            raise ReadTimeoutError(endpoint_url="https://s3")
        return get(**options)

    monkeypatch.setattr(client, "get_object", get_object)
    server.give(PATH, Answer(200, BODY[:3000], TAG, len(BODY)), rest(3000))
    fetch_object(client, URI, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY


@pytest.mark.parametrize(
    ("answer", "mention"),
    [
        (s3_error(404, "NoSuchKey"), r"no such object"),
        (s3_error(404, "NoSuchBucket"), r"no such bucket"),
        (s3_error(403, "AccessDenied", "no policy allows s3:GetObject"), r"s3:GetObject.*raw/"),
        (s3_error(403, "InvalidObjectState"), r"restore"),
        (s3_error(400, "ExpiredToken", "expired"), r"ExpiredToken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_errors_are_explained_without_another_attempt(
    server: Server, client: Any, tmp_path: Path, waits: list[float], answer: Answer, mention: str
) -> None:
    server.give(PATH, answer)
    assert re.search(mention, refused(client, tmp_path / "a"))
    assert waits == []


def test_a_folder_without_a_slash_is_recognised(
    server: Server, client: Any, tmp_path: Path
) -> None:
    server.give("/reviews/raw", s3_error(404, "NoSuchKey"))
    listing = "<ListBucketResult><Contents><Key>raw/a.csv</Key></Contents></ListBucketResult>"
    server.give(
        "/reviews?list-type=2&prefix=raw%2F&encoding-type=url", Answer(200, listing.encode())
    )
    with pytest.raises(DataError, match=r"^s3://reviews/raw: this is a folder; add / "):
        fetch_object(client, "s3://reviews/raw", tmp_path / "a")


def test_a_certificate_that_isnt_trusted_has_a_remedy(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get_object(**_: Any) -> Any:
        raise SSLError(endpoint_url="https://s3", error=OSError("CERTIFICATE_VERIFY_FAILED"))

    monkeypatch.setattr(client, "get_object", get_object)
    assert "AWS_CA_BUNDLE" in refused(client, tmp_path / "a")


def test_an_error_of_a_listing_names_the_prefix(server: Server, client: Any) -> None:
    server.give(
        "/reviews?list-type=2&prefix=raw%2F&encoding-type=url", s3_error(403, "AccessDenied")
    )
    with pytest.raises(DataError, match=r"^s3://reviews/raw/: access denied"):
        list(list_objects(client, "s3://reviews/raw/"))
