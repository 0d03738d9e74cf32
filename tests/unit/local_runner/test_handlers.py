"""Lambda and Callback steps run by a Python function that the user names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import DefinitionError
from local_runner.execution.record import StepExecution
from local_runner.run import Observer, interrupted, prepare, run
from local_runner.workdir import Workdir
from tests.support.runner_samples import Document, compare, condition, document, fail, parameter

CODE = """
calls = 0

def measured(event):
    print(f"measuring {event['Name']}")
    return {"Size": 3, "Rate": 0.5, "Ok": True, "Text": "x", "Extra": None}

def echo(event):
    return event

def lambda_handler(event, context):
    return {"Name": context.function_name, "Left": context.get_remaining_time_in_millis()}

def optional(event, context=None):
    return {"Name": str(context), "Left": 0}

def nothing(event):
    return None

def broken(event):
    raise ValueError("no such model")

number = 5
"""


def function_step(
    kind: str = "Lambda", outputs: Mapping[str, str] | None = None, **keys: Any
) -> Document:
    listed = [{"OutputName": it, "OutputType": of} for it, of in (outputs or {}).items()]
    target = {"Lambda": "FunctionArn", "Callback": "SqsQueueUrl"}[kind]
    arguments = {"Name": {"Get": "Parameters.P"}, "Size": "7"}
    step = {"Name": "Call", "Type": kind, "Arguments": arguments, target: "aws"}
    return {**step, "OutputParameters": listed, **keys}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "code"
    (path / "sub").mkdir(parents=True)
    (path / "functions.py").write_text(CODE)
    (path / "sub" / "inner.py").write_text("from functions import echo\n")
    (path / "damaged.py").write_text("import no_such_module\n")
    monkeypatch.chdir(path)
    return path


def plan(*steps: Document, handler: str = "functions:echo", **handlers: str) -> Any:
    text = json.dumps(document(*steps, parameters=(parameter("P", DefaultValue="p"),)))
    return prepare(text, {}, {}, {"Call": handler, **handlers} if handler else handlers)


def call(tmp_path: Path, step: Document, handler: str) -> tuple[StepExecution, list[str]]:
    lines: list[str] = []
    execution = run(
        plan(step, handler=handler), Workdir(tmp_path / "runs"), Observer(on_line=lines.append)
    )
    return execution.steps["Call"], lines


@pytest.mark.parametrize("kind", ["Lambda", "Callback"])
def test_function_gets_the_arguments_and_returns_the_outputs(tmp_path: Path, kind: str) -> None:
    outputs = {"Size": "Integer", "Rate": "Float", "Ok": "Boolean", "Text": "String"}
    record, lines = call(tmp_path, function_step(kind, outputs), "functions:measured")
    assert record.status == "Succeeded"
    assert record.properties == {
        "OutputParameters": {"Size": 3, "Rate": 0.5, "Ok": True, "Text": "x"}
    }
    assert lines == ["measuring p"]


@pytest.mark.parametrize(
    ("handler", "name"),
    [("lambda_handler", "functions:lambda_handler"), ("optional", "None")],
)
def test_function_of_two_arguments_gets_a_context(tmp_path: Path, handler: str, name: str) -> None:
    step = function_step(outputs={"Name": "String", "Left": "Integer"})
    record, _ = call(tmp_path, step, f"functions:{handler}")
    assert record.properties["OutputParameters"]["Name"] == name


def test_output_decides_a_condition(tmp_path: Path) -> None:
    output = {"Get": "Steps.Call.OutputParameters['Size']"}
    gate = condition("Gate", compare("Equals", output, 7), else_steps=(fail("Stop"),))
    planned = plan(function_step(outputs={"Size": "Integer"}), gate)
    execution = run(planned, Workdir(tmp_path / "runs"), Observer())
    assert execution.steps["Gate"].outcome is True


def test_module_of_a_package_is_found_in_the_current_folder(tmp_path: Path) -> None:
    record, _ = call(tmp_path, function_step(), "sub.inner:echo")
    assert record.status == "Succeeded"


@pytest.mark.parametrize(
    ("handler", "outputs", "words"),
    [
        ("functions:broken", {}, "ValueError: no such model"),
        ("functions:nothing", {"Size": "Integer"}, "must return an object with Size"),
        ("functions:echo", {"Name": "Integer"}, "Name must be of type Integer, got 'p'"),
    ],
)
def test_function_that_fails_fails_its_step(
    tmp_path: Path, handler: str, outputs: dict[str, str], words: str
) -> None:
    record, _ = call(tmp_path, function_step(outputs=outputs), handler)
    assert record.status == "Failed"
    assert words in record.failure_reason


def test_cached_call_is_repeated_if_the_function_has_changed(tmp_path: Path, folder: Path) -> None:
    step = function_step(CacheConfig={"Enabled": True})
    cached = [call(tmp_path, step, "functions:echo")[0].cached for _ in range(2)]
    (folder / "functions.py").write_text("def echo(event): return {}")
    assert [*cached, call(tmp_path, step, "functions:echo")[0].cached] == [False, True, False]


def test_killed_execution_is_not_continued_with_a_changed_function(
    tmp_path: Path, folder: Path
) -> None:
    call(tmp_path, function_step(), "functions:echo")
    path = tmp_path / "runs/executions/local-0001/execution.json"
    path.write_text(path.read_text().replace('"status": "Succeeded"', '"status": "Executing"'))
    before = interrupted(plan(function_step()), Workdir(tmp_path / "runs"))
    (folder / "functions.py").write_text("def echo(event): return {}")
    assert before
    assert interrupted(plan(function_step()), Workdir(tmp_path / "runs")) is None


REFUSED = {
    "none": ("", {}, "--handler Call=MODULE:FUNCTION"),
    "no function": ("functions", {}, "must be MODULE:FUNCTION, got 'functions'"),
    "missing module": ("none:echo", {}, "No module named 'none'"),
    "missing function": ("functions:none", {}, "module functions has no function none"),
    "not a function": ("functions:number", {}, "module functions has no function number"),
    "module that can't be imported": ("damaged:echo", {}, "No module named 'no_such_module'"),
    "other step": ("functions:echo", {"Other": "functions:echo"}, "step 'Other'; it has Call"),
}


@pytest.mark.parametrize(("handler", "others", "words"), REFUSED.values(), ids=REFUSED)
def test_unusable_handler_is_refused_in_the_plan(
    handler: str, others: dict[str, str], words: str
) -> None:
    with pytest.raises(DefinitionError) as refusal:
        plan(function_step(), handler=handler, **others)
    assert words in str(refusal.value)


def test_unknown_output_parameter_is_refused_in_the_plan() -> None:
    gate = condition("Gate", compare("Equals", {"Get": "Steps.Call.OutputParameters['X']"}, 1))
    with pytest.raises(DefinitionError, match="Call has no output parameter 'X'"):
        plan(function_step(outputs={"Size": "Integer"}), gate)


def test_output_parameter_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(DefinitionError, match="output Size: unknown type 'Number'"):
        plan(function_step(outputs={"Size": "Number"}))


def test_import_of_a_handler_has_no_credentials_of_the_user(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    (folder / "careful.py").write_text(
        "import os\nassert 'AWS_SECRET_ACCESS_KEY' not in os.environ\n"
        "def echo(event):\n    return event\n"
    )
    assert plan(function_step(), handler="careful:echo")
