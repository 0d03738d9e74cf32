"""`run --debug`: a step's program in the foreground."""

from __future__ import annotations

import json
import os
import select
import shlex
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from local_runner.platform.opt_ml import can_mount
from tests.support.command_line import assert_refused, invoke
from tests.support.programs import killed_if_failing
from tests.support.runner_samples import SKLEARN, condition, document, fail, processing

OUT = "/opt/ml/processing/output/out"
IN_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
COMMAND = (sys.executable, "-m", "operations")
SECONDS = 60


def step(name: str, code: str, **keys: Any) -> dict[str, Any]:
    """A step that writes to its output what its code has printed into ``out``."""
    program = f"import sys; from pathlib import Path\nout = Path({OUT!r}, 'text')\n{code}\n"
    return processing(name, {}, {"out": f"s3://b/{name}"}, ("-c", program), **keys)


ASK = 'out.write_text(input("na" + "me? "))'  # the printed command isn't the prompt
WAIT = 'import time; print("rea" + "dy"); time.sleep(60)'
BREAK = "value = 6 * 7\nbreakpoint()\nout.write_text(str(value))"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def words(root: Path, *steps: dict[str, Any], debug: str) -> list[str]:
    """Write a definition of the steps, and return the command that debugs one."""
    path = root / "definition.json"
    path.write_text(json.dumps(document(*steps)))
    given = ("--definition", str(path), "--workdir", str(root / "runs"))
    return [*COMMAND, "run", *given, "--debug", debug]


def typed(command: list[str], *keys: tuple[str, str]) -> tuple[int, str]:
    """Run a command in a terminal; of each pair, type the second when the first is shown.

    Return its exit code and what was shown.
    """
    shown = ""
    with killed_if_failing(
        subprocess.Popen(
            [sys.executable, "-c", IN_TERMINAL, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "COLUMNS": "500", "TERM": "dumb"},
        )
    ) as process:
        assert process.stdin
        assert process.stdout
        for expected, text in keys:
            while expected not in shown:
                received = _received(process.stdout.fileno())
                assert received, shown
                shown += received
            process.stdin.write(text.encode())
            process.stdin.flush()
        while received := _received(process.stdout.fileno()):
            shown += received
        return process.wait(SECONDS), shown


def _received(number: int) -> str:
    assert select.select([number], [], [], SECONDS)[0], "nothing was received"
    return os.read(number, 1 << 16).decode(errors="replace")


def output(root: Path, name: str) -> str:
    return (root / "runs" / "s3" / "b" / name / "text").read_text()


def sandbox(root: Path, number: int = 1) -> Path:
    (found,) = (root / "runs" / "executions" / f"local-{number:04}" / "debug").iterdir()
    return found / "opt" / "ml"


def test_breakpoints_of_a_processing_job_have_the_terminal(root: Path) -> None:
    command = words(
        root, step("First", 'out.write_text("1")'), step("Second", BREAK), debug="Second"
    )
    code, shown = typed(command, ("(Pdb) ", "p 'is', value\n"), ("('is', 42)", "value = 7\nc\n"))
    assert code == 0
    assert "✓ Second" in shown
    assert output(root, "Second") == "7"


def test_the_program_of_script_mode_has_the_terminal(root: Path) -> None:
    (root / "train.py").write_text(
        "import os, sys\n"
        "model = os.path.join(os.environ['SM_MODEL_DIR'], 'model')\n"
        "open(model, 'w').write(input(f'{sys.stdin.isatty()}, name? '))\n"
    )
    with tarfile.open(root / "source.tar.gz", "w:gz") as archive:
        archive.add(root / "train.py", "train.py")
    train = {
        "AlgorithmSpecification": {"TrainingImage": SKLEARN, "TrainingInputMode": "File"},
        "HyperParameters": {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": "s3://b/source.tar.gz",
        },
        "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
    }
    command = words(root, {"Name": "Train", "Type": "Training", "Arguments": train}, debug="Train")
    command += ["--input", f"s3://b/source.tar.gz={root / 'source.tar.gz'}"]
    assert typed(command, ("True, name? ", "Ann\n"))[0] == 0
    assert (sandbox(root) / "model" / "model").read_text() == "Ann"


def test_ctrl_c_goes_to_the_program_alone(root: Path) -> None:
    code = f"try:\n    {WAIT}\nexcept KeyboardInterrupt:\n    out.write_text('kept')"
    command = words(root, step("Ask", code), debug="Ask")
    assert typed(command, ("ready", "\x03"))[0] == 0
    assert output(root, "Ask") == "kept"


def test_a_program_that_ctrl_c_ends_stops_the_execution(root: Path) -> None:
    code, shown = typed(words(root, step("Ask", WAIT), debug="Ask"), ("ready", "\x03"))
    assert code == 130
    assert "retry local-0001" in shown


def test_the_terminal_is_as_before_when_the_program_has_ended(root: Path) -> None:
    command = shlex.join(words(root, step("Ask", f"import tty; tty.setraw(0)\n{ASK}"), debug="Ask"))
    shown = typed(["bash", "-c", f"{command}; stty -a"], ("name? ", "\n"))[1]
    assert " icanon " in shown
    assert " echo " in shown


def piped(command: list[str], text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def test_stdout_has_the_results_alone(root: Path) -> None:
    ended = piped([*words(root, step("Ask", ASK), debug="Ask"), "--json"], "Ann\n")
    assert json.loads(ended.stdout)["status"] == "Succeeded"
    assert "name? " in ended.stderr
    assert output(root, "Ask") == "Ann"


def test_the_function_of_a_lambda_step_can_be_debugged(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    (root / "functions.py").write_text("def ask(event):\n    return {'name': input()}\n")
    outputs = [{"OutputName": "name", "OutputType": "String"}]
    ask = {"Name": "Ask", "Type": "Lambda", "Arguments": {}, "FunctionArn": "arn:aws:lambda:x"}
    command = words(root, {**ask, "OutputParameters": outputs}, debug="Ask")
    ended = piped([*command, "--handler", "Ask=functions:ask", "--json"], "Ann\n")
    assert ended.returncode == 0, ended.stderr
    record = json.loads((root / "runs/executions/local-0001/execution.json").read_text())
    assert record["steps"]["Ask"]["properties"] == {"OutputParameters": {"name": "Ann"}}


def test_the_sandbox_is_kept_and_is_not_that_of_the_results(root: Path) -> None:
    piped(words(root, step("Ask", ASK), debug="Ask"), "Ann\n")
    kept = sandbox(root) / "processing" / "output" / "out" / "text"
    assert kept.read_text() == "Ann"
    kept.write_text("changed")
    assert output(root, "Ask") == "Ann"


def test_the_printed_command_runs_the_program_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    code = f"import os\n{ASK}\nprint(os.getcwd(), os.environ.get('AWS_PROFILE'), 'a \"b\" $HOME')"
    ended = piped(words(root, step("Ask", code), debug="Ask"), "Ann\n")
    start = ended.stderr.index("cd ")
    script = ended.stderr[start : ended.stderr.index("\n\n", start)]
    again = piped(["bash", "-c", f"{script}\nexit $?"], "Ben\n")
    assert again.returncode == 0, again.stderr
    here = "/opt/ml" if can_mount() else str(sandbox(root))
    assert again.stdout == f'name? {here} None a "b" $HOME\n'
    kept = sandbox(root) / "processing" / "output" / "out" / "text"
    assert kept.read_text() == "Ben"


def test_debugged_results_are_neither_taken_from_the_cache_nor_stored(root: Path) -> None:
    steps = (step("Ask", ASK, CacheConfig={"Enabled": True, "ExpireAfter": "P1D"}),)
    command = words(root, *steps, debug="Ask")
    plain = command[:-2]
    piped(command, "Ann\n")
    assert piped(plain, "").returncode == 1  # input() has no stdin
    piped(command, "Ben\n")
    assert output(root, "Ask") == "Ben"


def test_a_failure_of_the_program_fails_the_step(root: Path) -> None:
    ended = piped(words(root, step("Ask", "sys.exit(3)"), debug="Ask"), "")
    assert ended.returncode == 1
    assert (
        "exit code: 3"
        in json.loads((root / "runs" / "executions" / "local-0001" / "execution.json").read_text())[
            "steps"
        ]["Ask"]["failure_reason"]
    )


@pytest.mark.parametrize(
    ("debug", "options", "mentions"),
    [
        ("Secnd", (), ("'Secnd'", "Second")),
        ("Gate", (), ("Gate", "Condition")),
        ("Hosts", (), ("Hosts", "2 hosts")),
        ("Second", ("--only", "First"), ("Second", "selected")),
        ("First", ("--watch",), ("--debug", "--watch")),
        ("First", ("--dry-run",), ("--debug", "--dry-run")),
    ],
)
def test_steps_that_cannot_be_debugged_are_refused(
    root: Path, debug: str, options: tuple[str, ...], mentions: tuple[str, ...]
) -> None:
    hosts = step("Hosts", "")
    cluster = {"InstanceCount": 2, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    hosts["Arguments"]["ProcessingResources"] = {"ClusterConfig": cluster}
    gate = condition("Gate", else_steps=(fail("Stop", "stopped"),))
    command = words(root, step("First", ""), step("Second", ""), hosts, gate, debug=debug)
    assert_refused(invoke(*command[len(COMMAND) :], *options), 2, *mentions)
    assert not (root / "runs" / "executions").exists()
