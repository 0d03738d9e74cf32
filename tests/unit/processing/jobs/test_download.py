"""Download: from a server of the test's own, from files, and from an S3 made by moto."""

from __future__ import annotations

import gzip
import http.server
import io
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from processing.errors import DataError, UsageError
from processing.jobs import download
from tests.support.archives import header, write_tar

Kinds = type[Exception] | tuple[type[Exception], ...]


@dataclass(frozen=True)
class Answer:
    """What the server says once: ``length`` is what it promises, if not the body's own."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | str | None = None


@dataclass
class Server:
    """Answers each path with its answers in turn, the last one again and again."""

    address: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def give(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return f"{self.address}{path}"

    def next(self, path: str) -> Answer:
        self.asked.append(path)
        waiting = self.answers.get(path) or [Answer(404)]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = serving.next(self.path)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.length != "none":
                promised = len(answer.body) if answer.length is None else answer.length
                self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("no_proxy", "*")
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as listening:
        serving = Server(f"http://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield serving
        listening.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were to be waited; nobody waits."""
    seconds: list[float] = []
    monkeypatch.setattr("processing.jobs.download.time.sleep", seconds.append)
    return seconds


@pytest.fixture
def tar(tmp_path: Path) -> bytes:
    return write_tar(tmp_path / "source.tar", {"train/pos/1.txt": b"Fine." * 99}).read_bytes()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


NO_KIND = (
    "not a tar archive, plain or gzip-compressed, nor a table by its name "
    "(.csv, .csv.gz, .jsonl, .jsonl.gz, .parquet)"
)
TABLE = b"text,label\nFine.,1\n"


def fetch(uri: str, output: Path) -> None:
    download.run(download.parser().parse_args(["--uri", uri, "--output", str(output)]))


def arrived(output: Path) -> dict[str, bytes]:
    files = (path for path in output.rglob("*") if path.is_file())
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in files}


def refusal(uri: str, output: Path, kind: Kinds = DataError) -> str:
    """What is said when ``uri`` can't be had; nothing may be left of it."""
    with pytest.raises(kind) as caught:
        fetch(uri, output)
    assert not output.exists() or not any(output.iterdir())
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_archive_arrives_from_http_byte_for_byte(
    server: Server, output: Path, tar: bytes
) -> None:
    fetch(server.give("/any/name", Answer(body=tar)), output)
    assert arrived(output) == {"reviews.tar": tar}


def test_a_compressed_archive_is_named_by_its_content(
    server: Server, output: Path, tar: bytes
) -> None:
    packed = gzip.compress(tar)
    fetch(server.give("/reviews.zip?version=2", Answer(body=packed)), output)
    assert arrived(output) == {"reviews.tar.gz": packed}
    assert server.asked == ["/reviews.zip?version=2"]


def test_an_archive_without_a_promised_length_arrives(
    server: Server, output: Path, tar: bytes
) -> None:
    fetch(server.give("/a", Answer(body=tar, length="none")), output)
    assert arrived(output) == {"reviews.tar": tar}


def test_an_archive_larger_than_a_chunk_arrives(server: Server, output: Path) -> None:
    body = header() + bytes(3_000_000)
    fetch(server.give("/a", Answer(body=body)), output)
    assert arrived(output) == {"reviews.tar": body}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server: Server, output: Path, tar: bytes, status: int) -> None:
    server.give("/new", Answer(body=tar))
    fetch(server.give("/old", Answer(status, headers={"Location": "/new"})), output)
    assert arrived(output) == {"reviews.tar": tar}
    assert server.asked == ["/old", "/new"]


def test_a_redirect_to_a_file_of_the_machine_is_refused(
    server: Server, output: Path, tmp_path: Path, tar: bytes
) -> None:
    location = (tmp_path / "source.tar").as_uri()
    uri = server.give("/a", Answer(302, headers={"Location": location}))
    assert refusal(uri, output).startswith(f"{uri}: the server answered 302 ")


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "Not Found"), (403, "Forbidden"), (410, "Gone")]
)
def test_a_refusing_server_is_believed_at_once(
    server: Server, output: Path, waits: list[float], status: int, reason: str
) -> None:
    uri = server.give("/a", Answer(status, body=b"<html>sorry</html>"))
    assert refusal(uri, output) == f"{uri}: the server answered {status} {reason}"
    assert server.asked == ["/a"]
    assert waits == []


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(
    server: Server,
    output: Path,
    tar: bytes,
    waits: list[float],
    capsys: pytest.CaptureFixture[str],
    status: int,
) -> None:
    fetch(server.give("/a", Answer(status), Answer(status), Answer(body=tar)), output)
    assert arrived(output) == {"reviews.tar": tar}
    assert waits == [2, 4]
    assert capsys.readouterr().out.splitlines() == [
        f"the server answered {status}; attempt 2 of 4",
        f"the server answered {status}; attempt 3 of 4",
    ]


def test_a_server_that_stays_busy_is_given_up(
    server: Server, output: Path, waits: list[float]
) -> None:
    uri = server.give("/a", Answer(503))
    assert refusal(uri, output) == f"{uri}: the server answered 503, 4 times; try again later"
    assert server.asked == ["/a"] * 4
    assert waits == [2, 4, 8]


def test_a_transfer_that_breaks_is_begun_anew(
    server: Server, output: Path, tar: bytes, waits: list[float]
) -> None:
    broken = Answer(body=tar[:3000], length=len(tar))
    fetch(server.give("/a", broken, Answer(body=tar)), output)
    assert arrived(output) == {"reviews.tar": tar}
    assert waits == [2]


def test_a_transfer_that_always_breaks_is_refused(server: Server, output: Path, tar: bytes) -> None:
    uri = server.give("/a", Answer(body=tar[:3000], length=len(tar)))
    assert refusal(uri, output) == (
        f"{uri}: 3,000 of {len(tar):,} bytes arrived, 4 times; try again later"
    )
    assert len(server.asked) == 4


def test_a_broken_chunked_transfer_is_refused(server: Server, output: Path, tar: bytes) -> None:
    chunked = {"Transfer-Encoding": "chunked"}
    body = b"2000\r\n" + tar[:3000]
    uri = server.give("/a", Answer(body=body, headers=chunked, length="none"))
    assert refusal(uri, output).startswith(f"{uri}: ")


def test_a_server_that_is_not_there_is_asked_again(output: Path, waits: list[float]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{free.getsockname()[1]}/a"
    message = refusal(uri, output)
    assert message.startswith(f"{uri}: no connection (")
    assert message.endswith(", 4 times; try again later")
    assert waits == [2, 4, 8]


def test_an_unknown_host_is_told_at_once(
    output: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert refusal("https://no.such.host.invalid/a", output) == (
        "https://no.such.host.invalid/a: no such host, or no network; check the address"
    )
    assert waits == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<!DOCTYPE html><html>Sign in</html>" * 99, id="web page"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"PK\x03\x04" + bytes(1000), id="zip"),
        pytest.param(bytes(10_240), id="zeros"),
    ],
)
def test_what_is_no_archive_is_refused(server: Server, output: Path, body: bytes) -> None:
    uri = server.give("/a.tar.gz", Answer(body=body))
    assert refusal(uri, output) == f"{uri}: {NO_KIND}"


TABLES = pytest.mark.parametrize(
    ("name", "body", "stored"),
    [
        ("r.csv", TABLE, "reviews.csv"),
        ("R.CSV", TABLE, "reviews.csv"),
        ("_r.jsonl", b"{}\n", "reviews.jsonl"),
        ("r.csv.gz", gzip.compress(TABLE, mtime=0), "reviews.csv.gz"),
        ("r.tar.jsonl.gz", gzip.compress(b"{}\n", mtime=0), "reviews.jsonl.gz"),
        ("r.parquet", b"PAR1" + bytes(9) + b"PAR1", "reviews.parquet"),
    ],
    ids=str,
)


@TABLES
def test_a_table_from_http_keeps_its_ending(
    server: Server, output: Path, name: str, body: bytes, stored: str
) -> None:
    fetch(server.give(f"/v1/{name}?download=a.tar", Answer(body=body)) + "#part", output)
    assert arrived(output) == {stored: body}


@TABLES
def test_a_table_from_s3_keeps_its_ending(
    bucket: Any, output: Path, name: str, body: bytes, stored: str
) -> None:
    bucket.put_object(Key=f"raw/{name}", Body=body)
    fetch(f"s3://reviews/raw/{name}", output)
    assert arrived(output) == {stored: body}


@TABLES
def test_a_table_of_this_machine_keeps_its_ending(
    tmp_path: Path, output: Path, name: str, body: bytes, stored: str
) -> None:
    source = tmp_path / name
    source.write_bytes(body)
    fetch(source.as_uri(), output)
    assert arrived(output) == {stored: body}


def test_an_escaped_name_is_understood(server: Server, output: Path) -> None:
    fetch(server.give("/my%20reviews%2Ecsv", Answer(body=TABLE)), output)
    assert arrived(output) == {"reviews.csv": TABLE}


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("r.csv", b"\n<!DOCTYPE html><html>Sign in", "a web page, no table; give the address of "),
        ("r.jsonl", b"<HTML>", "a web page, no table; give the address of the file itself"),
        (
            "r.csv",
            gzip.compress(TABLE, mtime=0),
            "gzip-compressed; give it a name that ends in .csv.gz",
        ),
        ("r.csv.gz", TABLE, "not gzip-compressed; take .gz off its name, or compress it"),
        ("r.parquet", TABLE, "no Parquet file; give it the ending of what it is"),
        ("r.xlsx", b"PK\x03\x04", NO_KIND),
    ],
)
def test_a_table_that_is_not_what_its_name_says_is_refused(
    server: Server, output: Path, name: str, body: bytes, told: str
) -> None:
    uri = server.give(f"/{name}", Answer(body=body))
    assert refusal(uri, output).startswith(f"{uri}: {told}")


@pytest.mark.parametrize("name", ["reviews.tar", "with space & #%é.tar"])
def test_a_file_uri_is_copied(tmp_path: Path, output: Path, tar: bytes, name: str) -> None:
    source = tmp_path / name
    source.write_bytes(tar)
    fetch(source.as_uri(), output)
    assert arrived(output) == {"reviews.tar": tar}
    assert source.read_bytes() == tar


def test_a_missing_file_is_refused_by_path(tmp_path: Path, output: Path) -> None:
    missing = tmp_path / "missing.tar"
    assert refusal(missing.as_uri(), output) == f"{missing}: no such file"


def test_a_folder_is_no_file(tmp_path: Path, output: Path) -> None:
    assert refusal(tmp_path.as_uri(), output) == f"{tmp_path}: no such file"


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, output: Path) -> None:
    source = tmp_path / "reviews.txt"
    source.write_text("text,label\n" * 99, encoding="utf-8")
    assert refusal(source.as_uri(), output) == f"{source.as_uri()}: {NO_KIND}"
    assert source.exists()


@pytest.mark.parametrize(
    "uri", ["ftp://host/a.tar", "data:,x", "/a/path.tar", "reviews.tar", "C:\\a.tar", ""]
)
def test_an_unknown_scheme_is_a_usage_error_with_those_that_are_known(
    output: Path, uri: str
) -> None:
    assert refusal(uri, output, UsageError) == (
        f"{uri!r}: the dataset's URI must begin with one of file://, http://, https://, s3://"
    )
    assert not output.exists()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        made = boto3.resource("s3").create_bucket(Bucket="reviews")
        yield made
        made.meta.client.close()


@pytest.mark.parametrize("key", ["reviews.tar", "a/b c/réviews+%41.tar"])
def test_an_archive_arrives_from_s3_byte_for_byte(
    bucket: Any, output: Path, tar: bytes, key: str
) -> None:
    bucket.upload_fileobj(io.BytesIO(tar), key)
    fetch(f"s3://reviews/{key}", output)
    assert arrived(output) == {"reviews.tar": tar}


@pytest.mark.parametrize(
    ("uri", "code"),
    [("s3://reviews/missing.tar", "NoSuchKey"), ("s3://no-such-bucket/a.tar", "NoSuchBucket")],
)
def test_what_s3_does_not_hold_is_refused_in_one_line(
    bucket: Any, output: Path, uri: str, code: str
) -> None:
    message = refusal(uri, output)
    assert message.startswith(f"{uri}: ")
    assert code in message


def test_an_object_that_is_no_archive_is_refused(bucket: Any, output: Path) -> None:
    bucket.put_object(Key="a.txt", Body=b"text,label\n" * 99)
    assert refusal("s3://reviews/a.txt", output) == f"s3://reviews/a.txt: {NO_KIND}"


def test_all_data_below_a_prefix_arrive_under_their_names(
    bucket: Any, output: Path, tar: bytes
) -> None:
    objects = {
        "raw/a.csv": TABLE,
        "raw/2026/11/b.csv.gz": gzip.compress(TABLE, mtime=0),
        "raw/old reviews+é?.tgz": gzip.compress(tar, mtime=0),
        "raw//c.csv": TABLE,
        "raw/": b"",
        "raw/2026/": b"",
        "raw/_SUCCESS": b"",
        "raw/.ipynb_checkpoints/a.csv": TABLE,
        "raw/../up.csv": TABLE,
        "raw2.csv": TABLE,
    }
    for key, body in objects.items():
        bucket.put_object(Key=key, Body=body)
    fetch("s3://reviews/raw/", output)
    assert arrived(output) == {
        "a.csv": TABLE,
        "2026/11/b.csv.gz": gzip.compress(TABLE, mtime=0),
        "old reviews+é?.tgz": gzip.compress(tar, mtime=0),
        "c.csv": TABLE,
    }


def test_all_data_below_a_folder_of_this_machine_arrive_under_their_names(
    tmp_path: Path, output: Path, tar: bytes
) -> None:
    files = {
        "a.csv": TABLE,
        "2026/11/b#1 é.csv.gz": gzip.compress(TABLE, mtime=0),
        "old.tgz": gzip.compress(tar, mtime=0),
    }
    left = {"_SUCCESS": b"", ".ipynb_checkpoints/a.csv": TABLE}
    for name, body in {**files, **left}.items():
        path = tmp_path / "in 1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    fetch(f"{(tmp_path / 'in 1').as_uri()}/", output)
    assert arrived(output) == files


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("notes.txt", "{folder}/notes.txt: not a tar archive"),
        ("a.csv.gz", "{folder}/a.csv.gz: not gzip-compressed; "),
        (".a.csv", "{uri}: no data below it; check the address"),
        (None, "{uri}: no data below it; check the address"),
    ],
)
def test_a_folder_of_this_machine_with_bad_data_or_none_is_refused(
    tmp_path: Path, output: Path, name: str | None, told: str
) -> None:
    folder = tmp_path / "in"
    if name is not None:
        folder.mkdir()
        (folder / name).write_bytes(TABLE)
    uri = f"{folder.as_uri()}/"
    assert refusal(uri, output).startswith(told.format(folder=folder, uri=uri))


def test_more_objects_arrive_than_one_answer_lists(
    bucket: Any, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    for number in range(5):
        bucket.put_object(Key=f"raw/{number}.csv", Body=TABLE)
    fetch("s3://reviews/raw/", output)
    assert len(arrived(output)) == 5


@pytest.mark.parametrize("keys", [[], ["raw/", "raw/_SUCCESS", "raw/.hidden/a.csv"]])
def test_a_prefix_without_data_is_refused(bucket: Any, output: Path, keys: list[str]) -> None:
    for key in keys:
        bucket.put_object(Key=key, Body=b"")
    assert refusal("s3://reviews/raw/", output) == (
        "s3://reviews/raw/: no data below it; check the address"
    )


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (["raw/a.csv", "raw/notes.txt"], f"s3://reviews/raw/notes.txt: {NO_KIND}"),
        (["raw/a.csv", "raw/a.csv/b.csv"], "s3://reviews/raw/a.csv/b.csv: another object has "),
        (["raw/a.csv", "raw//a.csv"], "s3://reviews/raw/a.csv: another object has the name of "),
    ],
)
def test_one_bad_object_below_a_prefix_is_named_and_nothing_arrives(
    bucket: Any, output: Path, keys: list[str], told: str
) -> None:
    for key in keys:
        bucket.put_object(Key=key, Body=TABLE)
    assert refusal("s3://reviews/raw/", output).startswith(told)


def test_a_prefix_of_a_bucket_that_is_not_there_is_refused_in_one_line(
    bucket: Any, output: Path
) -> None:
    assert "NoSuchBucket" in refusal("s3://no-such-bucket/raw/", output)


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("http://[", id="broken address"),
        pytest.param("http://127.0.0.1:1/é.tar", id="letter outside ASCII"),
        pytest.param("s3://reviews", id="bucket without key"),
        pytest.param("s3:///key", id="key without bucket"),
    ],
)
def test_an_impossible_uri_is_refused_in_one_line(bucket: Any, output: Path, uri: str) -> None:
    refusal(uri, output, (DataError, UsageError))


def test_a_redirect_to_itself_is_refused_in_one_line(server: Server, output: Path) -> None:
    refusal(server.give("/a", Answer(302, headers={"Location": "/a"})), output)


@pytest.mark.parametrize("uri", ["http://", "http://127.0.0.1:port/", "http://127.0.0.1:1/a b"])
def test_an_address_that_is_none_is_not_asked_again(
    output: Path, waits: list[float], uri: str
) -> None:
    refusal(uri, output, (DataError, UsageError))
    assert waits == []


def test_a_content_length_that_is_no_number_is_no_traceback(
    server: Server, output: Path, tar: bytes
) -> None:
    fetch(server.give("/a", Answer(body=tar, length="many")), output)
    assert arrived(output) == {"reviews.tar": tar}


@pytest.mark.parametrize("key", ["what?.tar", "part#1.tar"])
def test_a_key_may_hold_what_web_addresses_reserve(
    bucket: Any, output: Path, tar: bytes, key: str
) -> None:
    bucket.upload_fileobj(io.BytesIO(tar), key)
    fetch(f"s3://reviews/{key}", output)
    assert arrived(output) == {"reviews.tar": tar}


def test_an_archive_of_the_oldest_tar_arrives_as_preprocess_reads_it(
    tmp_path: Path, output: Path
) -> None:
    block = bytearray(header("old.txt"))
    block[257:265] = bytes(8)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    source = tmp_path / "old.tar"
    source.write_bytes(bytes(block) + bytes(1024))
    fetch(source.as_uri(), output)
    assert [path.name for path in output.iterdir()] == ["reviews.tar"]
