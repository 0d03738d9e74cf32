"""Parameter values in a file, in the JSON form of AWS's command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from local_runner.definition.expressions import as_text
from operations.errors import UsageError

_FORM = '[{"Name": "...", "Value": "..."}, ...]'
_KEY = "PipelineParameters"
_STDIN = Path("-")


def read_parameters(path: Path) -> dict[str, str]:
    """Return the values by name; ``-`` is stdin. Raise UsageError, naming the file and the entry.

    An object that has the list as ``PipelineParameters`` is accepted too: AWS prints that.
    """
    where = "stdin" if path == _STDIN else str(path)
    try:
        content = sys.stdin.buffer.read() if path == _STDIN else path.read_bytes()
        document = json.loads(content)
    except OSError as error:
        raise UsageError(f"--parameters {where}: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"--parameters {where}: must be JSON, {_FORM}: {error}") from None
    entries = document.get(_KEY) if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise UsageError(f"--parameters {where}: must be {_FORM}")
    found: dict[str, str] = {}
    for number, entry in enumerate(entries):
        name, value = _named(entry, f"--parameters {where}: entry {number}")
        if name in found:
            raise UsageError(f"--parameters {where}: {name} is given twice")
        found[name] = value
    return found


def _named(entry: Any, where: str) -> tuple[str, str]:
    match entry:
        case {"Name": str(name), "Value": str() | int() | float() as value} if len(entry) == 2:
            return name, as_text(value)
    raise UsageError(f'{where}: must be {{"Name": "...", "Value": "..."}}')
