"""The archive that Train leaves: one file, XGBoost's own, in a compressed tar."""

from __future__ import annotations

import tarfile
import zlib
from pathlib import Path

from processing.errors import DataError

MODEL_FILE = "xgboost-model"


def model_in(archive: Path) -> bytes:
    """XGBoost's file. Raises DataError if the archive holds none, or is none."""
    try:
        with tarfile.open(archive) as members:
            file = members.extractfile(MODEL_FILE)
            if file is not None:
                return file.read()
    except FileNotFoundError:
        raise DataError(f"{archive}: there is no such file; Train writes it") from None
    except (tarfile.TarError, zlib.error, OSError, EOFError, KeyError):
        pass  # whatever is wrong inside, the remedy is the same
    raise DataError(f"{archive.name}: no archive with a file {MODEL_FILE}; take the one of Train")
