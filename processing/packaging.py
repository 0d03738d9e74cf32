"""The code asset of the jobs: ``processing/`` as one zip file that Python can run.

A ProcessingInput mounts files as they are and doesn't unpack them; Python runs a zip file that has
a ``__main__.py``. The same sources give the same bytes on any machine: sorted entries, fixed times,
no compression (its bytes differ between versions of zlib).

Call `build`, or run ``python3 -m processing.packaging TARGET``. Standard library only.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from processing.atomic import atomic_path

_PACKAGE = Path(__file__).resolve().parent
_MAIN = """\
import sys

from processing.__main__ import main

sys.exit(main(sys.argv[1:]))
"""
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can hold


def build(target: Path) -> Path:
    """Write the code asset to ``target`` and return it."""
    with (
        atomic_path(target) as staging,
        zipfile.ZipFile(staging, "w", zipfile.ZIP_STORED) as archive,
    ):
        archive.writestr(_entry("__main__.py"), _MAIN)
        for path in _sources():
            archive.writestr(
                _entry(path.relative_to(_PACKAGE.parent).as_posix()), path.read_bytes()
            )
    return target


def _sources() -> list[Path]:
    kept = (path for path in _PACKAGE.rglob("*") if path.suffix in (".py", ".txt"))
    return sorted(kept, key=lambda path: path.as_posix())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # Unix, also if packed on Windows
    return entry


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))
