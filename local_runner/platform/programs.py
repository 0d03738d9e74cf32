"""Command lines of jobs: the programs of an image, as this machine starts them.

Python is the runner's interpreter, under whatever name or path a command, a shell script or the
first line of a script calls it. Other programs are those of this machine.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from local_runner.errors import DefinitionError, JobFailed
from local_runner.platform.bound_to_parent import OPT_ML
from local_runner.platform.images import PYTHON, emulation_command

_PROGRAMS = Path(__file__).parents[1] / "algorithms" / "programs"
"""Programs of images that jobs start by name."""

_PYTHON_NAME = re.compile(r"python(3(\.\d+)?)?")
_IMAGE_COMMANDS = ("train", "transform")


def search_path(inherited: str | None) -> str:
    """Return the variable PATH of jobs, given that of the runner."""
    return f"{_PROGRAMS}{os.pathsep}{inherited or os.defpath}"


def module_path() -> str:
    """Return the variable PYTHONPATH of jobs.

    Emulations are modules of this package, also found from a job's working folder.
    """
    root = Path(__file__).resolve().parents[2]
    return os.pathsep.join(
        map(str, (root, root / "local_runner" / "algorithms" / "image_packages"))
    )


def command_line(image: str, command: Sequence[str], opt_ml: Path) -> list[str]:
    """Return the command line that replaces ``command`` in the image.

    opt_ml: the folder used as ``/opt/ml``. Scripts in it need no execute permission, which
    objects don't have.
    """
    if not command:
        raise JobFailed(
            "ClientError: AppSpecification: the image has no entry point of its own; "
            "set ContainerEntrypoint"
        )
    program, *arguments = command
    if program in _IMAGE_COMMANDS:
        return [*emulation_command(image), *command]
    if _is_python(program):
        return [*PYTHON, *arguments]
    return [*_interpreter(program, opt_ml), *command]


def require_program(command: Sequence[object]) -> None:
    """Raise DefinitionError if the program that a command starts isn't on this machine."""
    program = command[0] if command else None
    if not isinstance(program, str) or program.startswith(f"{OPT_ML}/") or _is_python(program):
        return
    if not shutil.which(program, path=search_path(os.environ.get("PATH"))):
        raise DefinitionError(
            f"the program {program!r} isn't on this machine; install it, or run the step on AWS"
        )


def _is_python(program: str) -> bool:
    return bool(_PYTHON_NAME.fullmatch(PurePosixPath(program).name))


def _interpreter(program: str, opt_ml: Path) -> list[str]:
    """Return the interpreter that a script's first line names; none for other programs."""
    if not program.startswith(f"{OPT_ML}/"):
        return []
    try:
        with (opt_ml / program.removeprefix(f"{OPT_ML}/")).open("rb") as file:
            first = file.readline(1024).decode("utf-8", errors="replace")
    except OSError:
        return []
    # The kernel, too, passes everything after the interpreter as one argument.
    words = first.removeprefix("#!").strip().split(maxsplit=1) if first.startswith("#!") else []
    return [*PYTHON, *words[1:]] if words and _is_python(words[0]) else words
