"""The code asset: reproducible, complete, and runnable on its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import processing
from processing.names import JOBS
from processing.packaging import build
from tests.support.archives import write_tar

PACKAGE = Path(processing.__file__).parent


@pytest.fixture
def asset(tmp_path: Path) -> Path:
    return build(tmp_path / "processing.pyz")


def test_two_builds_have_the_same_bytes(tmp_path: Path, asset: Path) -> None:
    assert build(tmp_path / "elsewhere" / "again.pyz").read_bytes() == asset.read_bytes()


def test_file_times_and_permissions_dont_change_the_bytes(tmp_path: Path, asset: Path) -> None:
    copy = tmp_path / "checkout" / "processing"
    shutil.copytree(PACKAGE, copy, copy_function=shutil.copyfile)
    for path in copy.rglob("*"):
        os.utime(path, (1e9, 1e9))
        path.chmod(0o700)
    (copy / "__pycache__").mkdir(exist_ok=True)
    (copy / "__pycache__" / "text.cpython-399.pyc").write_bytes(b"compiled")
    other = tmp_path / "other.pyz"
    command = [sys.executable, "-m", "processing.packaging", str(other)]
    subprocess.run(command, cwd=copy.parent, check=True)
    assert other.read_bytes() == asset.read_bytes()


def test_the_asset_holds_every_source_and_the_license_and_no_bytecode(asset: Path) -> None:
    with zipfile.ZipFile(asset) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    sources = {f"processing/{path.relative_to(PACKAGE)}" for path in PACKAGE.rglob("*.py")}
    assert set(names) == {"__main__.py", "processing/vendor/nltk/LICENSE.txt"} | sources
    assert len(names) == len(set(names))
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_entries_dont_depend_on_the_machine(asset: Path) -> None:
    with zipfile.ZipFile(asset) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr == 0o644 << 16
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.create_system == 3
        assert archive.comment == b""


def test_each_entry_has_the_bytes_of_its_source(asset: Path) -> None:
    with zipfile.ZipFile(asset) as archive:
        for name in archive.namelist():
            if name != "__main__.py":
                assert archive.read(name) == (PACKAGE.parent / name).read_bytes()


def test_an_existing_asset_is_replaced(tmp_path: Path, asset: Path) -> None:
    content = asset.read_bytes()
    asset.write_bytes(b"older")
    assert build(asset) == asset
    assert asset.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["processing.pyz"]


def test_the_command_prints_the_path_of_the_asset(tmp_path: Path) -> None:
    target = tmp_path / "build" / "processing.pyz"
    done = subprocess.run(
        [sys.executable, "-m", "processing.packaging", target],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{target}\n"
    assert zipfile.is_zipfile(target)


def test_download_runs_from_the_asset_with_the_standard_library_alone(
    tmp_path: Path, asset: Path
) -> None:
    archive = write_tar(tmp_path / "a.tar", {"train/pos/1.txt": b"Fine."})
    output = tmp_path / "output"
    command = [sys.executable, "-I", "-S", str(asset), "download", "--uri", archive.as_uri()]
    subprocess.run([*command, "--output", str(output)], cwd=tmp_path, check=True)
    assert [path.name for path in output.iterdir()] == ["a.tar"]
    assert (output / "a.tar").read_bytes() == archive.read_bytes()


@pytest.mark.parametrize("job", JOBS)
def test_every_job_of_the_asset_prints_its_help(asset: Path, job: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", asset, job, "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"usage: {job.removesuffix('-on-spark')} [-h]")
    assert done.stderr == ""
