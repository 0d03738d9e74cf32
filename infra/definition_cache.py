"""Rendered definitions, kept by the content of whatever decides them.

Rendering takes the SDK, which costs five seconds of CPU; so a synthesis renders only what no
earlier one has. An entry's name is a hash of all that enters a rendering (sources, settings,
Python, every installed package), so an entry never goes stale, and removing the folder only costs
time. Packages are known by their versions: `make clean` after editing one in place.

The committed definitions aren't taken, though they are renderings of the default settings: a test
proves that they are fresh, and whoever synthesizes may not have run it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path

from infra.settings import SettingsError
from pipeline_steps.settings import PipelineSettings

TRAINING, SCORING = "training", "scoring"
"""The pipelines that there are definitions of."""

_ROOT = Path(__file__).resolve().parents[1]
_SOURCES = (
    "pipeline_steps/*.py",
    "pipeline_steps/presets.json",
    "pipeline_steps/*.yaml",
    "processing/__init__.py",
    "processing/names.py",
)


def rendered(settings: PipelineSettings, folder: Path, pipeline: str = TRAINING) -> str:
    """A definition's text for these settings, from ``folder`` or rendered anew and kept there.

    Raises SettingsError for a region without the built-in images.
    """
    name = key(settings)
    entry = folder / f"{pipeline}-{name}.txt"
    text = _kept(entry)
    if text is None:
        text = _render(settings, pipeline, name)
        if key(settings) == name:  # nobody edited the sources meanwhile
            _keep(entry, text)
    return text


def key(settings: PipelineSettings, root: Path = _ROOT) -> str:
    """A hash of everything that decides a rendering; the sources lie below ``root``."""
    digest = hashlib.sha256()
    for path in _sources(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    digest.update(json.dumps(asdict(settings), sort_keys=True).encode())
    digest.update(json.dumps([sys.version, *_packages()]).encode())
    return digest.hexdigest()


def _sources(root: Path) -> list[Path]:
    return sorted(path for pattern in _SOURCES for path in root.glob(pattern))


def _packages() -> Iterator[str]:
    """Names and versions of what is installed, as their folders tell them, in order of search."""
    for place in sys.path:
        yield from sorted(found.name for found in Path(place).glob("*.dist-info"))


@cache
def _render(settings: PipelineSettings, pipeline: str, _key: str) -> str:
    """Environments that don't differ in it share one rendering, where nothing can be kept, too.

    The key tells apart what Python takes for equal, such as 0 and 0.0.
    """
    # Imported here, because the SDK takes seconds: a wrong setting is told without it.
    from pipeline_steps.render import render, render_score

    try:
        return {TRAINING: render, SCORING: render_score}[pipeline](settings)
    except ValueError as error:
        if "Unsupported region" not in str(error):
            raise
        raise SettingsError(
            f"cdk.json: region {settings.region!r} has none of the built-in images; choose another"
        ) from None


def _kept(entry: Path) -> str | None:
    """The entry's text; None if there is none, or if it isn't what was written."""
    try:
        digest, _, content = entry.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content.decode() if digest == _digest(content) else None


def _keep(entry: Path, text: str) -> None:
    """Writes the entry in one step, if this machine lets it."""
    content = text.encode()
    arriving = entry.with_name(f".{entry.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        entry.parent.mkdir(parents=True, exist_ok=True)
        try:
            arriving.write_bytes(_digest(content) + b"\n" + content)
            arriving.replace(entry)
        finally:
            arriving.unlink(missing_ok=True)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
