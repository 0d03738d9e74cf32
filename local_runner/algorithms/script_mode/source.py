"""The user's source: an archive from S3, or a folder or an archive of the job."""

from __future__ import annotations

import shutil
import sys
import tarfile
from pathlib import Path


def prepare(opt_ml: Path, submitted: str) -> Path:
    """Return the folder of the source's files.

    submitted: an S3 URI, whose archive the runner has put into the folder; or the path of a folder
    or an archive of the job.
    """
    code, source = opt_ml / "code", opt_ml / submitted.removeprefix("/opt/ml/")
    if submitted.startswith("s3://"):
        for path in sorted(code.iterdir()):
            _extract(path, code)
            path.unlink()
    elif source.is_dir():
        shutil.copytree(source, code, dirs_exist_ok=True)
    elif source.is_file():
        _extract(source, code)
    else:
        sys.exit(f"error: the job has no {submitted}, the source; check SAGEMAKER_SUBMIT_DIRECTORY")
    if (code / "requirements.txt").is_file():
        print("requirements.txt isn't installed; local runs use this environment's packages")
    return code


def _extract(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        sys.exit(f"error: the source archive {archive.name} can't be unpacked: {error}")
