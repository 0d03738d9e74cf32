"""The endpoint: one address for every service, as in AWS_ENDPOINT_URL."""

from __future__ import annotations

import io
import json
import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug import Request, Response
from werkzeug.serving import make_server

from emulator import price_list, registries
from emulator.clients import Clients, Place
from emulator.cloudformation.api import CloudFormation
from emulator.events import Events
from emulator.faults import Faults
from emulator.hosting.runtime import Runtime
from emulator.other_accounts import OtherAccounts
from emulator.quotas import Quotas
from emulator.s3_events import deliver_s3_events
from emulator.sagemaker.api import SageMaker
from emulator.service import Service, place_of
from emulator.simulation import PolicySimulator
from emulator.state_machines import complete_interpreter
from emulator.waits import Waits

_HOST = "127.0.0.1"
_IMAGES = "AmazonEC2ContainerRegistry_V20150921.BatchGetImage"
_PRICES = "AWSPriceListService."
_QUOTAS = "ServiceQuotasV20190624."
_SAGEMAKER = "SageMaker."
_CLOUDFORMATION, _IAM = "/cloudformation/aws4_request", "/iam/aws4_request"
_S3, _STS = "/s3/aws4_request", "/sts/aws4_request"
_SIMULATE = b"Action=SimulatePrincipalPolicy"
_NOT_EMULATED = "NotEmulated"
_START_STATE_MACHINE = "AWSStepFunctions.StartExecution"
_POLL_SECONDS = 0.05
"""How often the server checks whether it is to stop."""
_CUT, _QUOTA, _THROTTLE = "/emulator/cut", "/emulator/quota", "/emulator/throttle"
_PASS = "/emulator/pass"

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Server:
    """The emulated AWS in this process; executions are processes of their own.

    Use it as a context manager, which serves inside and ends every execution at its end.
    folder: for the records of executions.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        default_user_config["iam"] = {"load_aws_managed_policies": True}
        default_user_config["lambda"] = {"use_docker": False}
        default_user_config["stepfunctions"] = {"execute_state_machine": True}
        complete_interpreter()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(
            _HOST, port, self._respond, threaded=True, request_handler=MotoRequestHandler
        )
        self.endpoint = f"http://{_HOST}:{self._server.server_port}"
        os.environ["MOTO_PORT"] = str(self._server.server_port)  # for calls of state machines
        self.clients = Clients(self.endpoint)
        self.faults = Faults()
        self._others = OtherAccounts(self.clients)
        self.waits = Waits()
        events = Events(self.clients)
        deliver_s3_events(events)
        self.sagemaker = SageMaker(folder, self.clients, events)
        self.quotas = Quotas()
        check, stacks = self.faults.check, CloudFormation(self.clients)
        self._stacks = Service("cloudformation", stacks.handlers(), check)
        self._policies = Service("iam", PolicySimulator(self.clients).handlers(), check)
        self._by_target = {
            _IMAGES: Service("ecr", registries.handlers(), check),
            _PRICES: Service("pricing", price_list.handlers(), check),
            _QUOTAS: Service("service-quotas", self.quotas.handlers(), check),
            _SAGEMAKER: Service("sagemaker", self.sagemaker.handlers(), check),
        }
        self._runtime = Runtime(self.sagemaker.endpoints, check)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.sagemaker.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _respond(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] in (_CUT, _PASS, _QUOTA, _THROTTLE):
            self._change(environ["PATH_INFO"], Request(environ).args)
            return Response(status=204)(environ, start_response)
        if self._runtime.answers(environ["PATH_INFO"]):
            return self._with_cuts(environ, start_response, self._runtime)
        service = self._service(environ)
        if service is None:
            caller = place_of(Request(environ))
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = caller.account
            refusal = self._refusal(environ, caller)
            if refusal is not None:
                return refusal(environ, start_response)
            if environ.get("HTTP_X_AMZ_TARGET") == _START_STATE_MACHINE:
                _name_execution(environ)
            try:
                return self._moto(environ, start_response)  # type: ignore[no-any-return]
            except NotImplementedError as error:
                return _not_emulated(environ, str(error))(environ, start_response)
        return self._with_cuts(environ, start_response, service)

    @staticmethod
    def _with_cuts(
        environ: dict[str, Any], start_response: Any, service: Service | Runtime
    ) -> Iterable[bytes]:
        """Answer a request, unless its connection is to be cut."""
        try:
            return service.respond(Request(environ))(environ, start_response)
        except ConnectionAbortedError:  # werkzeug ignores it and would keep the connection open
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise

    def _refusal(self, environ: dict[str, Any], caller: Place) -> Response | None:
        """Return the response to a request that another account doesn't allow."""
        signed = environ.get("HTTP_AUTHORIZATION", "")
        if _S3 in signed:
            return self._others.objects_refusal(Request(environ), caller)
        form = parse_qs(_body(environ).decode()) if _STS in signed else {}
        return self._others.role_refusal(form, caller) if "RoleArn" in form else None

    def _change(self, path: str, query: Mapping[str, str]) -> None:
        """Change the emulation itself."""
        if path == _QUOTA:
            self.quotas.set(query["name"], float(query["value"]))
        elif path == _PASS:
            self.waits.let_pass(float(query["seconds"]))
        else:
            fail = self.faults.cut if path == _CUT else self.faults.throttle
            fail(query["operation"], int(query["calls"]))

    def _service(self, environ: dict[str, Any]) -> Service | None:
        """Return the service of this package that a request is for, or None if moto has it."""
        if _CLOUDFORMATION in environ.get("HTTP_AUTHORIZATION", ""):
            return self._stacks
        if _IAM in environ.get("HTTP_AUTHORIZATION", "") and _SIMULATE in _body(environ):
            return self._policies
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        found = (self._by_target[start] for start in self._by_target if target.startswith(start))
        return next(found, None)


def _body(environ: dict[str, Any]) -> bytes:
    """Return the body of a request, which can still be read afterwards."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _name_execution(environ: dict[str, Any]) -> None:
    """Give an execution without a name one, as AWS does; moto would refuse the second of them."""
    named = json.dumps({"name": str(uuid.uuid4()), **json.loads(_body(environ))}).encode()
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(named), str(len(named))


def _not_emulated(environ: dict[str, Any], message: str) -> Response:
    """Return an error that clients don't retry, for operations that moto lacks."""
    if "HTTP_X_AMZ_TARGET" in environ:
        body = json.dumps({"__type": _NOT_EMULATED, "message": message})
        return Response(body, 400, content_type="application/x-amz-json-1.1")
    error = f"<Error><Code>{_NOT_EMULATED}</Code><Message>{message}</Message></Error>"
    return Response(f"<ErrorResponse>{error}</ErrorResponse>", 400, content_type="text/xml")
