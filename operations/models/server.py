"""Predictions of a server: of `sentiment serve`, or of any other that takes the same requests."""

from __future__ import annotations

import http.client
import ipaddress
import urllib.error
import urllib.request
from urllib.parse import SplitResult, urlsplit

from operations.errors import CliError, UsageError
from operations.models.invocation import PATH, body_of, error_in, prediction_in
from operations.models.prediction import Prediction
from operations.program import pasteable

_SECONDS = 60.0


def predict(text: bytes, url: str) -> Prediction:
    """Predict the class of a text with the server at ``url``, with or without its path.

    Raise UsageError for an invalid URL or text, CliError if the server doesn't answer.
    """
    address = _address(url)
    answer = _answer(address, body_of(text, explain=True))
    return prediction_in(answer, url, {"url": url}, explain=True)


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        is_valid = parts.scheme in ("http", "https") and host and parts.port != 0 and url.isascii()
    except ValueError:
        is_valid = False
    if not is_valid:
        raise UsageError(f"--url must be an http:// or https:// URL, got {url!r}")
    path = parts.path.rstrip("/")
    return parts._replace(path=path if path.endswith(PATH) else f"{path}{PATH}").geturl()


def _answer(address: str, body: bytes) -> bytes:
    """Return the body that the server answers with. Raise CliError."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    request = urllib.request.Request(address, body, headers)  # noqa: S310  # see _address
    # A proxy can't reach a server on this machine.
    proxies = [urllib.request.ProxyHandler({})] if _is_loopback(urlsplit(address)) else []
    try:
        with urllib.request.build_opener(*proxies).open(request, timeout=_SECONDS) as response:
            answer: bytes = response.read()
            return answer
    except urllib.error.HTTPError as error:
        raise CliError(f"{address} answered with {error.code}: {_reason(error)}") from None
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        text = getattr(reason, "strerror", None) or reason
        raise CliError(
            f"{address} can't be reached ({text}); start a server with {pasteable('serve')}"
        ) from None


def _reason(error: urllib.error.HTTPError) -> str:
    """Return the error of the server; of a page of HTML only the status."""
    with error:
        is_json = error.headers.get_content_type() == "application/json"
        return error_in(error.read()) if is_json else str(error.reason)


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
