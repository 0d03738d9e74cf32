"""A service: operations by name; botocore's model validates requests and responses."""

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
from moto.iam.models import get_account_id_from
from werkzeug import Request, Response

from emulator.clients import Place

Handler = Callable[["Call"], Mapping[str, Any]]

_LOG = logging.getLogger(__name__)
_SIGNED = re.compile(r"Credential=([^/]+)/\d+/([a-z0-9-]+)/")
_OF_ACCOUNT = re.compile("[0-9]{12}")


class ApiError(Exception):
    """An error response of a service: a code and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> ApiError:
    """Return SageMaker's error for an invalid request."""
    return ApiError("ValidationException", message)


@dataclass(frozen=True)
class Call:
    """One request: operation, parameters by name, account and region."""

    operation: str
    parameters: Mapping[str, Any]
    place: Place

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a parameter that may be missing."""
        return self.parameters.get(name, default)


class Service:
    """Answer HTTP requests with ``handlers``; operations without one aren't emulated.

    check: called with each operation first; may raise ApiError, or ConnectionAbortedError, which
    closes the connection without a response.
    """

    def __init__(
        self, name: str, handlers: Mapping[str, Handler], check: Callable[[str], None]
    ) -> None:
        self._model = get_service_model(name)
        self._handlers = handlers
        self._check = check

    def respond(self, request: Request) -> Response:
        """Return the HTTP response to a request."""
        operation = operation_of(request)
        protocol = self._model.protocol
        model = self._model.operation_model(operation)
        request_id = str(uuid.uuid4())
        serializer = get_serializer_class(self._model.service_name, protocol)(
            model, SerializationContext(request_id)
        )
        try:
            result: Any = self._answer(operation, model, protocol, request)
        except ApiError as error:
            result = error
        except ConnectionAbortedError:
            raise
        except Exception as error:  # with a status that clients don't retry, so that it shows
            _LOG.exception("the emulation of %s failed", operation)
            result = ApiError("EmulatorFault", f"{operation}: {type(error).__name__}: {error}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about codes that the model doesn't list
            serialized = serializer.serialize(result)
        # state machines report it with each error
        headers = {**serialized["headers"], "x-amzn-RequestId": request_id}
        return Response(serialized["body"], serialized["status_code"], headers)

    def _answer(self, operation: str, model: Any, protocol: str, request: Request) -> Any:
        self._check(operation)
        handler = self._handlers.get(operation)
        if handler is None:
            raise ApiError("UnknownOperationException", f"{operation} isn't emulated")
        parameters = _parsed(model, protocol, request)
        problems = ParamValidator().validate(parameters, model.input_shape)
        if problems.has_errors():
            raise invalid(" ".join(problems.generate_report().split()))
        result = _without_none(handler(Call(operation, parameters, place_of(request))))
        _require_known(result, model.output_shape, operation)
        return result


def operation_of(request: Request) -> str:
    """Return the operation that a request names in its header or in its form."""
    target = request.headers.get("X-Amz-Target", "")
    return target.rpartition(".")[2] or str(request.values.get("Action", ""))


def place_of(request: Request) -> Place:
    """Return the region that a request was signed for, and the account of its access key.

    An access key of 12 digits is an account's number. Those of assumed roles are known to moto,
    which returns `ACCOUNT` for any other.
    """
    signed = _SIGNED.search(request.headers.get("Authorization", ""))
    if signed is None:
        return Place("us-east-1")
    key, region = signed.groups()
    return Place(region, key if _OF_ACCOUNT.fullmatch(key) else get_account_id_from(key))


def _parsed(model: Any, protocol: str, request: Request) -> dict[str, Any]:
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


def _require_known(result: Any, shape: Any, operation: str) -> None:
    """Raise AssertionError for members that the model doesn't know, or that have another type.

    Required members may be missing, as in the services' own responses.
    """
    if shape is not None:
        report = ParamValidator().validate(result, shape).generate_report()
        wrong = [line for line in report.splitlines() if not line.startswith("Missing required")]
        assert not wrong, f"invalid response of {operation}: {wrong}"


def _without_none(value: Any) -> Any:
    """Return the value without members that are None, at any depth."""
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value
