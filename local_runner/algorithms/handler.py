"""Call a Python function in place of the function of a Lambda or Callback step.

    python -m local_runner.algorithms.handler FOLDER MODULE:FUNCTION [EVENT RESULT]

FOLDER: the folder that modules are imported from. EVENT, RESULT: paths of the JSON that the
function is called with and of what it returned; without them the function is only imported.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main(folder: str, name: str, *files: str) -> None:
    """Import the function; call it if there is an event."""
    sys.path.insert(0, folder)
    function = _function(name)
    if files:
        event, result = map(Path, files)
        returned = function(json.loads(event.read_text(encoding="utf-8")))
        try:
            result.write_text(json.dumps(returned), encoding="utf-8")
        except TypeError as error:
            sys.exit(f"error: {name} must return JSON values: {error}")


def _function(name: str) -> Callable[[Any], Any]:
    module, _, function = name.partition(":")
    found: Any = getattr(importlib.import_module(module), function, None)
    if not callable(found):
        sys.exit(f"error: module {module} has no function {function}")
    return found  # type: ignore[no-any-return]


if __name__ == "__main__":
    main(*sys.argv[1:])
