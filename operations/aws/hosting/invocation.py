"""Requests to the endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import error_code, error_message
from operations.aws.hosting.endpoint import find_endpoint_or_none
from operations.errors import CliError, UsageError
from operations.models.invocation import body_of, error_in, prediction_in
from operations.models.prediction import Prediction
from processing.names import Serving

_BY_SUFFIX = {
    ".csv": Serving.CSV,
    ".json": Serving.JSON,
    ".jsonl": Serving.JSON_LINES,
    ".txt": Serving.TEXT,
}
_MAX_BYTES = 6 * 1024 * 1024
_MAX_SERVERLESS_BYTES = 4 * 1024 * 1024
"""SageMaker's limits of a request, the second one to a serverless endpoint."""


@dataclass(frozen=True)
class InvocationRequest:
    """A request. accept: the content type of the answer."""

    body: bytes
    content_type: str
    accept: str
    explain: bool = False


def predict(deployment: Deployment, text: bytes, *, explain: bool) -> Prediction:
    """Predict the class of a text with the endpoint.

    Raise UsageError for an empty text or one that isn't UTF-8, CliError if it doesn't answer.
    """
    request = InvocationRequest(body_of(text, explain=explain), Serving.JSON, Serving.JSON)
    source, details = f"endpoint {deployment.name}", {"endpoint": deployment.name}
    return prediction_in(invoke(deployment, request), source, details, explain=explain)


def of_file(
    path: Path, content_type: str | None, *, explain: bool, as_json: bool
) -> InvocationRequest:
    """Return the request with a file as its body; its type follows from its name.

    as_json: request one JSON object, not an answer of the same type. Raise UsageError.
    """
    chosen = content_type or _BY_SUFFIX.get(path.suffix.lower())
    if chosen is None:
        raise UsageError(
            f"{path}: its content type is unknown; name it with --content-type, one of "
            f"{', '.join(Serving.REQUEST_TYPES)}"
        )
    try:
        body = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror})") from None
    accept = Serving.JSON if as_json or chosen == Serving.TEXT else chosen
    return InvocationRequest(body, chosen, accept, explain)


def invoke(deployment: Deployment, request: InvocationRequest) -> bytes:
    """Return the endpoint's answer.

    Raise UsageError if the request is too large, CliError with the reason of a refused one.
    """
    limit, length = _max_bytes(deployment, request), len(request.body)
    if length > limit:
        raise UsageError(
            f"the request has {length:,} bytes, but endpoint {deployment.name} takes at most "
            f"{limit:,}; score the reviews with `start --scoring --dataset`"
        )
    attributes = {"CustomAttributes": "explain=true"} if request.explain else {}
    client = deployment.client("sagemaker-runtime")
    try:
        answer = client.invoke_endpoint(
            EndpointName=deployment.name,
            ContentType=request.content_type,
            Accept=request.accept,
            Body=request.body,
            **attributes,
        )
    except ClientError as error:
        raise _translated(error, deployment) or error from None
    body: bytes = answer["Body"].read()
    return body


def _max_bytes(deployment: Deployment, request: InvocationRequest) -> int:
    """Return the limit of requests; the endpoint is only described if that depends on it."""
    if _MAX_SERVERLESS_BYTES < len(request.body) <= _MAX_BYTES:
        endpoint = find_endpoint_or_none(deployment)
        if endpoint and endpoint.is_serverless:
            return _MAX_SERVERLESS_BYTES
    return _MAX_BYTES


def _translated(error: ClientError, deployment: Deployment) -> CliError | None:
    """Return the error of the container, or that for a missing endpoint; None for another."""
    if error_code(error) == "ModelError":
        response: Mapping[str, Any] = error.response
        status, message = response["OriginalStatusCode"], response["OriginalMessage"]
        return CliError(f"endpoint {deployment.name} answered with {status}: {error_in(message)}")
    if error_code(error) == "ValidationError" and "not found" in error_message(error):
        return CliError(
            f"endpoint {deployment.name} doesn't exist, or isn't in service yet; "
            f"{deployment.command('endpoint')} shows its state"
        )
    return None
