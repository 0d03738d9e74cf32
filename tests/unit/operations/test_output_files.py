"""Files that a command saves for the user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from operations.errors import CliError, UsageError
from operations.output_files import output_file, save


def test_failed_save_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(TypeError), output_file("--html", path) as file:
        file.writelines([b"half", None])  # type: ignore[list-item]
    assert (path.read_text(), [*tmp_path.iterdir()]) == ("old", [path])


def test_target_of_a_link_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "report.html", tmp_path / "newest.html"
    link.symlink_to(target)
    save("--html", link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_missing_folder_of_a_links_target_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "newest.html"
    link.symlink_to(tmp_path / "missing" / "report.html")
    with pytest.raises(UsageError):
        save("--html", link, b"new")
    assert not (tmp_path / "missing").exists()


def test_file_that_cannot_be_read_is_named_in_the_error(tmp_path: Path) -> None:
    with (
        pytest.raises(CliError, match=str(tmp_path / "scores")),
        output_file("--output", tmp_path / "scores.csv"),
    ):
        (tmp_path / "scores").read_bytes()


@pytest.mark.parametrize("redirected", [True, False])
def test_device_is_written_to(tmp_path: Path, redirected: bool) -> None:
    """``sentiment report --html /dev/stdout``, with stdout in a file or in a pipe."""
    code = "import sys; from operations.output_files import save; from pathlib import Path\n"
    code += "save('--html', Path('/dev/stdout'), b'page'); print('after', flush=True)"
    out = tmp_path / "out"
    with out.open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-c", code],
            stdout=file if redirected else subprocess.PIPE,
            check=True,
            timeout=60,
        )
    assert (out.read_bytes() if redirected else done.stdout) == b"pageafter\n"
    assert Path("/dev/stdout").is_symlink()


def test_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    save("--output", pipe, b"content")
    assert os.read(reader, 100) == b"content"
    os.close(reader)
