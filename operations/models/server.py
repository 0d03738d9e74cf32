"""Predictions of a server: of `sentiment serve`, or of any other that takes the same requests."""

from __future__ import annotations

import http.client
import ipaddress
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import SplitResult, urlsplit

from operations.errors import CliError, UsageError
from operations.models.prediction import Prediction, required_text
from operations.program import pasteable

_PATH = "/invocations"
_SECONDS = 60.0


def predict(text: bytes, url: str) -> Prediction:
    """Predict the class of a text with the server at ``url``, with or without its path.

    Raise UsageError for an invalid URL or text, CliError if the server doesn't answer.
    """
    address = _address(url)
    try:
        instance = {"text": required_text(text).decode("utf-8")}
    except UnicodeDecodeError as error:
        raise UsageError(f"the text isn't UTF-8 at byte {error.start}; give it in UTF-8") from None
    body = json.dumps({"explain": True, "instances": [instance]}).encode()
    answer = _answer(address, body)
    try:
        document, version = answer["predictions"][0], answer["model_version"]
        if "error" in document:
            raise CliError(document["error"])
        for key in ("label", "probability", "words"):
            document[key]
    except (LookupError, TypeError):
        raise CliError(f"{address}: the answer isn't a prediction of text") from None
    return Prediction(
        document, f"model version {version}, at {url}", {"model_version": version, "url": url}
    )


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise UsageError(f"--url must be an http:// or https:// URL, got {url!r}")
    path = parts.path.rstrip("/")
    return parts._replace(path=path if path.endswith(_PATH) else f"{path}{_PATH}").geturl()


def _answer(address: str, body: bytes) -> Any:
    """Return the JSON that the server answers with. Raise CliError."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    request = urllib.request.Request(address, body, headers)  # noqa: S310  # see _address
    # A proxy can't reach a server on this machine.
    proxies = [urllib.request.ProxyHandler({})] if _is_loopback(urlsplit(address)) else []
    try:
        with urllib.request.build_opener(*proxies).open(request, timeout=_SECONDS) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise CliError(f"{address} answered with {error.code}: {_reason(error)}") from None
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        text = getattr(reason, "strerror", None) or reason
        raise CliError(
            f"{address} can't be reached ({text}); start a server with {pasteable('serve')}"
        ) from None
    except ValueError:
        raise CliError(f"{address}: the answer isn't JSON") from None


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except (ValueError, LookupError, TypeError, OSError):
        return str(error.reason)


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
