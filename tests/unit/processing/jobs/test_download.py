"""Download: from a local HTTP server, from files, and from moto's S3."""

from __future__ import annotations

import gzip
import io
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from processing.errors import DataError, UsageError
from processing.jobs import download
from tests.support.archives import header, write_tar
from tests.support.files import contents
from tests.support.web_server import Answer, Server

Kinds = type[Exception] | tuple[type[Exception], ...]


pytestmark = pytest.mark.usefixtures("waits")


@pytest.fixture
def tar(tmp_path: Path) -> bytes:
    return write_tar(tmp_path / "source.tar", {"train/pos/1.txt": b"Fine." * 99}).read_bytes()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


TABLE = b"text,label\nFine.,1\n"


def fetch(uri: str, output: Path) -> None:
    download.run(download.parser().parse_args(["--uri", uri, "--output", str(output)]))


def refusal(uri: str, output: Path, kind: Kinds = DataError) -> str:
    """The message when ``uri`` can't be fetched; no file may be left."""
    with pytest.raises(kind) as caught:
        fetch(uri, output)
    assert not output.exists() or not any(output.iterdir())
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_archive_is_fetched_over_http(server: Server, output: Path, tar: bytes) -> None:
    fetch(server.give("/any/name", Answer(body=tar)), output)
    assert contents(output) == {"name": tar}


def test_an_archive_keeps_a_misleading_name(server: Server, output: Path, tar: bytes) -> None:
    packed = gzip.compress(tar)
    fetch(server.give("/reviews.zip?version=2", Answer(body=packed)), output)
    assert contents(output) == {"reviews.zip": packed}
    assert server.asked == ["/reviews.zip?version=2"]


def test_a_response_without_a_content_length_is_stored(
    server: Server, output: Path, tar: bytes
) -> None:
    fetch(server.give("/a", Answer(body=tar, length="none")), output)
    assert contents(output) == {"a": tar}


def test_an_archive_larger_than_a_chunk_is_stored(server: Server, output: Path) -> None:
    body = header() + bytes(3_000_000)
    fetch(server.give("/a", Answer(body=body)), output)
    assert contents(output) == {"a": body}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server: Server, output: Path, tar: bytes, status: int) -> None:
    server.give("/new", Answer(body=tar))
    fetch(server.give("/old", Answer(status, headers={"Location": "/new"})), output)
    assert contents(output) == {"old": tar}
    assert server.asked == ["/old", "/new"]


def test_a_redirect_to_a_local_file_is_refused(
    server: Server, output: Path, tmp_path: Path, tar: bytes
) -> None:
    location = (tmp_path / "source.tar").as_uri()
    uri = server.give("/a", Answer(302, headers={"Location": location}))
    assert refusal(uri, output).startswith(f"{uri}: the server returned status 302 ")


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "Not Found"), (403, "Forbidden"), (410, "Gone")]
)
def test_a_permanent_error_isnt_retried(
    server: Server, output: Path, waits: list[float], status: int, reason: str
) -> None:
    uri = server.give("/a", Answer(status, body=b"<html>sorry</html>"))
    assert refusal(uri, output).startswith(f"{uri}: the server returned status {status} {reason}")
    assert server.asked == ["/a"]
    assert waits == []


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_transient_status_is_retried(
    server: Server,
    output: Path,
    tar: bytes,
    waits: list[float],
    capsys: pytest.CaptureFixture[str],
    status: int,
) -> None:
    fetch(server.give("/a", Answer(status), Answer(status), Answer(body=tar)), output)
    assert contents(output) == {"a": tar}
    assert waits == [2, 4]
    assert [line.rpartition("attempt ")[2] for line in capsys.readouterr().out.splitlines()] == [
        "2 of 4",
        "3 of 4",
    ]


def test_the_fourth_transient_status_is_an_error(
    server: Server, output: Path, waits: list[float]
) -> None:
    uri = server.give("/a", Answer(503))
    assert (
        refusal(uri, output) == f"{uri}: the server returned status 503, 4 times; try again later"
    )
    assert server.asked == ["/a"] * 4
    assert waits == [2, 4, 8]


def test_a_broken_transfer_is_started_again(
    server: Server, output: Path, tar: bytes, waits: list[float]
) -> None:
    broken = Answer(body=tar[:3000], length=len(tar))
    fetch(server.give("/a", broken, Answer(body=tar)), output)
    assert contents(output) == {"a": tar}
    assert waits == [2]


def test_the_fourth_broken_transfer_is_an_error(server: Server, output: Path, tar: bytes) -> None:
    uri = server.give("/a", Answer(body=tar[:3000], length=len(tar)))
    assert f"received 3,000 of {len(tar):,} bytes" in refusal(uri, output)
    assert len(server.asked) == 4


def test_a_broken_chunked_transfer_is_an_error(server: Server, output: Path, tar: bytes) -> None:
    chunked = {"Transfer-Encoding": "chunked"}
    body = b"2000\r\n" + tar[:3000]
    uri = server.give("/a", Answer(body=body, headers=chunked, length="none"))
    assert refusal(uri, output).startswith(f"{uri}: ")


def test_a_refused_connection_is_retried(output: Path, waits: list[float]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{free.getsockname()[1]}/a"
    assert refusal(uri, output).startswith(f"{uri}: no connection (")
    assert waits == [2, 4, 8]


def test_an_unknown_host_isnt_retried(
    output: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "no such host" in refusal("https://no.such.host.invalid/a", output)
    assert waits == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        pytest.param(b"<!DOCTYPE html><html>Sign in</html>" * 99, "an HTML page", id="web page"),
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"PK\x03\x04" + bytes(1000), "damaged zip archive", id="zip"),
        pytest.param(bytes(10_240), "neither a table nor an archive", id="zeros"),
    ],
)
def test_a_response_of_another_format_is_refused(
    server: Server, output: Path, body: bytes, what: str
) -> None:
    uri = server.give("/a.tar.gz", Answer(body=body))
    assert refusal(uri, output).startswith(f"{uri}: {what}")


TABLES = pytest.mark.parametrize(
    ("name", "body"),
    [
        ("r.csv", TABLE),
        ("R.CSV", TABLE),
        ("_r.jsonl", b"{}\n"),
        ("r.csv.gz", gzip.compress(TABLE, mtime=0)),
        ("r.tar.jsonl.gz", gzip.compress(b"{}\n", mtime=0)),
        ("r.parquet", b"PAR1" + bytes(9) + b"PAR1"),
    ],
    ids=str,
)


@TABLES
def test_a_table_from_http_keeps_its_name(
    server: Server, output: Path, name: str, body: bytes
) -> None:
    fetch(server.give(f"/v1/{name}?download=a.tar", Answer(body=body)) + "#part", output)
    assert contents(output) == {name: body}


@TABLES
def test_a_table_from_s3_keeps_its_name(bucket: Any, output: Path, name: str, body: bytes) -> None:
    bucket.put_object(Key=f"raw/{name}", Body=body)
    fetch(f"s3://reviews/raw/{name}", output)
    assert contents(output) == {name: body}


@TABLES
def test_a_local_table_keeps_its_name(tmp_path: Path, output: Path, name: str, body: bytes) -> None:
    source = tmp_path / name
    source.write_bytes(body)
    fetch(source.as_uri(), output)
    assert contents(output) == {name: body}


def test_escapes_in_the_uri_are_decoded(server: Server, output: Path) -> None:
    fetch(server.give("/my%20reviews%2Ecsv", Answer(body=TABLE)), output)
    assert contents(output) == {"my reviews.csv": TABLE}


@pytest.mark.parametrize("name", ["reviews.tar", "with space & #%é.tar"])
def test_a_local_file_is_stored(tmp_path: Path, output: Path, tar: bytes, name: str) -> None:
    source = tmp_path / name
    source.write_bytes(tar)
    fetch(source.as_uri(), output)
    assert contents(output) == {name: tar}
    assert source.read_bytes() == tar


def test_a_read_only_local_file_is_linked_and_any_other_is_copied(
    tmp_path: Path, output: Path
) -> None:
    for name, mode in (("in/a.csv", 0o444), ("in/b.csv", 0o644), ("c.csv", 0o444)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(TABLE)
        path.chmod(mode)
    fetch(f"{(tmp_path / 'in').as_uri()}/", output)
    assert (output / "a.csv").samefile(tmp_path / "in/a.csv")
    assert not (output / "b.csv").samefile(tmp_path / "in/b.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "c.csv")
    fetch((tmp_path / "link.csv").as_uri(), output)
    assert (output / "link.csv").samefile(tmp_path / "c.csv")
    assert not (output / "link.csv").is_symlink()


def test_a_missing_local_file_is_an_error(tmp_path: Path, output: Path) -> None:
    missing = tmp_path / "missing.tar"
    assert refusal(missing.as_uri(), output) == f"{missing}: no such file"


def test_a_local_folder_needs_a_slash_at_its_end(tmp_path: Path, output: Path) -> None:
    assert refusal(tmp_path.as_uri(), output) == f"{tmp_path}: no such file"


def test_a_local_file_of_another_format_is_refused_by_its_name(
    tmp_path: Path, output: Path
) -> None:
    source = tmp_path / "my reviews.pdf"
    source.write_bytes(b"%PDF-1.7")
    assert refusal(source.as_uri(), output).startswith("my reviews.pdf: a PDF document; ")
    assert source.exists()


@pytest.mark.parametrize(
    "uri", ["ftp://host/a.tar", "data:,x", "/a/path.tar", "reviews.tar", "C:\\a.tar", ""]
)
def test_an_unknown_scheme_is_a_usage_error_that_lists_the_known_ones(
    output: Path, uri: str
) -> None:
    assert refusal(uri, output, UsageError) == (
        f"{uri!r}: DatasetUri must begin with one of file://, http://, https://, s3://"
    )
    assert not output.exists()


@pytest.fixture
def bucket(credentials: None) -> Iterator[Any]:
    with mock_aws():
        made = boto3.resource("s3").create_bucket(Bucket="reviews")
        yield made
        made.meta.client.close()


@pytest.mark.parametrize("key", ["reviews.tar", "a/b c/réviews+%41.tar"])
def test_an_archive_is_fetched_from_s3(bucket: Any, output: Path, tar: bytes, key: str) -> None:
    bucket.upload_fileobj(io.BytesIO(tar), key)
    fetch(f"s3://reviews/{key}", output)
    assert contents(output) == {key.rpartition("/")[2]: tar}


@pytest.mark.parametrize(
    ("uri", "code"),
    [("s3://reviews/missing.tar", "NoSuchKey"), ("s3://no-such-bucket/a.tar", "NoSuchBucket")],
)
def test_a_missing_object_or_bucket_is_an_error_in_one_line(
    bucket: Any, output: Path, uri: str, code: str
) -> None:
    message = refusal(uri, output)
    assert message.startswith(f"{uri}: ")
    assert code in message


def test_an_object_of_another_format_is_refused(bucket: Any, output: Path) -> None:
    bucket.put_object(Key="a.csv", Body=b"%PDF-1.7")
    assert refusal("s3://reviews/a.csv", output).startswith("s3://reviews/a.csv: a PDF document; ")


def test_data_below_a_prefix_keeps_its_names_and_other_objects_are_ignored(
    bucket: Any, output: Path, tar: bytes, capsys: pytest.CaptureFixture[str]
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
        "raw/README.md": b"# About",
        "raw/part-1.csv": b"",
        "raw/dataset_info.json": b"{}",
        "raw/notes.docx": b"PK",
        "raw2.csv": TABLE,
    }
    for key, body in objects.items():
        bucket.put_object(Key=key, Body=body)
    fetch("s3://reviews/raw/", output)
    assert capsys.readouterr().out == "ignored 2 other files: notes.docx, part-1.csv (empty)\n"
    assert contents(output) == {
        "a.csv": TABLE,
        "2026/11/b.csv.gz": gzip.compress(TABLE, mtime=0),
        "old reviews+é?.tgz": gzip.compress(tar, mtime=0),
        "c.csv": TABLE,
    }


def test_data_below_a_local_folder_keeps_its_names_and_other_files_are_ignored(
    tmp_path: Path, output: Path, tar: bytes
) -> None:
    files = {
        "a.csv": TABLE,
        "2026/11/b#1 é.csv.gz": gzip.compress(TABLE, mtime=0),
        "old.tgz": gzip.compress(tar, mtime=0),
    }
    others = {"_SUCCESS": b"", ".ipynb_checkpoints/a.csv": TABLE, "README.md": b"# About"}
    others |= {"dataset_infos.json": b"{}", "notes.txt": b"text", ".a.csv.crc": b"crc"}
    for name, body in {**files, **others}.items():
        path = tmp_path / "in 1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    fetch(f"{(tmp_path / 'in 1').as_uri()}/", output)
    assert contents(output) == files


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("README.txt", "{uri}: no tables or archives"),
        ("state.json", "{uri}: no tables or archives"),
        ("a.pdf", "a.pdf: a PDF document; "),
        (".a.csv", "{uri}: no tables or archives"),
        (None, "{uri}: no tables or archives"),
    ],
)
def test_a_local_folder_with_invalid_data_or_none_is_refused(
    tmp_path: Path, output: Path, name: str | None, message: str
) -> None:
    folder = tmp_path / "in"
    if name is not None:
        folder.mkdir()
        (folder / name).write_bytes(b"%PDF-1.7")
    uri = f"{folder.as_uri()}/"
    assert refusal(uri, output).startswith(message.format(uri=uri))


def test_a_prefix_of_several_pages_is_fetched_whole(
    bucket: Any, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    for number in range(5):
        bucket.put_object(Key=f"raw/{number}.csv", Body=TABLE)
    fetch("s3://reviews/raw/", output)
    assert len(contents(output)) == 5


@pytest.mark.parametrize(
    "keys", [[], ["raw/", "raw/_SUCCESS", "raw/.hidden/a.csv"], ["raw/empty.csv"]]
)
def test_a_prefix_without_data_is_refused(bucket: Any, output: Path, keys: list[str]) -> None:
    for key in keys:
        bucket.put_object(Key=key, Body=b"")
    assert refusal("s3://reviews/raw/", output) == (
        "s3://reviews/raw/: no tables or archives there "
        "(.csv, .tsv, .json, .jsonl, .ndjson, .parquet, .tar, .zip; compressed: .gz, .bz2, .xz); "
        "check the URI"
    )


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["raw/a.csv", "raw/b.csv"], "s3://reviews/raw/b.csv: a PDF document; "),
        (["raw/a.csv", "raw/a.csv/b.csv"], "s3://reviews/raw/a.csv/b.csv: another object "),
        (["raw/a.csv", "raw//a.csv"], "s3://reviews/raw/a.csv: another object "),
    ],
)
def test_one_invalid_object_below_a_prefix_fails_the_download(
    bucket: Any, output: Path, keys: list[str], message: str
) -> None:
    for key in keys:
        bucket.put_object(Key=key, Body=b"%PDF-1.7" if key.endswith("b.csv") else TABLE)
    assert refusal("s3://reviews/raw/", output).startswith(message)


def test_a_prefix_of_a_missing_bucket_is_an_error_in_one_line(bucket: Any, output: Path) -> None:
    assert "NoSuchBucket" in refusal("s3://no-such-bucket/raw/", output)


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("http://[", id="broken address"),
        pytest.param("s3://reviews", id="bucket without key"),
        pytest.param("s3:///key", id="key without bucket"),
    ],
)
def test_an_invalid_uri_is_an_error_in_one_line(bucket: Any, output: Path, uri: str) -> None:
    refusal(uri, output, (DataError, UsageError))


def test_a_redirect_loop_is_an_error_in_one_line(server: Server, output: Path) -> None:
    refusal(server.give("/a", Answer(302, headers={"Location": "/a"})), output)


@pytest.mark.parametrize("uri", ["http://", "http://127.0.0.1:port/"])
def test_an_invalid_address_isnt_retried(output: Path, waits: list[float], uri: str) -> None:
    refusal(uri, output, (DataError, UsageError))
    assert waits == []


def test_an_invalid_content_length_is_ignored(server: Server, output: Path, tar: bytes) -> None:
    fetch(server.give("/a", Answer(body=tar, length="many")), output)
    assert contents(output) == {"a": tar}


@pytest.mark.parametrize("key", ["what?.tar", "part#1.tar"])
def test_an_s3_key_may_contain_characters_that_uris_reserve(
    bucket: Any, output: Path, tar: bytes, key: str
) -> None:
    bucket.upload_fileobj(io.BytesIO(tar), key)
    fetch(f"s3://reviews/{key}", output)
    assert contents(output) == {key.rpartition("/")[2]: tar}


def test_an_archive_of_the_oldest_tar_format_is_recognised(tmp_path: Path, output: Path) -> None:
    block = bytearray(header("old.txt"))
    block[257:265] = bytes(8)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    source = tmp_path / "old.tar"
    source.write_bytes(bytes(block) + bytes(1024))
    fetch(source.as_uri(), output)
    assert [path.name for path in output.iterdir()] == ["old.tar"]
