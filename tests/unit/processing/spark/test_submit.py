"""The program on each host, which calls ``smspark-submit``; a script replaces that here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from processing.packaging import build
from tests.support.archives import zipped

# Records how it was called, then runs the code in FAKE.
SCRIPT = f"""\
#!{sys.executable}
import json, os, sys
from pathlib import Path
options, code, program, *arguments = sys.argv[1:]
call = {{"arguments": arguments, "options": options, "program": Path(program).read_text()}}
call["names"] = [Path(code).name, Path(program).name]
call["code"] = Path(code).read_bytes().hex()
output = Path(dict(argument.split("=", 1) for argument in arguments)["--output"])
call["folders"] = sorted(path.name for path in output.iterdir())
Path("call.json").write_text(json.dumps(call))
exec(os.environ.get("FAKE", ""))
"""
OUTPUTS = ["labels", "manifest", "rows", "test", "train", "validation", "vocabulary"]


@pytest.fixture(scope="module")
def asset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("asset") / "0123abcd.pyz")


def submit(
    asset: Path, folder: Path, fake: str = "", *options: str, packed: bool = False
) -> subprocess.CompletedProcess[str]:
    program = folder / "bin" / "smspark-submit"
    program.parent.mkdir()
    program.write_text(SCRIPT)
    program.chmod(0o755)
    (folder / "opt").mkdir()
    raw = folder / "raw"
    raw.mkdir()
    (raw / "reviews.csv").write_text("text,label\n")
    if packed:
        (raw / "reviews.zip").write_bytes(zipped({"a.csv": b"text,label\n"}))
    given = ["--raw", str(raw), "--output", str(folder / "output"), *options]
    return subprocess.run(
        [sys.executable, "-I", asset, "preprocess-on-spark", *given],
        cwd=folder,
        env={
            **os.environ,
            "PATH": str(program.parent),
            "OPT_ML": str(folder / "opt"),
            "FAKE": fake,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def message(folder: Path) -> str:
    return (folder / "opt" / "output" / "message").read_text()


def test_the_cluster_gets_the_program_and_every_argument(asset: Path, tmp_path: Path) -> None:
    done = submit(asset, tmp_path, "", "--seed", "-7", "--feature-format", "text/csv")
    assert (done.returncode, done.stderr) == (0, "")
    call = json.loads((tmp_path / "call.json").read_text())
    assert call["options"] == "--py-files"
    assert call["names"] == ["processing.zip", "preprocess.py"]
    # The number of processes matters on one machine only.
    assert [argument for argument in call["arguments"] if "--workers" not in argument] == [
        "--feature-format=text/csv",
        "--features=stems",
        "--id-column=id",
        "--label-column=auto",
        f"--output={tmp_path}/output",
        "--positive-label=auto",
        f"--raw={tmp_path}/raw",
        "--seed=-7",
        "--test-fraction=0.2",
        "--text-column=auto",
        "--training-parts=1",
        f"--unpacked={tmp_path}/raw",
        "--validation-fraction=0.4",
        "--vocabulary-size=5000",
    ]


def test_the_cluster_imports_the_code_asset(asset: Path, tmp_path: Path) -> None:
    submit(asset, tmp_path)
    call = json.loads((tmp_path / "call.json").read_text())
    copy = tmp_path / "processing.zip"
    copy.write_bytes(bytes.fromhex(call["code"]))
    assert copy.read_bytes() == asset.read_bytes()
    assert "processing/spark/driver.py" in zipfile.ZipFile(copy).namelist()
    compile(call["program"], "preprocess.py", "exec")


def test_a_host_has_all_folders_before_the_cluster_starts(asset: Path, tmp_path: Path) -> None:
    submit(asset, tmp_path)
    assert json.loads((tmp_path / "call.json").read_text())["folders"] == OUTPUTS


def test_archives_of_tables_are_unpacked_while_the_cluster_runs(
    asset: Path, tmp_path: Path
) -> None:
    fake = (
        "[folder] = [each[11:] for each in arguments if each.startswith('--unpacked=')]; "
        "found = sorted(str(path) for path in Path(folder).rglob('*') if path.is_file()); "
        "Path('found.json').write_text(json.dumps([folder, found]))"
    )
    assert submit(asset, tmp_path, fake, packed=True).returncode == 0
    folder, found = json.loads((tmp_path / "found.json").read_text())
    assert found == [f"{folder}/reviews.csv", f"{folder}/reviews.zip/a.csv"]
    assert Path(folder).parent == tmp_path / "output"  # the same on every host
    assert not Path(folder).exists()


def test_staging_files_of_a_killed_task_are_not_uploaded(asset: Path, tmp_path: Path) -> None:
    fake = (
        "(output / 'train' / '.part-00000.libsvm.9.partial').touch(); "
        "(output / 'train' / 'part-00000.libsvm').touch()"
    )
    assert submit(asset, tmp_path, fake).returncode == 0
    left = [path.name for path in (tmp_path / "output").rglob("*") if path.is_file()]
    assert left == ["part-00000.libsvm"]


def test_the_reason_that_the_program_reports_is_the_jobs_failure_reason(
    asset: Path, tmp_path: Path
) -> None:
    """Spark's own program replaces the message with that of its failed command line."""
    fake = (
        "import re; [place] = re.findall(r\"Path\\('(.+)'\\)\", call['program']); "
        "folder = Path(place) / 'output'; folder.mkdir(); "
        "(folder / 'message').write_text('x.tar: truncated; fetch it again'); "
        "theirs = Path(os.environ['OPT_ML']) / 'output'; theirs.mkdir(); "
        "(theirs / 'message').write_text('Algorithm Error: (caused by ...)'); sys.exit(1)"
    )
    failed = submit(asset, tmp_path, fake)
    assert failed.returncode == 1
    assert failed.stderr == "error: x.tar: truncated; fetch it again\n"
    assert message(tmp_path) == "x.tar: truncated; fetch it again"


def test_a_failure_of_the_cluster_keeps_its_exit_code_and_message(
    asset: Path, tmp_path: Path
) -> None:
    fake = (
        "theirs = Path(os.environ['OPT_ML']) / 'output'; theirs.mkdir(); "
        "(theirs / 'message').write_text('Timed out waiting'); sys.exit(9)"
    )
    failed = submit(asset, tmp_path, fake)
    assert (failed.returncode, failed.stderr) == (9, "")
    assert message(tmp_path) == "Timed out waiting"


def test_an_invalid_argument_is_reported_before_a_cluster_starts(
    asset: Path, tmp_path: Path
) -> None:
    failed = submit(asset, tmp_path, "", "--training-parts", "0")
    assert failed.returncode == 2
    assert "must be an integer >= 1, got '0'" in failed.stderr
    assert not (tmp_path / "call.json").exists()


def test_an_image_without_spark_is_reported_in_one_line(asset: Path, tmp_path: Path) -> None:
    (tmp_path / "opt").mkdir()
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "reviews.csv").write_text("text,label\n")
    done = subprocess.run(
        [sys.executable, "-I", asset, "preprocess-on-spark", "--raw", "r", "--output", "o"],
        cwd=tmp_path,
        env={**os.environ, "PATH": str(tmp_path), "OPT_ML": str(tmp_path / "opt")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "error: smspark-submit: No such file or directory\n"
