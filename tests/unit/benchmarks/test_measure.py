"""A program is charged for its own resources and for those of its children."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.harness.measure import Program, ProgramFailed, Usage, measure, median
from benchmarks.harness.stages import StageTimer, read_stages
from tests.support.clean_room import ROOT

BUSY = "import time\nwhile time.process_time() < 0.3: pass"
# 60 million bytes of resident memory, held long enough to be sampled.
LARGE = "import time; held = b'x' * 60_000_000; time.sleep(0.6)"
IN_A_CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', {!r}], check=True)"
IN_TWO = """
import subprocess, sys
started = [subprocess.Popen([sys.executable, '-c', {!r}]) for _ in range(2)]
assert [process.wait() for process in started] == [0, 0]
"""


# The kernel's account of a process starts with the size of its parent, and pytest is large.
MEASURE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from benchmarks.harness.measure import Program, measure
program = Program((sys.executable, "-c", sys.argv[1]))
print(json.dumps(asdict(measure(program, Path(sys.argv[2])))))
"""


def cost(script: str, folder: Path) -> Usage:
    """Return the usage of a script, measured by a small process."""
    command = [sys.executable, "-c", MEASURE, script, str(folder / "log")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Usage(**json.loads(ended.stdout))


@pytest.mark.parametrize("script", [BUSY, IN_A_CHILD.format(BUSY)], ids=["own", "children"])
def test_cpu_of_a_program_and_of_its_children_counts(script: str, tmp_path: Path) -> None:
    usage = cost(script, tmp_path)
    assert 0.3 <= usage.cpu_seconds < 3
    assert usage.wall_seconds >= 0.3


def test_waiting_costs_time_and_no_cpu(tmp_path: Path) -> None:
    usage = cost("import time; time.sleep(0.5)", tmp_path)
    assert usage.wall_seconds >= 0.5
    assert usage.cpu_seconds < 0.4


@pytest.mark.parametrize("script", [LARGE, IN_A_CHILD.format(LARGE)], ids=["own", "children"])
def test_memory_of_the_largest_process_counts(script: str, tmp_path: Path) -> None:
    assert 60 < cost(script, tmp_path).peak_mb < 120


def test_memory_of_processes_at_the_same_time_is_added(tmp_path: Path) -> None:
    usage = cost(IN_TWO.format(LARGE), tmp_path)
    assert usage.peak_mb < 120
    assert usage.total_mb > 120


def test_a_failed_program_is_named_with_its_last_line(tmp_path: Path) -> None:
    program = Program((sys.executable, "-c", "import sys; print('no reviews'); sys.exit(3)"))
    with pytest.raises(ProgramFailed, match=r"-c .*: exit code 3: no reviews") as raised:
        measure(program, tmp_path / "log")
    assert "\n" not in str(raised.value)


def test_program_gets_its_variables_and_folder(tmp_path: Path) -> None:
    script = "import os; print(os.environ['ANSWER'], os.getcwd())"
    program = Program((sys.executable, "-c", script), {"ANSWER": "42"}, tmp_path)
    measure(program, tmp_path / "log")
    assert (tmp_path / "log").read_text() == f"42 {tmp_path}\n"


def test_median_takes_each_number_by_itself() -> None:
    usages = [Usage(1, 30, 5, 7), Usage(2, 20, 6, 6), Usage(9, 10, 4, 8)]
    assert median(usages) == Usage(2, 20, 5, 7)


def test_stages_are_printed_in_order_and_samples_multiplied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timer = StageTimer()
    for name, scale in (("whole", 1.0), ("sample", 1e6)):
        with timer.stage(name, scale):
            sum(range(100_000))
    print("other output")
    timer.print()
    (tmp_path / "log").write_text(capsys.readouterr().out)
    whole, sample = read_stages(tmp_path / "log")
    assert (whole.name, whole.scale, sample.name, sample.scale) == ("whole", 1.0, "sample", 1e6)
    assert whole.usage.wall_seconds < 1 < sample.usage.wall_seconds
    assert whole.usage.peak_mb > 1
