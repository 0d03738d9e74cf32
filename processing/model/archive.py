"""The archive that Train writes: a compressed tar with XGBoost's model file."""

from __future__ import annotations

import tarfile
import zlib
from pathlib import Path

from processing.errors import DataError
from processing.names import MODEL_FILE


def read_model(archive: Path) -> bytes:
    """Return the content of the model file. Raise DataError if the archive doesn't have one."""
    try:
        with tarfile.open(archive) as members:
            file = members.extractfile(MODEL_FILE)
            if file is not None:
                return file.read()
    except FileNotFoundError:
        raise DataError(f"{archive}: no such file; use the output of Train") from None
    except (tarfile.TarError, zlib.error, OSError, EOFError, KeyError):
        pass  # the remedy is the same for every kind of damage
    raise DataError(
        f"{archive.name}: not an archive with a file {MODEL_FILE}; use the output of Train"
    )
