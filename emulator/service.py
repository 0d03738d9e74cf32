"""A service of AWS: operations by name; requests and answers are held to botocore's model."""

from __future__ import annotations

import logging
import re
import uuid
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.validate import ParamValidator
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug import Request, Response

Document = dict[str, Any]
Handler = Callable[["Call"], Mapping[str, Any]]

_LOG = logging.getLogger(__name__)
_REGION = re.compile(r"Credential=[^/]+/\d+/([a-z0-9-]+)/")


class ApiError(Exception):
    """An error that the service answers with: its code, and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> ApiError:
    """What SageMaker says to a request that is wrong."""
    return ApiError("ValidationException", message)


@dataclass(frozen=True)
class Call:
    """One request: its operation, its parameters by name, the region that it is for."""

    operation: str
    parameters: Mapping[str, Any]
    region: str

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter that may be missing."""
        return self.parameters.get(name, default)


class Service:
    """Answers HTTP requests by ``handlers``; an operation without one isn't emulated.

    check: told of each operation before it is answered; may raise ApiError, or
    ConnectionAbortedError, which ends the connection without an answer.
    """

    def __init__(
        self, name: str, handlers: Mapping[str, Handler], check: Callable[[str], None]
    ) -> None:
        self._model = get_service_model(name)
        self._handlers = handlers
        self._check = check

    def respond(self, request: Request) -> Response:
        """The HTTP response to a request."""
        operation = operation_of(request)
        protocol = self._model.protocol
        model = self._model.operation_model(operation)
        serializer = get_serializer_class(self._model.service_name, protocol)(
            model, SerializationContext(str(uuid.uuid4()))
        )
        try:
            result: Any = self._answer(operation, model, protocol, request)
        except ApiError as error:
            result = error
        except ConnectionAbortedError:
            raise
        except Exception as error:  # a status that clients don't try again, so that it shows
            _LOG.exception("%s isn't emulated well", operation)
            result = ApiError("EmulatorFault", f"{operation}: {type(error).__name__}: {error}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # codes that the model doesn't list are the point
            answer = serializer.serialize(result)
        return Response(answer["body"], answer["status_code"], answer["headers"])

    def _answer(self, operation: str, model: Any, protocol: str, request: Request) -> Any:
        self._check(operation)
        handler = self._handlers.get(operation)
        if handler is None:
            raise ApiError("UnknownOperationException", f"{operation} isn't emulated")
        parameters = _parsed(model, protocol, request)
        problems = ParamValidator().validate(parameters, model.input_shape)
        if problems.has_errors():
            raise invalid(" ".join(problems.generate_report().split()))
        result = _without_none(handler(Call(operation, parameters, region_of(request))))
        _insist_known(result, model.output_shape, operation)
        return result


def operation_of(request: Request) -> str:
    """The operation that a request names, in its header or in its form."""
    target = request.headers.get("X-Amz-Target", "")
    return target.rpartition(".")[2] or str(request.values.get("Action", ""))


def region_of(request: Request) -> str:
    """The region that a request was signed for."""
    signed = _REGION.search(request.headers.get("Authorization", ""))
    return signed[1] if signed else "us-east-1"


def _parsed(model: Any, protocol: str, request: Request) -> Document:
    if model.input_shape is None:
        return {}
    return dict(
        PROTOCOL_PARSERS[protocol](model).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.get_data(),
                "url_path": request.path,
                "url_params": {},
            }
        )
    )


def _insist_known(answer: Any, shape: Any, operation: str) -> None:
    """Raises AssertionError if the answer has what the model doesn't know, or of another type.

    What the model says to be there always may be missing, as in the services' own answers.
    """
    if shape is not None:
        report = ParamValidator().validate(answer, shape).generate_report()
        wrong = [line for line in report.splitlines() if not line.startswith("Missing required")]
        assert not wrong, f"{operation} answers wrongly: {wrong}"


def _without_none(value: Any) -> Any:
    """The answer without what isn't said: None, at any depth."""
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value
