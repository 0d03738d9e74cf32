"""`sentiment retry` of local executions, and the end of a failed step's log."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from operations.local.running import retry as retry_module
from tests.support.archives import tiny_dataset
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.local_samples import execution_record
from tests.support.runner_samples import document, output_of, parameter, processing
from tests.support.steps_pipeline import steps_pipeline

BROKEN = "warning: the code has changed since"
LATER = """
import pathlib, sys
print(*(f"line {number}" for number in range(30)), sep="\\n")
sys.exit(0 if pathlib.Path(sys.argv[1]).exists() else "error: not yet")
"""


def failing(root: Path, **keys: Any) -> Path:
    """Write a definition whose second step fails until the file ``now`` exists."""
    first = processing("First", outputs={"out": "s3://b/First"}, program=("-c", _WRITE, _OUT))
    path = root / "failing.json"
    second = processing("Second", {"in": output_of("First", "out")}, **keys)
    entry = second["Arguments"]["AppSpecification"]["ContainerEntrypoint"]
    entry[1:] = ["-c", LATER, str(root / "now"), {"Get": "Parameters.Word"}]
    parameters = (parameter("Word", DefaultValue="x"),)
    path.write_text(json.dumps(document(first, second, parameters=parameters)))
    return path


_OUT = "/opt/ml/processing/output/out"
_WRITE = "import pathlib, sys; pathlib.Path(sys.argv[1], 'x').write_text('x')"


def run(root: Path, definition: Path, *arguments: str) -> Result:
    return invoke(
        *("run", "--definition", str(definition), "--workdir", str(root / "runs"), *arguments)
    )


def retry(root: Path, *arguments: str) -> Result:
    return invoke("retry", "--workdir", str(root / "runs"), *arguments)


def test_failed_step_shows_the_end_of_its_log_and_what_continues(tmp_path: Path) -> None:
    result = run(tmp_path, failing(tmp_path))
    assert result.exit_code == 1
    lines = [line.strip() for line in result.stderr.splitlines()]
    assert lines[-20:-1] == [f"line {number}" for number in range(11, 30)]
    assert lines[-1] == f"log: {tmp_path / 'runs/executions/local-0001/logs/Second.log'}"
    assert f"retry local-0001 --workdir {tmp_path / 'runs'}" in result.stdout


@pytest.mark.parametrize("named", [True, False])
def test_failed_execution_continues_with_its_own_definition(tmp_path: Path, *, named: bool) -> None:
    definition = failing(tmp_path)
    run(tmp_path, definition, "--parameter", "Word=y")
    before = execution_record(tmp_path)
    (tmp_path / "now").touch()
    definition.unlink()
    result = retry(tmp_path, *(["local-0001"] if named else []), "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    after = execution_record(tmp_path)
    assert (after["status"], after["parameters"]["Word"]) == ("Succeeded", "y")
    assert after["steps"]["First"] == before["steps"]["First"]
    assert json_output(result)["execution_id"] == "local-0001"
    assert not (tmp_path / "runs" / "executions" / "local-0002").exists()


def test_log_of_the_new_attempt_alone_is_shown(tmp_path: Path) -> None:
    run(tmp_path, failing(tmp_path))
    path = tmp_path / "runs" / "executions" / "local-0001" / "definition.json"
    path.write_text(path.read_text().replace("range(30)", "range(2)"))
    shown = [line.strip() for line in retry(tmp_path).stderr.splitlines()]
    assert [line for line in shown if line.startswith("line ")] == ["line 0", "line 1"]


def test_selection_and_reused_results_are_those_of_the_execution(tmp_path: Path) -> None:
    definition = failing(tmp_path)
    run(tmp_path, definition)
    run(tmp_path, definition, "--only", "Second")
    (tmp_path / "now").touch()
    assert retry(tmp_path).exit_code == 0
    after = execution_record(tmp_path, 2)
    assert after["steps"]["First"]["reused_from"] == "local-0001"
    assert after["status"] == "Succeeded"


def test_execution_that_has_succeeded_is_not_retried(tmp_path: Path) -> None:
    (tmp_path / "now").touch()
    run(tmp_path, failing(tmp_path))
    assert_refused(retry(tmp_path, "local-0001"), 1, "local-0001", "--like")


@pytest.mark.parametrize("name", ["request.json", "definition.json"])
@pytest.mark.parametrize("content", [None, "{"])
def test_execution_without_a_usable_request_is_not_retried(
    tmp_path: Path, name: str, content: str | None
) -> None:
    run(tmp_path, failing(tmp_path))
    path = tmp_path / "runs" / "executions" / "local-0001" / name
    path.unlink()
    if content:
        path.write_text(content)
    assert_refused(retry(tmp_path, "local-0001"), 1, "local-0001")


def test_unknown_execution_is_a_usage_error(tmp_path: Path) -> None:
    assert_refused(retry(tmp_path, "local-0001"), 2, "local-0001")


def test_changed_input_is_a_warning_and_a_deleted_one_an_error(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("1")
    definition = failing(tmp_path)
    step = json.loads(definition.read_text())
    step["Steps"][1]["Arguments"]["ProcessingInputs"].append(
        {
            "InputName": "rows",
            "S3Input": {"S3Uri": "s3://x/rows.csv", "LocalPath": "/opt/ml/processing/input/rows"},
        }
    )
    definition.write_text(json.dumps(step))
    run(tmp_path, definition, "--input", f"s3://x/rows.csv={rows}")
    assert "warning" not in retry(tmp_path).stderr
    rows.write_text("2")
    assert "warning: the content of input s3://x/rows.csv has changed" in retry(tmp_path).stderr
    rows.unlink()
    assert_refused(retry(tmp_path), 1, "s3://x/rows.csv")


def test_changed_code_is_a_warning_with_the_command_that_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = steps_pipeline(tmp_path, code=True)
    archive = str(tiny_dataset(tmp_path / "reviews.tar"))
    run(tmp_path, definition, "--dataset", archive, "--parameter", "Depth=fail")
    assert BROKEN not in retry(tmp_path).stderr
    monkeypatch.setattr(retry_module, "packed_name", lambda: "other.pyz")
    errors = retry(tmp_path).stderr
    assert BROKEN in errors
    assert "run --like local-0001 --from Fit" in errors


def test_deleted_code_is_an_error(tmp_path: Path) -> None:
    definition = steps_pipeline(tmp_path, code=True)
    archive = str(tiny_dataset(tmp_path / "reviews.tar"))
    run(tmp_path, definition, "--dataset", archive, "--parameter", "Depth=fail")
    shutil.rmtree(tmp_path / "runs" / "s3" / "sentiment-local" / "code")
    assert_refused(retry(tmp_path), 1, "code", "--like local-0001")


def test_function_is_imported_from_its_folder_and_its_change_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = tmp_path / "code" / "functions.py"
    functions.parent.mkdir()
    functions.write_text("def notify(event):\n    raise ValueError('not yet')\n")
    definition = tmp_path / "definition.json"
    step = {"Name": "Notify", "Type": "Lambda", "FunctionArn": "aws", "Arguments": {"A": "1"}}
    definition.write_text(json.dumps(document(step)))
    monkeypatch.chdir(functions.parent)
    assert run(tmp_path, definition, "--handler", "Notify=functions:notify").exit_code == 1
    monkeypatch.chdir(tmp_path)
    assert "warning" not in retry(tmp_path).stderr
    functions.write_text("def notify(event):\n    return {}\n")
    result = retry(tmp_path)
    assert result.exit_code == 0, result.output
    assert "warning: the function of step Notify has changed" in result.stderr
