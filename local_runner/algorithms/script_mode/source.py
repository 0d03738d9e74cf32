"""The user's source: an archive from S3, or a folder or an archive of the model."""

from __future__ import annotations

import shutil
import sys
import tarfile
from pathlib import Path


def unpack(code: Path) -> None:
    """Replace the source archive in the folder by its files."""
    for path in sorted(code.iterdir()):
        _extract(path, code)
        path.unlink()


def copy(source: Path, code: Path) -> None:
    """Copy the files of a folder or an archive to the folder ``code``."""
    if source.is_dir():
        shutil.copytree(source, code, dirs_exist_ok=True)
    elif source.is_file():
        _extract(source, code)
    else:
        sys.exit(f"error: the model archive has no {source}; check SAGEMAKER_SUBMIT_DIRECTORY")


def _extract(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        sys.exit(f"error: the source archive {archive.name} can't be unpacked: {error}")
