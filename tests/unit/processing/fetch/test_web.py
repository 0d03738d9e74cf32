"""Files from web servers: interrupted transfers, certificates, names, credentials."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from processing.errors import DataError, ProcessingError, UsageError
from processing.fetch.web import fetch_url
from tests.support.web_server import Answer, Server, web_server

pytestmark = pytest.mark.usefixtures("waits")

BODY = bytes(range(256)) * 40
TAG = {"ETag": '"version-1"'}
SIGNED = "X-Amz-Signature=0123456789&X-Amz-Credential=user"


def rest(start: int, size: int = len(BODY)) -> dict[str, str]:
    return {"Content-Range": f"bytes {start}-{size - 1}/{size}", **TAG}


def refusal(uri: str, target: Path) -> str:
    with pytest.raises(ProcessingError) as caught:
        fetch_url(uri, target)
    return str(caught.value)


# Interrupted transfers


def test_an_interrupted_transfer_continues_where_it_ended(
    server: Server, tmp_path: Path, waits: list[float]
) -> None:
    uri = server.give(
        "/a.csv",
        Answer(body=BODY[:3000], length=len(BODY), headers=TAG),
        Answer(206, BODY[3000:5000], rest(3000), length=len(BODY) - 3000),
        Answer(503),
        Answer(206, BODY[5000:], rest(5000)),
    )
    fetch_url(uri, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert [headers["Range"] for headers in server.headers] == [
        None,
        "bytes=3000-",
        "bytes=5000-",
        "bytes=5000-",
    ]
    assert [headers["If-Range"] for headers in server.headers[1:]] == ['"version-1"'] * 3
    assert waits == [2, 4, 8]


@pytest.mark.parametrize("tag", [{}, {"ETag": 'W/"weak"'}], ids=["none", "weak"])
def test_a_file_without_a_version_is_fetched_from_its_start(
    server: Server, tmp_path: Path, tag: dict[str, str]
) -> None:
    broken = Answer(body=BODY[:3000], length=len(BODY), headers=tag)
    fetch_url(server.give("/a", broken, Answer(body=BODY)), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert [headers["Range"] for headers in server.headers] == [None, None]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(Answer(200, BODY[::-1], {"ETag": '"version-2"'}), id="changed"),
        pytest.param(Answer(206, BODY[::-1], rest(0)), id="from the start"),
    ],
)
def test_a_changed_file_replaces_what_was_received(
    server: Server, tmp_path: Path, second: Answer
) -> None:
    broken = Answer(body=BODY[:3000], length=len(BODY), headers=TAG)
    fetch_url(server.give("/a", broken, second), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY[::-1]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(Answer(416), id="no such range"),
        pytest.param(Answer(206, BODY[4000:], rest(4000)), id="gap"),
        pytest.param(Answer(206, BODY[3000:], rest(3000, len(BODY) - 9)), id="longer than said"),
    ],
)
def test_after_another_part_than_the_missing_one_the_file_is_fetched_again(
    server: Server, tmp_path: Path, second: Answer
) -> None:
    broken = Answer(body=BODY[:3000], length=len(BODY), headers=TAG)
    fetch_url(server.give("/a", broken, second, Answer(body=BODY)), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert server.headers[2]["Range"] is None


def test_a_full_disk_isnt_an_interruption(
    server: Server, tmp_path: Path, waits: list[float]
) -> None:
    uri = server.give("/a", Answer(body=BODY))
    with pytest.raises(OSError, match="No space left"):
        fetch_url(uri, Path("/dev/full"))
    assert waits == []


# Certificates


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Self-signed certificates of 127.0.0.1 with their keys: valid, expired, of another host."""
    folder = tmp_path_factory.mktemp("certificates")
    return {
        "valid": certificate(folder / "valid.pem", "127.0.0.1", days=1),
        "expired": certificate(folder / "expired.pem", "127.0.0.1", days=-1),
        "other host": certificate(folder / "other.pem", "127.0.0.2", days=1),
    }


def certificate(path: Path, address: str, days: int) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a company's proxy")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=2))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("name", "trusted", "mention"),
    [
        ("valid", False, "SSL_CERT_FILE"),
        ("expired", True, "expired"),
        ("other host", True, "check the URI"),
    ],
)
def test_a_certificate_that_isnt_accepted_is_an_error_without_another_attempt(
    certificates: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    waits: list[float],
    name: str,
    trusted: bool,
    mention: str,
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates[name]))
    with web_server(server_context(certificates[name])) as server:
        uri = server.give("/a.csv", Answer(body=BODY))
        message = refusal(uri, tmp_path / "a")
    assert message.startswith(f"{uri}: ")
    assert mention in message
    assert (server.asked, waits) == ([], [])


def test_the_certificate_in_ssl_cert_file_is_trusted(
    certificates: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates["valid"]))
    with web_server(server_context(certificates["valid"])) as server:
        fetch_url(server.give("/a.csv", Answer(body=BODY)), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_https_to_a_server_without_tls_isnt_tried_again(
    server: Server, tmp_path: Path, waits: list[float]
) -> None:
    uri = server.give("/a", Answer(body=BODY)).replace("http:", "https:")
    assert "no secure connection" in refusal(uri, tmp_path / "a")
    assert waits == []


def test_a_proxy_that_refuses_isnt_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setattr("urllib.request._opener", None)  # knows the proxy of earlier tests
    with web_server() as proxy:
        monkeypatch.setenv("https_proxy", proxy.address)
        assert "HTTPS_PROXY" in refusal("https://host.invalid/a", tmp_path / "a")
    assert waits == []


# Names


@pytest.mark.parametrize(
    ("path", "disposition", "name"),
    [
        ("/v1/reviews.csv?download=a.tar", "", "reviews.csv"),
        ("/my%20reviews%2Ecsv", "", "my reviews.csv"),
        ("/reviews.csv", 'attachment; filename="other.csv"', "reviews.csv"),
        ("/download?id=5", 'attachment; filename="reviews.csv"', "reviews.csv"),
        ("/download", "attachment; filename*=UTF-8''r%C3%A9views.csv", "réviews.csv"),
        ("/download", 'attachment; filename="../../reviews.csv"', "reviews.csv"),
        ("/download", "inline", "download"),
    ],
)
def test_a_file_is_named_by_its_path_or_else_by_the_server(
    server: Server, tmp_path: Path, path: str, disposition: str, name: str
) -> None:
    headers = {"Content-Disposition": disposition} if disposition else {}
    found = fetch_url(server.give(path, Answer(body=BODY, headers=headers)), tmp_path / "a")
    assert found == name


def test_a_file_is_named_by_the_address_that_a_short_link_leads_to(
    server: Server, tmp_path: Path
) -> None:
    server.give("/files/reviews.csv?x", Answer(body=BODY))
    uri = server.give("/short", Answer(302, headers={"Location": "/files/reviews.csv?x"}))
    assert fetch_url(uri, tmp_path / "a") == "reviews.csv"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("/my reviews.csv", "/my%20reviews.csv"),
        ("/my%20reviews+1.csv", "/my%20reviews+1.csv"),
        ("/rév[1].csv?a=b c&d=%2B#top", "/r%C3%A9v%5B1%5D.csv?a=b%20c&d=%2B"),
    ],
)
def test_letters_that_uris_exclude_are_escaped(
    server: Server, tmp_path: Path, given: str, asked: str
) -> None:
    server.give(asked, Answer(body=BODY))
    fetch_url(f"{server.address}{given}", tmp_path / "a")
    assert server.asked == [asked]


# Credentials


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403, b"<Error><Message>Request has expired</Message></Error>"),
        Answer(404),
        Answer(503),
        Answer(302, headers={"Location": f"/a.csv?{SIGNED}"}),
        Answer(302, headers={"Location": f"file:///a.csv?{SIGNED}"}),
        Answer(body=BODY[:9], length=len(BODY)),
    ],
    ids=["expired", "missing", "unavailable", "loop", "file", "interrupted"],
)
def test_signatures_are_in_no_message(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: Answer
) -> None:
    uri = server.give(f"/a.csv?{SIGNED}", answer)
    message = refusal(uri, tmp_path / "a")
    assert message.startswith(f"{server.address}/a.csv: ")
    assert "Signature" not in message + capsys.readouterr().out


def test_an_expired_presigned_url_is_explained(server: Server, tmp_path: Path) -> None:
    body = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    message = refusal(server.give(f"/a.csv?{SIGNED}", Answer(403, body)), tmp_path / "a")
    assert message == (
        f"{server.address}/a.csv: the server returned status 403 Forbidden (Request has expired); "
        "it may require a login, or be a presigned URL that has expired: create a new one"
    )


def test_a_password_in_a_uri_is_refused_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    with pytest.raises(UsageError) as caught:
        fetch_url("https://user:secret@host/a.csv", tmp_path / "a")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_permanent_error_has_a_remedy(server: Server, tmp_path: Path, status: int) -> None:
    with pytest.raises(DataError, match=rf"status {status} .*; \w+"):
        fetch_url(server.give("/a", Answer(status)), tmp_path / "a")
    assert server.asked == ["/a"]
