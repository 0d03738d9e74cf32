"""`sentiment run --input`: definitions of others on the user's data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from local_runner.definition.parsing import parse
from local_runner.plan import make_plan
from operations.local.deployment_values import PLACEHOLDERS
from operations.local.inputs import mapped_files, warn_of_unread
from processing.names import Parameter
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.runner_samples import (
    Document,
    compare,
    condition,
    document,
    parameter,
    processing,
)

_EXECUTION = "Execution.PipelineExecutionId"

_LIST = (
    "import pathlib, sys\n"
    "source, target = map(pathlib.Path, sys.argv[1:])\n"
    "names = sorted(str(path.relative_to(source)) for path in source.rglob('*.csv'))\n"
    "(target / 'names.txt').write_text(' '.join(names))\n"
)
_FOLDERS = ("/opt/ml/processing/input/rows", "/opt/ml/processing/output/names")
LIST = processing(
    "List",
    {"rows": {"Get": "Parameters.Rows"}},
    {"names": "s3://bucket/names"},
    ("-c", _LIST, *_FOLDERS),
    CacheConfig={"Enabled": True},
)
ROWS = parameter("Rows", DefaultValue="s3://bucket/raw")


def run(tmp_path: Path, *arguments: str, definition: Document | None = None) -> Result:
    path = tmp_path / "definition.json"
    path.write_text(json.dumps(definition or document(LIST, parameters=(ROWS,))))
    workdir = ("--workdir", str(tmp_path / "runs"))
    return invoke("run", "--definition", str(path), *workdir, *arguments)


def folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1,2\n")
    return tmp_path / "data"


def test_folder_is_the_objects_below_a_prefix(tmp_path: Path) -> None:
    data = folder(tmp_path, "a.csv", "deep/b.csv")
    result = run(tmp_path, "--json", "--input", f"s3://bucket/raw={data}")
    assert json_output(result)["status"] == "Succeeded", result.output
    listed = (tmp_path / "runs/s3/bucket/names/names.txt").read_text()
    assert listed == "a.csv deep/b.csv"


def test_no_dataset_and_no_code_are_stored_for_a_definition_without_them(tmp_path: Path) -> None:
    result = run(tmp_path, "--json", "--input", f"s3://bucket/raw={folder(tmp_path, 'a.csv')}")
    assert json_output(result)["demo"] is None
    assert not (tmp_path / "runs/datasets").exists()
    assert not (tmp_path / "runs/s3/sentiment-local").exists()


def test_step_is_cached_until_the_content_of_a_mapped_file_changes(tmp_path: Path) -> None:
    data = folder(tmp_path, "a.csv")
    cached = []
    for text in ("1,2\n", "1,2\n", "1,2,3\n"):
        (data / "a.csv").write_text(text)
        document = json_output(run(tmp_path, "--json", "--input", f"s3://bucket/raw={data}"))
        cached.append(document["steps"][0]["cached"])
    assert cached == [False, True, False]


def test_missing_input_is_named_before_anything_runs(tmp_path: Path) -> None:
    option = "--input s3://bucket/raw=PATH"
    assert_refused(run(tmp_path), 2, "step List", "input rows", "s3://bucket/raw", option)
    assert not (tmp_path / "runs").exists()


def test_every_missing_input_is_named(tmp_path: Path) -> None:
    step = processing("List", {"one": "s3://bucket/1", "two": "s3://bucket/2"})
    result = run(tmp_path, definition=document(step))
    assert result.exit_code == 2
    assert "s3://bucket/1=PATH" in result.stderr
    assert "s3://bucket/2=PATH" in result.stderr


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_mapping_that_no_step_reads_is_a_warning_with_the_nearest_uri_first(
    tmp_path: Path, as_json: tuple[str, ...]
) -> None:
    data = folder(tmp_path, "a.csv")
    steps = [
        processing(name, {"rows": uri}, {"names": f"s3://out/{name}"}, ("-c", _LIST, *_FOLDERS))
        for name, uri in (("One", "s3://bucket/labels"), ("Two", "s3://bucket/raw"))
    ]
    options = [f"--input={uri}={data}" for uri in ("s3://bucket/raw", "s3://bucket/labels")]
    typed = f"--input=s3://bucket/rwa={data}"
    result = run(tmp_path, *options, typed, *as_json, definition=document(*steps))
    assert result.exit_code == 0
    [warning] = [line for line in result.stderr.splitlines() if line.startswith("warning: ")]
    assert "--input s3://bucket/rwa: " in warning
    assert "s3://bucket/raw, s3://bucket/labels" in warning
    if as_json:
        assert json_output(result)["status"] == "Succeeded"


def test_missing_object_that_a_program_may_read_is_a_warning(tmp_path: Path) -> None:
    uri = "s3://bucket/words.txt"
    step = processing("Print", program=("-c", "print('done')", uri))
    result = run(tmp_path, definition=document(step))
    assert result.exit_code == 0
    [warning] = [line for line in result.stderr.splitlines() if line.startswith("warning: ")]
    assert all(words in warning for words in ("step Print", f"--input {uri}=PATH"))
    words = tmp_path / "words.txt"
    words.write_text("good")
    provided = run(tmp_path, f"--input={uri}={words}", definition=document(step))
    assert "warning: " not in provided.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        {"rows": "s3://bucket/raw/a"},
        {"rows": {"Std:Join": {"On": "/", "Values": ["s3://bucket/raw", {"Get": _EXECUTION}]}}},
        {"argument": "s3://bucket/raw/a.csv"},
    ],
    ids=["prefix", "known in part", "argument of a program"],
)
def test_mapping_that_may_be_read_gives_no_warning(
    tmp_path: Path, arguments: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    data = folder(tmp_path, "a.csv")
    argument = arguments.pop("argument", "x")
    step = processing("List", arguments, program=("-c", "print(1)", argument))
    plan = make_plan(parse(json.dumps(document(step))), {}, {})
    given = [f"s3://bucket/raw={data}"]
    warn_of_unread(given, plan)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("flag", ["true", "false"])
def test_missing_input_of_a_branch_is_refused_if_parameters_select_the_branch(
    tmp_path: Path, flag: str
) -> None:
    compared = compare("Equals", {"Get": "Parameters.Retrain"}, "true")
    gate = condition("Gate", compared, if_steps=(LIST,))
    parameters = (ROWS, parameter("Retrain", DefaultValue=flag))
    result = run(tmp_path, definition=document(gate, parameters=parameters))
    assert result.exit_code == (2 if flag == "true" else 0)


@pytest.mark.parametrize("is_taken", [True, False])
def test_missing_input_in_a_branch_fails_the_step_only_if_it_runs(
    tmp_path: Path, is_taken: bool
) -> None:
    """SageMaker starts such an execution, and it succeeds if the branch isn't taken."""
    code = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    words = (code, "/opt/ml/processing/output/r/r.json", json.dumps({"x": int(is_taken)}))
    check = processing("Check", outputs={"r": "s3://bucket/r"}, program=("-c", *words))
    check["PropertyFiles"] = [{"PropertyFileName": "R", "OutputName": "r", "FilePath": "r.json"}]
    path = {"PropertyFile": {"Get": "Steps.Check.PropertyFiles.R"}, "Path": "x"}
    compared = compare("Equals", {"Std:JsonGet": path}, 1)
    gate = condition("Gate", compared, if_steps=(LIST,))
    result = run(tmp_path, "--json", definition=document(check, gate, parameters=(ROWS,)))
    assert (result.exit_code, result.stderr.count("warning: ")) == (int(is_taken), 1)
    summary = json_output(result)
    assert summary["status"] == ("Failed" if is_taken else "Succeeded")
    if is_taken:
        failed = next(step for step in summary["steps"] if step["name"] == "List")
        assert "--input s3://bucket/raw=PATH" in failed["failure_reason"]


def test_dataset_of_a_definition_without_the_parameter_is_refused(tmp_path: Path) -> None:
    data = folder(tmp_path, "a.csv")
    mapping = ("--input", f"s3://bucket/raw={data}")
    assert_refused(run(tmp_path, *mapping, "--dataset", str(data)), 2, "DatasetUri", "--input")


@pytest.mark.parametrize(
    ("uri", "name", "expected"),
    [
        ("s3://b/raw", "data", "s3://b/raw/a.csv"),
        ("s3://b/raw/", "data", "s3://b/raw/a.csv"),
        ("s3://b", "data", "s3://b/a.csv"),
        ("s3://b/code.py", "data/a.csv", "s3://b/code.py"),
        ("s3://b/raw/", "data/a.csv", "s3://b/raw/a.csv"),
        ("s3://b", "data/a.csv", "s3://b/a.csv"),
        ("s3://b/year=2026/", "data", "s3://b/year=2026/a.csv"),
    ],
)
def test_mapping_names_objects(tmp_path: Path, uri: str, name: str, expected: str) -> None:
    data = folder(tmp_path, "a.csv")
    assert mapped_files([f"{uri}={tmp_path / name}"]) == {expected: data / "a.csv"}


@pytest.mark.parametrize(
    "given", ["raw", "s3://bucket/raw", "s3://bucket/raw=", "data=s3://bucket/raw", "s3://=."]
)
def test_malformed_mapping_is_refused(tmp_path: Path, given: str) -> None:
    assert_refused(run(tmp_path, "--input", given), 2, "--input", "s3://BUCKET/PREFIX=PATH")


def test_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert_refused(run(tmp_path, "--input", f"s3://bucket/raw={missing}"), 2, str(missing))


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert_refused(run(tmp_path, "--input", f"s3://b/raw={tmp_path / 'data'}"), 2, "no files")


def test_object_that_is_mapped_twice_is_refused(tmp_path: Path) -> None:
    mapping = ("--input", f"s3://bucket/raw={folder(tmp_path, 'a.csv')}")
    assert_refused(run(tmp_path, *mapping, *mapping), 2, "s3://bucket/raw/a.csv")


def test_outputs_of_other_definitions_are_listed_by_step(tmp_path: Path) -> None:
    again = processing(
        "Again",
        {"rows": "s3://bucket/raw"},
        {"names": "s3://bucket/again"},
        ("-c", _LIST, *_FOLDERS),
    )
    definition = document(LIST, again, parameters=(ROWS,))
    mapping = ("--input", f"s3://bucket/raw={folder(tmp_path, 'a.csv')}")
    summary = json_output(run(tmp_path, "--json", *mapping, definition=definition))
    store = tmp_path / "runs/s3/bucket"
    assert sorted(summary["outputs"], key=lambda output: str(output["step"])) == [
        {"step": "Again", "name": "names", "location": str(store / "again")},
        {"step": "List", "name": "names", "location": str(store / "names")},
    ]
    assert (summary["accuracy"], summary["gate"], summary["splits"]) == (None, None, None)
    printed = run(tmp_path, *mapping, definition=definition).stdout
    assert f"Again: names {store / 'again'}\n" in printed


def test_parameters_of_other_definitions_keep_their_defaults_and_have_no_ranges(
    tmp_path: Path,
) -> None:
    path = tmp_path / "definition.json"
    parameters = (
        parameter("ModelPackageGroupName", DefaultValue="Abalone"),
        parameter("ExecutionRoleArn"),
        parameter("MaxDepth", "Integer", DefaultValue=5),
    )
    path.write_text(json.dumps(document(processing("A"), parameters=parameters)))
    result = invoke("show", "--json", "--definition", str(path), "--parameter", "MaxDepth=-1")
    assert json_output(result)["parameters"] == {
        "ModelPackageGroupName": "Abalone",
        "ExecutionRoleArn": PLACEHOLDERS[Parameter.EXECUTION_ROLE_ARN],
        "MaxDepth": -1,
    }


def test_show_lists_the_inputs_to_map(tmp_path: Path) -> None:
    path = tmp_path / "definition.json"
    path.write_text(json.dumps(document(LIST, parameters=(ROWS,))))
    shown = json_output(invoke("show", "--json", "--definition", str(path)))
    assert shown["inputs"] == [{"step": "List", "name": "rows", "uri": "s3://bucket/raw"}]
    assert (
        "s3://bucket/raw (step List, input rows)"
        in invoke("show", "--definition", str(path)).stdout
    )


@pytest.mark.parametrize("pipeline", [(), ("--scoring",)])
def test_pipelines_of_this_project_need_no_inputs(pipeline: tuple[str, ...]) -> None:
    assert json_output(invoke("show", "--json", *pipeline))["inputs"] == []
