"""Refuses to open the committed cdk.json, which is the user's, in tests and what they start.

Also imported by every Python program that inherits a test's environment, so it needs the standard
library alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMITTED = Path(__file__).resolve().parents[2] / "cdk.json"
STARTUP = f"""\
import sys
sys.path.append({str(Path(__file__).resolve().parent)!r})
import cdk_json_guard
sys.path.pop()
cdk_json_guard.install()
"""
"""A sitecustomize.py that installs the guard in a program."""

_MESSAGE = (
    f"a test opened {COMMITTED}, which is the user's to edit. Use the tests' own "
    "(tests.support.cdk_context), and tests.support.checkout.copied for programs"
)
_permitted: list[Path] = []


def install() -> None:
    """Refuse to open the committed cdk.json, until the process ends."""
    sys.addaudithook(_refuse)


@contextmanager
def reading_permitted() -> Iterator[Path]:
    """Permit it in this process: for the tests of the committed cdk.json only."""
    _permitted.append(COMMITTED)
    try:
        yield COMMITTED
    finally:
        _permitted.pop()


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open" or _permitted:
        return
    path = arguments[0]
    if isinstance(path, str | bytes | os.PathLike):
        name = os.fsdecode(path)
        if name.endswith("cdk.json") and os.path.realpath(name) == str(COMMITTED):
            raise AssertionError(_MESSAGE)
