"""Copies of the checkout for programs that tests start, with the tests' own cdk.json."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.cdk_context import write_cdk_json
from tests.support.clean_room import ROOT

SYNTHESIS = ("app.py", "infra", "pipeline_steps", "processing")
"""What a synthesis needs."""


def copied(folder: Path, names: tuple[str, ...]) -> Path:
    """Copy files and folders of the checkout into a folder, and write its cdk.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy2(ROOT / name, folder / name)
    write_cdk_json(folder)
    return folder
