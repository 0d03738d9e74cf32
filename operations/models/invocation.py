"""Requests for the prediction of a text, and their answers: the same for servers and endpoints."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from operations.environments import environment_of
from operations.errors import CliError, UsageError
from operations.models.prediction import Prediction, required_text

PATH = "/invocations"

_KEYS = ("label", "probability")
_EXPLAINED_KEYS = ("base_value", "ignored_words", "log_odds", "words")

_AWS_HOST = re.compile(
    r"runtime(-fips)?\.sagemaker(-fips)?\.(?P<region>[a-z0-9-]+)\.(amazonaws\.com(\.cn)?|api\.aws)"
)
_AWS_PATH = re.compile(r"/endpoints/(?P<name>[^/]+)/invocations")


def aws_endpoint(url: str) -> tuple[str, str] | None:
    """Return environment and region of the endpoint at a URL; None if it isn't one of AWS's.

    Raise UsageError for an endpoint of another project.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host, path = _AWS_HOST.fullmatch(parts.hostname or ""), _AWS_PATH.fullmatch(parts.path)
    if host is None:
        return None
    environment, _ = environment_of(path["name"]) if path else (None, False)
    if environment is None:
        raise UsageError(f"--url must be the URL that `sentiment endpoint` prints, got {url!r}")
    return environment, host["region"]


def body_of(text: bytes, *, explain: bool) -> bytes:
    """Return the body of a request, JSON. Raise UsageError for an empty or an undecodable text."""
    try:
        instance = {"text": required_text(text).decode("utf-8")}
    except UnicodeDecodeError as error:
        raise UsageError(f"the text isn't UTF-8 at byte {error.start}; give it in UTF-8") from None
    return json.dumps({"explain": explain, "instances": [instance]}).encode()


def document(answer: bytes, source: str) -> Mapping[str, Any]:
    """Return the JSON object of an answer. source: of the answer, for the error.

    Raise CliError if it isn't one.
    """
    try:
        found: Mapping[str, Any] = json.loads(answer)
        found["predictions"], found["model_version"]
    except (ValueError, LookupError, TypeError):
        raise CliError(f"{source}: the answer isn't a prediction of text") from None
    return found


def prediction_in(
    answer: bytes, source: str, details: Mapping[str, str], *, explain: bool
) -> Prediction:
    """Return the only prediction of an answer. details: of the source, for JSON output.

    explain: whether it must be explained. Raise CliError if there is none.
    """
    found = document(answer, source)
    try:
        [predicted] = found["predictions"]
        if "error" in predicted:
            raise CliError(f"the text can't be scored: {predicted['error']}")
        for key in (*_KEYS, *(_EXPLAINED_KEYS if explain else ())):
            predicted[key]
    except (ValueError, LookupError, TypeError):
        raise CliError(f"{source}: the answer isn't a prediction of text") from None
    version = found["model_version"]
    return Prediction(
        predicted, f"model version {version}, at {source}", {**details, "model_version": version}
    )


def error_in(answer: bytes | str) -> str:
    """Return the error of an answer: its sentence, else all of its text."""
    try:
        return str(json.loads(answer)["error"])
    except (ValueError, LookupError, TypeError):
        text = answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
        return " ".join(text.split())
