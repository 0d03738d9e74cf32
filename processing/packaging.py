"""Packs ``processing/`` into one file that Python can start: the jobs' code asset.

A ProcessingInput brings files as they are, so a zip would have to be unpacked first; Python runs a
zip with a ``__main__.py`` directly. The same sources give the same bytes on any machine: entries
sorted, times fixed, nothing compressed (compressors differ).

Run by path, ``python3 processing/packaging.py TARGET``, or call `build`. Standard library only.
"""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_START = """\
import sys

from processing.__main__ import main

sys.exit(main(sys.argv[1:]))
"""
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell


def build(target: Path) -> Path:
    """Writes the code asset to ``target``, atomically, and returns it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(f".{target.name}.{os.getpid()}")
    with zipfile.ZipFile(arriving, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry("__main__.py"), _START)
        for path in _sources():
            archive.writestr(
                _entry(path.relative_to(_PACKAGE.parent).as_posix()), path.read_bytes()
            )
    arriving.replace(target)
    return target


def _sources() -> list[Path]:
    kept = (path for path in _PACKAGE.rglob("*") if path.suffix in (".py", ".txt"))
    return sorted(kept, key=lambda path: path.as_posix())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # Unix, also when packed on Windows
    return entry


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))
