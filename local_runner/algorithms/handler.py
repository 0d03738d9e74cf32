"""Call a Python function in place of the function of a Lambda or Callback step.

    python -m local_runner.algorithms.handler FOLDER MODULE:FUNCTION [EVENT RESULT]

FOLDER: the folder that modules are imported from. EVENT, RESULT: paths of the JSON that the
function is called with and of what it returned; without them the function is only imported. A
handler of AWS Lambda also gets a context.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def main(folder: str, name: str, *files: str) -> None:
    """Import the function; call it if there is an event."""
    sys.path.insert(0, folder)
    function = _function(name)
    if files:
        event, result = map(Path, files)
        returned = function(
            json.loads(event.read_text(encoding="utf-8")), *_context(function, name)
        )
        try:
            result.write_text(json.dumps(returned), encoding="utf-8")
        except TypeError as error:
            sys.exit(f"error: {name} must return JSON values: {error}")


def _function(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    found: Any = getattr(importlib.import_module(module), function, None)
    if not callable(found):
        sys.exit(f"error: module {module} has no function {function}")
    return found  # type: ignore[no-any-return]


def _context(function: Callable[..., Any], name: str) -> tuple[SimpleNamespace, ...]:
    """Return the context of AWS Lambda, if the function needs a second argument."""
    needed = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        and parameter.default is parameter.empty
    ]
    if len(needed) < 2:
        return ()
    return (
        SimpleNamespace(
            aws_request_id="local",
            function_name=name,
            function_version="$LATEST",
            get_remaining_time_in_millis=lambda: 900_000,
            invoked_function_arn=f"arn:aws:lambda:local-1:000000000000:function:{name}",
            memory_limit_in_mb="128",
        ),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
