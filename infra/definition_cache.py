"""A cache of rendered definitions, keyed by the content of everything that decides them.

Rendering imports the SageMaker SDK, which takes seconds, so a synthesis renders only what no
earlier one has rendered. The key of an entry is a hash of its inputs: sources, settings, Python and
the versions of all installed packages. Entries never become stale, and deleting the folder is safe.
After editing an installed package in place, run `make clean`.

The committed definitions aren't used as entries, because only a test proves that they are current.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from pipeline_steps.atomic import write_atomically
from pipeline_steps.settings import PipelineSettings

TRAINING, SCORING = "training", "scoring"
"""The pipelines that have definitions."""

SOURCES = (
    "pipeline_steps/**/*.py",
    "pipeline_steps/presets.json",
    "pipeline_steps/tuning_ranges.json",
    "pipeline_steps/*.yaml",
    "processing/__init__.py",
    "processing/names.py",
)
"""Patterns of the files that a rendering reads."""

_ROOT = Path(__file__).resolve().parents[1]


@cache
def render(settings: PipelineSettings, pipeline: str) -> str:
    """Return a newly rendered definition; environments with equal settings share it."""
    # Imported here, so that a wrong setting is reported without waiting for the SDK.
    from pipeline_steps.render import render, render_score

    return {TRAINING: render, SCORING: render_score}[pipeline](settings)


def rendered(
    settings: PipelineSettings,
    folder: Path,
    pipeline: str = TRAINING,
    *,
    render: Callable[[PipelineSettings, str], str] = render,
    root: Path = _ROOT,
) -> str:
    """Return a definition from ``folder``, or render it and keep it there.

    root: the folder of the sources. Raises what ``render`` raises.
    """
    name = key(settings, root)
    entry = folder / f"{pipeline}-{name}.txt"
    text = _read(entry)
    if text is None:
        text = render(settings, pipeline)
        if key(settings, root) == name:  # the sources weren't edited meanwhile
            _write(entry, text)
    return text


def key(settings: PipelineSettings, root: Path = _ROOT) -> str:
    """Return a hash of everything that decides a rendering; the sources are below ``root``."""
    digest = hashlib.sha256()
    for path in sources(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    digest.update(settings.model_dump_json().encode())
    digest.update(json.dumps([sys.version, *_packages()]).encode())
    return digest.hexdigest()


def sources(root: Path = _ROOT) -> list[Path]:
    """Return the files that a rendering reads."""
    return sorted(path for pattern in SOURCES for path in root.glob(pattern))


def _packages() -> Iterator[str]:
    """Yield names and versions of the installed packages in the order of the import path."""
    for folder in sys.path:
        yield from sorted(found.name for found in Path(folder).glob("*.dist-info"))


def _read(entry: Path) -> str | None:
    """Return the entry's text, or None if it doesn't exist or is damaged."""
    try:
        digest, _, content = entry.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content.decode() if digest == _digest(content) else None


def _write(entry: Path, text: str) -> None:
    """Write the entry, unless the folder isn't writable: the cache is optional."""
    content = text.encode()
    with contextlib.suppress(OSError):
        entry.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(entry, _digest(content) + b"\n" + content)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
