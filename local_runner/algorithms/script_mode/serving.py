"""Serving in script mode: the functions of the user's module, and the image's for the others."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from local_runner.algorithms.batch_transform import (
    MULTI_RECORD,
    SINGLE_RECORD,
    add_options,
    given_options,
    transform,
)
from local_runner.algorithms.failure import fail
from local_runner.algorithms.invocation import OK, Answer
from local_runner.algorithms.script_mode.encoders import (
    JSON,
    UTF8_TYPES,
    UnsupportedFormatError,
    decode,
    encode,
)
from local_runner.algorithms.script_mode.source import prepare

_ANY = "*/*"
_STRATEGIES = {"MULTI_RECORD": MULTI_RECORD, "SINGLE_RECORD": SINGLE_RECORD}
_REQUEST_FUNCTIONS = ("input_fn", "predict_fn", "output_fn")
_BODY = (str, bytes, bytearray)
_UNSUPPORTED_STATUS = {"input_fn": 415, "output_fn": 406}
"""The status of an answer if a function doesn't support the content type."""


class ScriptError(Exception):
    """The script can't be used, or one of its functions failed; the message names it."""

    def __init__(self, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Defaults:
    """The functions of an image in place of those that a script lacks."""

    input_fn: Callable[[Any, str], Any]
    predict_fn: Callable[[Any, Any], Any]
    output_fn: Callable[[Any, str], Any] = encode


def _scikit_learn() -> Defaults:
    import numpy as np

    def input_fn(content: Any, content_type: str) -> Any:
        array = decode(content, content_type)
        return array.astype(np.float32) if content_type in UTF8_TYPES else array

    return Defaults(input_fn, lambda data, model: model.predict(data))


def _xgboost() -> Defaults:
    from local_runner.algorithms.script_mode import xgboost_data

    return Defaults(
        xgboost_data.decode, lambda data, model: model.predict(data, validate_features=False)
    )


DEFAULTS: Mapping[str, Callable[[], Defaults]] = {
    "sagemaker-scikit-learn": _scikit_learn,
    "sagemaker-xgboost": _xgboost,
}

_WITH_EXECUTION_PARAMETERS = "sagemaker-scikit-learn"


def serve(opt_ml: Path, arguments: Sequence[str]) -> int:
    """Score the files of a transform job with the user's script; return the exit code."""
    parser = argparse.ArgumentParser(prog="script_mode transform")
    parser.add_argument("--image", choices=DEFAULTS, required=True)
    add_options(parser)
    found = parser.parse_args(arguments)
    try:
        script = load_script(opt_ml, found.image)
        if found.image == _WITH_EXECUTION_PARAMETERS:
            parser.set_defaults(**script.execution_parameters())
        options = given_options(parser.parse_args(arguments))
        transform(
            opt_ml,
            lambda body: script.answer(body, options.content_type or JSON, options.accept),
            options,
        )
    except ScriptError as error:
        return fail(str(error), opt_ml)
    return 0


def load_script(opt_ml: Path, image: str) -> Script:
    """Import the script that SAGEMAKER_PROGRAM names, and load its model. Raise ScriptError."""
    return Script(_module(opt_ml), DEFAULTS[image](), opt_ml / "model")


def _module(opt_ml: Path) -> ModuleType:
    """Import the script that SAGEMAKER_PROGRAM names."""
    code = prepare(opt_ml, os.environ["SAGEMAKER_SUBMIT_DIRECTORY"])
    program = os.environ["SAGEMAKER_PROGRAM"]
    name = program.removesuffix(".py")
    if not (code / f"{name}.py").is_file() and not (code / name).is_dir():
        raise ScriptError(f"the source has no file {program!r}; check SAGEMAKER_PROGRAM")
    logging.basicConfig(level=logging.INFO)
    sys.path.insert(0, str(code))
    found: ModuleType = _guarded(
        f"{program} can't be imported", lambda: importlib.import_module(name)
    )
    return found


class Script:
    """A loaded script and its model."""

    def __init__(self, module: ModuleType, defaults: Defaults, model: Path) -> None:
        self._module = module
        self._defaults = defaults
        given = [name for name in _REQUEST_FUNCTIONS if hasattr(module, name)]
        if given and hasattr(module, "transform_fn"):
            raise ScriptError(
                f"{self._file}: transform_fn can't be combined with {', '.join(given)}; "
                "remove one of them"
            )
        if not hasattr(module, "model_fn"):
            raise ScriptError(
                f"{self._file} has no function model_fn, and the image has no default; "
                "define model_fn(model_dir)"
            )
        self._model = self._call("model_fn", str(model))

    @property
    def _answering(self) -> str:
        """The function that returns the answer."""
        return "transform_fn" if hasattr(self._module, "transform_fn") else "output_fn"

    @property
    def _file(self) -> str:
        return Path(self._module.__file__ or self._module.__name__).name

    def answer(self, body: bytes, content_type: str = JSON, accept: str = "") -> bytes:
        """Return the body of the answer to one request. Raise ScriptError for other statuses."""
        answer = self.respond(body, content_type, accept)
        if answer.status != OK:
            text = answer.body.decode("utf-8", "replace")
            raise ScriptError(f"{self._file}: {self._answering}: {answer.status}: {text}")
        return answer.body

    def respond(self, body: bytes, content_type: str = JSON, accept: str = "") -> Answer:
        """Return the answer to one request. Raise ScriptError."""
        is_text = content_type in UTF8_TYPES
        content = body.decode(errors="replace") if is_text else body
        if accept in ("", _ANY):
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", JSON)
        if self._answering == "transform_fn":
            result = self._call("transform_fn", self._model, content, content_type, accept)
        else:
            data = self._call("input_fn", content, content_type)
            prediction = self._call("predict_fn", data, self._model)
            result = self._call("output_fn", prediction, accept)
        return self._encoded(self._answering, result, accept)

    def execution_parameters(self) -> dict[str, Any]:
        """Return the limits of requests that execution_parameters_fn answers with, if it exists.

        They count for those that the transform job doesn't have.
        """
        name = "execution_parameters_fn"
        if not hasattr(self._module, name):
            return {}
        answer = self._encoded(name, self._call(name)).body
        found = _guarded(f"{self._file}: {name} must return JSON", lambda: dict(json.loads(answer)))
        strategy = _STRATEGIES.get(str(found.get("BatchStrategy")).upper())
        limits = {"batch_strategy": strategy, "max_payload_mb": found.get("MaxPayloadInMB")}
        return {key: value for key, value in limits.items() if value is not None}

    def _call(self, name: str, *arguments: Any) -> Any:
        function = getattr(self._module, name, None)
        status = _UNSUPPORTED_STATUS.get(name, 500)
        if function:
            return _guarded(f"{self._file}: {name}", lambda: function(*arguments), status)
        default = getattr(self._defaults, name)
        where = f"{self._file}: the image's default {name} failed, so define your own"
        return _guarded(where, lambda: default(*arguments), status)

    def _encoded(self, name: str, result: Any, accept: str = JSON) -> Answer:
        """Return the answer that a function returned: text, bytes, JSON or a Flask response.

        The second item of a pair is a content type.
        """
        content_type, status = accept, OK
        if isinstance(result, tuple) and isinstance(next(iter(result), None), _BODY):
            content_type = str(result[1]) if result[1:] else accept
            result = result[0]
        if hasattr(result, "get_data"):
            content_type, status = result.mimetype, result.status_code
            result = result.get_data()
        if isinstance(result, dict | list):
            result = json.dumps(result, sort_keys=True, separators=(",", ":")) + "\n"
        if isinstance(result, str):
            result = result.encode()
        if not isinstance(result, bytes | bytearray):
            raise ScriptError(
                f"{self._file}: {name} must return text or bytes, got {type(result).__name__}"
            )
        return Answer(bytes(result), content_type, status)


def _guarded(where: str, function: Callable[[], Any], unsupported_status: int = 500) -> Any:
    """Return what the function returns. Raise ScriptError, with the script's frames in the log.

    unsupported_status: that of the error if the function doesn't support the content type.
    """
    try:
        return function()
    except (Exception, SystemExit) as error:
        frames = error.__traceback__
        while frames and frames.tb_frame.f_code.co_filename == __file__:
            frames = frames.tb_next
        traceback.print_exception(type(error), error, frames)
        lines = str(error).strip().splitlines() or [""]
        status = unsupported_status if isinstance(error, UnsupportedFormatError) else 500
        message = f"{where}: {type(error).__name__}: {lines[0]}".rstrip(": ")
        raise ScriptError(message, status) from None
