"""Requests to endpoints: SageMaker's other service, sagemaker-runtime."""

from __future__ import annotations

import http.client
import json
import re
import uuid
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from werkzeug import Request, Response

from emulator.clients import Place
from emulator.hosting.endpoints import Endpoints
from emulator.service import ApiError, place_of

_PATH = re.compile("/endpoints/([^/]+)/invocations")
_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
_VARIANT = "x-Amzn-Invoked-Production-Variant"
_PASSED = ("Accept", "Content-Type", _ATTRIBUTES)
_SECONDS = 60
_MODEL_ERROR = 424
_STATUS = {"ThrottlingException": 429}


class Runtime:
    """Answers InvokeEndpoint with the endpoint's server. check: as of `Service`."""

    def __init__(self, endpoints: Endpoints, check: Callable[[str], None]) -> None:
        self._endpoints = endpoints
        self._check = check

    @staticmethod
    def answers(path: str) -> bool:
        """Whether a request is for this service."""
        return _PATH.fullmatch(path) is not None

    def respond(self, request: Request) -> Response:
        """Return the container's answer, or the error that AWS makes of it."""
        found = _PATH.fullmatch(request.path)
        assert found is not None
        name, place = unquote(found[1]), place_of(request)
        try:
            self._check("InvokeEndpoint")
            with self._endpoints.serving(place, name) as (fleet, variant):
                if len(request.get_data()) > fleet.max_bytes:
                    limit = f"{fleet.max_bytes} bytes"
                    raise ApiError("ValidationError", f"The body exceeds {limit}.")
                return self._answer(request, fleet.server.url, variant, place, name)
        except ApiError as error:
            return _error(error.code, _STATUS.get(error.code, 400), Message=error.message)

    @staticmethod
    def _answer(request: Request, url: str, variant: str, place: Place, name: str) -> Response:
        headers = {key: request.headers[key] for key in _PASSED if key in request.headers}
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_SECONDS)
        try:
            connection.request("POST", "/invocations", request.get_data(), headers)
            answer = connection.getresponse()
            status, body = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            status, body = 0, b"Your invocation timed out while waiting for a response"
        finally:
            connection.close()
        if status not in range(200, 300):
            return _model_error(status, body.decode("utf-8", "replace"), place, name)
        returned = {_VARIANT: variant}
        if attributes := answer.headers.get(_ATTRIBUTES):
            returned[_ATTRIBUTES] = attributes
        return Response(body, status, returned, content_type=answer.headers.get("Content-Type"))


def _model_error(status: int, message: str, place: Place, name: str) -> Response:
    """Return the error for an answer of the container that isn't a success."""
    kind = "client" if status in range(400, 500) else "server"
    group = f"/aws/sagemaker/Endpoints/{name}"
    return _error(
        "ModelError",
        _MODEL_ERROR,
        LogStreamArn=place.arn("logs", f"log-group:{group}"),
        Message=f'Received {kind} error ({status}) from primary with message "{message}". See '
        f"{group} in account {place.account} for more information.",
        OriginalMessage=message,
        OriginalStatusCode=status,
    )


def _error(code: str, status: int, **members: str | int) -> Response:
    return Response(
        json.dumps(members),
        status,
        {"x-amzn-ErrorType": code, "x-amzn-RequestId": str(uuid.uuid4())},
        content_type="application/json",
    )
