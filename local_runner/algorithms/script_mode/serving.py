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
from local_runner.algorithms.script_mode.encoders import JSON, UTF8_TYPES, decode, encode
from local_runner.algorithms.script_mode.source import prepare

_ANY = "*/*"
_STRATEGIES = {"MULTI_RECORD": MULTI_RECORD, "SINGLE_RECORD": SINGLE_RECORD}
_REQUEST_FUNCTIONS = ("input_fn", "predict_fn", "output_fn")


class ScriptError(Exception):
    """The script can't be used, or one of its functions failed; the message names it."""


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
        script = Script(_module(opt_ml), DEFAULTS[found.image](), opt_ml / "model")
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
    def _file(self) -> str:
        return Path(self._module.__file__ or self._module.__name__).name

    def answer(self, body: bytes, content_type: str = JSON, accept: str = "") -> bytes:
        """Return the answer to one request. Raise ScriptError."""
        is_text = content_type in UTF8_TYPES
        content = body.decode(errors="replace") if is_text else body
        if accept in ("", _ANY):
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", JSON)
        if hasattr(self._module, "transform_fn"):
            result = self._call("transform_fn", self._model, content, content_type, accept)
            return self._encoded("transform_fn", result)
        data = self._call("input_fn", content, content_type)
        prediction = self._call("predict_fn", data, self._model)
        return self._encoded("output_fn", self._call("output_fn", prediction, accept))

    def execution_parameters(self) -> dict[str, Any]:
        """Return the limits of requests that execution_parameters_fn answers with, if it exists.

        They count for those that the transform job doesn't have.
        """
        name = "execution_parameters_fn"
        if not hasattr(self._module, name):
            return {}
        answer = self._encoded(name, self._call(name))
        found = _guarded(f"{self._file}: {name} must return JSON", lambda: dict(json.loads(answer)))
        strategy = _STRATEGIES.get(str(found.get("BatchStrategy")).upper())
        limits = {"batch_strategy": strategy, "max_payload_mb": found.get("MaxPayloadInMB")}
        return {key: value for key, value in limits.items() if value is not None}

    def _call(self, name: str, *arguments: Any) -> Any:
        function = getattr(self._module, name, None)
        if function:
            return _guarded(f"{self._file}: {name}", lambda: function(*arguments))
        default = getattr(self._defaults, name)
        where = f"{self._file}: the image's default {name} failed, so define your own"
        return _guarded(where, lambda: default(*arguments))

    def _encoded(self, name: str, result: Any) -> bytes:
        """Return the body of what a function returned: text, bytes, JSON or a Flask response.

        The second item of a pair is a content type.
        """
        if isinstance(result, tuple) and result:
            result = result[0] if isinstance(result[0], str | bytes | bytearray) else result
        if hasattr(result, "get_data"):
            if result.status_code != 200:
                text = result.get_data(as_text=True)
                raise ScriptError(f"{self._file}: {name}: {result.status_code}: {text}")
            result = result.get_data()
        if isinstance(result, dict | list):
            return json.dumps(result, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        if isinstance(result, str):
            return result.encode()
        if isinstance(result, bytes | bytearray):
            return bytes(result)
        raise ScriptError(
            f"{self._file}: {name} must return text or bytes, got {type(result).__name__}"
        )


def _guarded(where: str, function: Callable[[], Any]) -> Any:
    """Return what the function returns. Raise ScriptError, with the script's frames in the log."""
    try:
        return function()
    except (Exception, SystemExit) as error:
        frames = error.__traceback__
        while frames and frames.tb_frame.f_code.co_filename == __file__:
            frames = frames.tb_next
        traceback.print_exception(type(error), error, frames)
        lines = str(error).strip().splitlines() or [""]
        raise ScriptError(f"{where}: {type(error).__name__}: {lines[0]}".rstrip(": ")) from None
