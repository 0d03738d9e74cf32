"""Programs in the foreground: the command that runs one again."""

from __future__ import annotations

import subprocess
from pathlib import Path

from local_runner.platform.foreground import ForegroundProgram


def test_script_gives_the_program_its_arguments_and_variables(tmp_path: Path) -> None:
    code = "import os, sys; print(sys.argv[1], [os.environ.get(name) for name in 'ABC'])"
    program = ForegroundProgram(
        tmp_path, ("python3", "-c", code, "it's"), {"A": "", "B": None, "C": "x y"}
    )
    ended = subprocess.run(
        ["bash", "-c", f"export A=a B=b; {program.script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "it's ['', None, 'x y']\n"
