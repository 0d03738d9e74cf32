"""Files on web servers, with the standard library.

Messages contain no query of a URI: that of a presigned URL is a credential.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email.message import Message
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from processing.dataset.files.file_formats import is_data
from processing.dataset.uri import public_uri
from processing.errors import DataError, UsageError
from processing.fetch.attempts import CHUNK_BYTES, Interrupted, Response, transfer

_TIMEOUT_SECONDS = 60
_TRANSIENT_STATUS = {408, 425, 429, 500, 502, 503, 504}
_RANGE_NOT_SATISFIABLE = 416
_REMEDIES = {
    400: "check the URI; a presigned URL may have expired: create a new one",
    401: "it requires a login; use a public or a presigned URL, or a copy of the file",
    403: "it may require a login, or be a presigned URL that has expired: create a new one",
    407: "the proxy requires a login; check HTTPS_PROXY",
}
_UNTRUSTED = {18, 19, 20, 21}
"""OpenSSL's codes for a certificate that no trusted authority has signed."""

_EXPLANATION = re.compile(rb"<Message>([^<]{1,200})</Message>")  # in S3's errors
_IN_PATH = "/%:@!$&'()*+,;=~"
_IN_QUERY = f"{_IN_PATH}?"


def fetch_url(uri: str, target: Path) -> str:
    """Store a file and return its name. Raise DataError or UsageError.

    The name is that in the URI, or else that which the server gives, if it's that of data.
    """
    if "@" in urllib.parse.urlsplit(uri).netloc:
        raise UsageError(
            f"{public_uri(uri)}: a user name in the URI isn't supported; use a presigned URL"
        )
    found: list[str] = []
    transfer(public_uri(uri), target, partial(_open, uri, found))
    return next((name for name in found if is_data(PurePosixPath(name))), found[0])


@contextlib.contextmanager
def _open(uri: str, found: list[str], position: int, version: str) -> Iterator[Response]:
    """Yield the file from a position. Append to ``found`` the names that it may have."""
    request = urllib.request.Request(_encoded(uri))
    if position:
        request.add_header("Range", f"bytes={position}-")
        request.add_header("If-Range", version)
    with _opened(request, public_uri(uri)) as response:
        offered = (response.headers.get_filename() or "").rpartition("/")[2]
        found += [_name(uri), offered, _name(response.geturl())]
        start, size = _content_range(response.headers) or (0, response.length or 0)
        if start > position:
            raise Interrupted("the server sent another part of the file", restart=True)
        tag = response.headers.get("ETag", "")
        yield Response(_chunks(response), start, size, "" if tag.startswith("W/") else tag)


def _encoded(uri: str) -> str:
    """Return the URI with escapes for what mustn't be in an HTTP request, and no fragment.

    >>> _encoded("https://host/my réviews%20+.csv?a=b c#top")
    'https://host/my%20r%C3%A9views%20+.csv?a=b%20c'
    """
    parts = urllib.parse.urlsplit(uri)
    path = urllib.parse.quote(parts.path, safe=_IN_PATH)
    query = urllib.parse.quote(parts.query, safe=_IN_QUERY)
    return urllib.parse.urlunsplit(parts._replace(path=path, query=query, fragment=""))


def _name(uri: str) -> str:
    """Return the last part of a URI's path, decoded.

    >>> _name("https://host/raw/my%20reviews%2Ecsv?version=2")
    'my reviews.csv'
    """
    return urllib.parse.unquote(urllib.parse.urlsplit(uri).path).rpartition("/")[2]


def _content_range(headers: Message) -> tuple[int, int] | None:
    """Return the first position and the file's size (0 if unknown) of a part of a file.

    >>> message = Message()
    >>> message["Content-Range"] = "bytes 3000-9999/10000"
    >>> _content_range(message)
    (3000, 10000)
    """
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", headers.get("Content-Range", ""))
    return (int(found[1]), 0 if found[2] == "*" else int(found[2])) if found else None


@contextlib.contextmanager
def _opened(request: urllib.request.Request, where: str) -> Iterator[Any]:
    """Yield the response. Raise Interrupted, or DataError if there's no point in another attempt.

    where: the URI without credentials.
    """
    try:
        response = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            _raise_for_status(error, where)
    except urllib.error.URLError as error:
        _raise_for_reason(error.reason, where)
    except (http.client.InvalidURL, ValueError) as error:
        raise DataError(f"{where}: {error}; check the URI") from None
    except (OSError, http.client.HTTPException) as error:
        raise Interrupted(f"the connection was lost ({error})") from None
    else:
        with response:
            yield response


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while chunk := response.read(CHUNK_BYTES):
            yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise Interrupted(f"the connection was lost ({error})") from None


def _raise_for_status(error: urllib.error.HTTPError, where: str) -> NoReturn:
    status = f"the server returned status {error.code}"
    if error.code == _RANGE_NOT_SATISFIABLE:
        raise Interrupted(status, restart=True) from None
    if error.code in _TRANSIENT_STATUS:
        raise Interrupted(status) from None
    reason = http.client.responses.get(error.code, "")
    remedy = _REMEDIES.get(error.code, "check the URI")
    raise DataError(f"{where}: {status} {reason}{_explanation(error)}; {remedy}") from None


def _explanation(error: urllib.error.HTTPError) -> str:
    """Return S3's message in a response, in parentheses; "" if there is none."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        if found := _EXPLANATION.search(error.read(2_000)):
            return f" ({found[1].decode(errors='replace')})"
    return ""


def _raise_for_reason(reason: str | BaseException, where: str) -> NoReturn:
    if isinstance(reason, ssl.SSLCertVerificationError):
        raise DataError(f"{where}: {_certificate_error(reason)}") from None
    if isinstance(reason, ssl.SSLError) and not isinstance(reason, ssl.SSLEOFError):
        raise DataError(
            f"{where}: no secure connection ({reason.reason}); check the URI and the proxy"
        ) from None
    if isinstance(reason, socket.gaierror):
        raise DataError(f"{where}: no such host, or no network; check the URI") from None
    if not isinstance(reason, OSError):  # not a network error
        raise DataError(f"{where}: {reason}; check the URI") from None
    if str(reason).startswith("Tunnel connection failed: 4"):
        raise DataError(f"{where}: the proxy refused it ({reason}); check HTTPS_PROXY") from None
    raise Interrupted(f"no connection ({reason})") from None


def _certificate_error(error: ssl.SSLCertVerificationError) -> str:
    """Return the cause and the remedy."""
    if error.verify_code in _UNTRUSTED:
        remedy = (
            "behind a company's proxy, set SSL_CERT_FILE to the file of its CA certificates; or "
            "download the file in a browser"
        )
        return f"the server's certificate isn't trusted ({error.verify_message}); {remedy}"
    return f"the server's certificate is invalid ({error.verify_message}); check the URI"
