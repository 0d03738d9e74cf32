"""The source files of jobs: the modules that they import, as the sources say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from processing.names import JOBS

_PACKAGE = "processing"
_MAIN = f"{_PACKAGE}.__main__"


def job_sources(root: Path) -> dict[str, set[Path]]:
    """Return the files below ``root`` that each job imports, by the job's name.

    A file that can't be parsed counts, but what it imports is unknown.
    """
    imports: dict[Path, set[Path]] = {}

    def following(module: str) -> set[Path]:
        found: set[Path] = set()
        waiting = set(_files(module, root))
        while waiting:
            file = waiting.pop()
            found.add(file)
            if file not in imports:
                imports[file] = {it for name in _imported(file) for it in _files(name, root)}
            waiting |= imports[file] - found
        return found

    common = following(_MAIN)
    return {job: common | following(module) for job, module in JOBS.items()}


def source_files(root: Path) -> Iterator[Path]:
    """Yield all source files of the jobs' package below ``root``."""
    yield from (root / _PACKAGE).rglob("*.py")


def _imported(file: Path) -> Iterator[str]:
    """Yield the modules of the package that a file imports, also those within functions."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(module: str, root: Path) -> Iterator[Path]:
    """Yield the files that run when a module of the package is imported: its own, its packages'."""
    first, *parts = module.split(".")
    if first != _PACKAGE:
        return
    folder = root / first
    for part in parts:
        yield from _existing(folder / "__init__.py", folder / f"{part}.py")
        folder /= part
    yield from _existing(folder / "__init__.py")


def _existing(*files: Path) -> Iterator[Path]:
    yield from (file for file in files if file.is_file())
