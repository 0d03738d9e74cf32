"""The architecture's table of imports, as import-linter holds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.clean_room import ROOT


def test_import_contracts_hold() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run(
        [str(command), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stdout
    assert " 0 broken" in ended.stdout
