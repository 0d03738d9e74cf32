"""Model archives: the ``model.tar.gz`` that SageMaker unpacks into ``/opt/ml/model``."""

from __future__ import annotations

import gzip
import posixpath
import shutil
import tarfile
import zlib
from pathlib import Path
from typing import BinaryIO


def unpack(file: BinaryIO, folder: Path) -> None:
    """Unpack an archive into ``folder``, which must exist. Raise OSError if it is damaged."""
    try:
        with gzip.open(file) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
            for member in archive:
                if content := archive.extractfile(member):
                    # Normalized below a root, so that no path leads out of the folder.
                    path = folder / posixpath.normpath(f"/{member.name}").lstrip("/")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with content, path.open("wb") as target:
                        shutil.copyfileobj(content, target)
            while plain.read(1 << 20):
                pass  # to the end, where gzip has its checksum
    except (EOFError, tarfile.TarError, zlib.error) as error:
        raise OSError(str(error)) from error
