"""`sentiment run` of a part of a pipeline, and with the parameter values of another execution."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.support.archives import tiny_dataset
from tests.support.aws_samples import ID, deploy
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.local_samples import execution_record
from tests.support.scripted_aws import ScriptedAws
from tests.support.steps_pipeline import steps_pipeline


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the definition and a work folder with a whole execution of Depth 7."""
    root = tmp_path_factory.mktemp("first")
    archive = str(tiny_dataset(root / "reviews.tar"))
    ended = run(root, "--dataset", archive, "--parameter", "Depth=7")
    assert ended.exit_code == 0, ended.output
    return root


@pytest.fixture
def root(first: Path, tmp_path: Path) -> Path:
    """A copy of the folder."""
    folder = tmp_path / "first"
    shutil.copytree(first / "runs" / "executions", folder / "runs" / "executions")
    shutil.copytree(first / "runs" / "s3", folder / "runs" / "s3")
    path = folder / "runs" / "executions" / "local-0001" / "execution.json"
    path.write_text(path.read_text().replace(str(first / "steps.json"), str(folder / "steps.json")))
    return folder


def run(root: Path, *arguments: str, stdin: str | None = None) -> Result:
    definition = str(steps_pipeline(root))
    workdir = str(root / "runs")
    words = ("run", "--definition", definition, "--workdir", workdir, *arguments)
    return invoke(*words, input=stdin)


def origins(result: Result) -> dict[str, str | None]:
    """The execution whose result each step has; None for those that it performed."""
    return {step["name"]: step["reused_from"] for step in json_output(result)["steps"]}


def values(root: Path, number: int) -> tuple[str, str, str]:
    """The execution's dataset (its name), Depth and Limit."""
    found = execution_record(root, number)["parameters"]
    return Path(found["DatasetUri"]).name, found["Depth"], found["Limit"]


def test_selected_step_runs_with_reused_results(root: Path) -> None:
    assert origins(run(root, "--only", "Check", "--json")) == {"Fit": "local-0001", "Check": None}


def test_reused_results_are_shown_and_the_json_is_alone_on_stdout(root: Path) -> None:
    shown = run(root, "--from", "Fit")
    assert "reused (local-0001)" in shown.stderr
    assert run(root, "--from", "Fit", "--json").stderr == ""


def test_values_of_reused_results_are_kept(root: Path) -> None:
    run(root, "--only", "Check", "--parameter", "Limit=2")
    assert values(root, 2) == ("reviews.tar", "7", "2")


def test_values_that_no_reused_result_depends_on_are_not_kept(root: Path) -> None:
    run(root, "--from", "Fit")
    assert values(root, 2) == ("reviews.tar", "5", "1")


def test_other_value_than_that_of_a_reused_result_is_a_warning(root: Path) -> None:
    result = run(root, "--only", "Check", "--parameter", "Depth=9")
    assert "warning: Depth is 9, but was 7 when Fit ran\n" in result.stderr
    assert values(root, 2)[1] == "9"


def test_execution_to_reuse_can_be_chosen(root: Path) -> None:
    run(root, "--from", "Fit", "--parameter", "Depth=9")
    newest = run(root, "--only", "Check", "--json")
    assert origins(newest)["Fit"] == "local-0002"
    chosen = run(root, "--only", "Check", "--reuse", "local-0001", "--json")
    assert origins(chosen)["Fit"] == "local-0001"


def test_executions_of_other_definitions_are_not_reused(root: Path) -> None:
    path = root / "runs" / "executions" / "local-0001" / "execution.json"
    path.write_text(path.read_text().replace("steps.json", "other.json"))
    assert run(root, "--only", "Check").exit_code == 1
    assert run(root, "--only", "Check", "--reuse", "local-0001").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "mention"),
    [
        (("--only", "Chek"), 2, "did you mean Check?"),
        (("--only", "Check", "--reuse", "local-0099"), 2, "local-0099"),
        (("--reuse", "local-0001"), 2, "--only"),
        (("--from", "Check", "--until", "Load"), 2, "no step is selected"),
        (("--like", "local-0099"), 2, "local-0099"),
    ],
    ids=["unknown-step", "unknown-execution", "reuse-alone", "empty", "unknown-like"],
)
def test_selection_that_names_nothing_is_a_usage_error(
    root: Path, arguments: tuple[str, ...], code: int, mention: str
) -> None:
    assert_refused(run(root, *arguments), code, mention)
    assert not (root / "runs" / "executions" / "local-0002").exists()


def test_results_that_were_deleted_are_not_reused(root: Path) -> None:
    shutil.rmtree(root / "runs" / "s3" / "b" / "Fit")
    assert_refused(run(root, "--only", "Check"), 1, "Fit", "--reuse")
    assert_refused(run(root, "--only", "Check", "--reuse", "local-0001"), 1, "Fit")


def test_forced_step_runs_again(root: Path) -> None:
    given = ("--like", "local-0001", "--json")

    def cached(*options: str) -> list[str]:
        steps = json_output(run(root, *given, *options))["steps"]
        return [step["name"] for step in steps if step["cached"]]

    cached()
    assert cached() == ["Load", "Fit", "Check"]
    assert cached("--force", "Fit") == ["Load", "Check"]
    assert cached("--no-cache") == []


def test_values_of_an_execution_are_repeated_with_its_dataset(root: Path) -> None:
    result = run(root, "--like", "local-0001", "--parameter", "Limit=3", "--json")
    assert json_output(result)["demo"] is False
    assert values(root, 2) == ("reviews.tar", "7", "3")


def test_given_dataset_overrides_that_of_the_repeated_execution(root: Path) -> None:
    other = str(tiny_dataset(root / "other.tar"))
    run(root, "--like", "local-0001", "--dataset", other)
    assert values(root, 2) == ("other.tar", "7", "1")


def test_results_of_the_repeated_execution_are_preferred(root: Path) -> None:
    run(root, "--from", "Fit", "--parameter", "Depth=9")
    result = run(root, "--only", "Check", "--like", "local-0001", "--json")
    assert origins(result)["Fit"] == "local-0001"
    assert values(root, 3)[1] == "7"


def test_values_of_an_execution_on_aws_are_repeated(root: Path, aws: ScriptedAws) -> None:
    deploy(aws)
    listed = [
        {"Name": name, "Value": value}
        for name, value in (("DatasetUri", "s3://b/raw/x.tar"), ("Depth", "8"), ("CodeFile", "x"))
    ]
    aws.pages("ListPipelineParametersForExecution", "PipelineParameters", listed)
    defaults = {"Parameters": [{"Name": "Depth"}, {"Name": "Limit", "DefaultValue": "2"}]}
    deployed = {"PipelineDefinition": json.dumps(defaults)}
    aws.on("DescribePipelineDefinitionForExecution", deployed)
    assert_refused(run(root, "--like", ID), 2, ID, "--dataset")
    dataset = str(tiny_dataset(root / "other.tar"))
    assert run(root, "--like", ID, "--dataset", dataset).exit_code == 0
    assert values(root, 2) == ("other.tar", "8", "2")


def entries(**values: Any) -> str:
    return json.dumps([{"Name": name, "Value": value} for name, value in values.items()])


def test_parameters_are_read_from_a_file_and_from_stdin(root: Path) -> None:
    file = root / "parameters.json"
    file.write_text(entries(Depth=3, Limit="4"))
    given = ("--like", "local-0001", "--parameters")
    run(root, *given, str(file), "--parameter", "Limit=6")
    assert values(root, 2)[1:] == ("3", "6")
    wrapped = f'{{"PipelineParameters": {entries(Depth="2")}}}'
    run(root, *given, "-", stdin=wrapped)
    assert values(root, 3)[1:] == ("2", "1")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "{}",
        '{"Depth": "5"}',
        '[{"Name": "Depth"}]',
        '[{"Name": "Depth", "Value": null}]',
        '[{"Name": "Depth", "Value": "5", "Type": "String"}]',
        '[{"Name": "Depth", "Value": "5"}, {"Name": "Depth", "Value": "6"}]',
        '[{"Name": "Dept", "Value": "5"}]',
    ],
    ids=["no-json", "empty", "object", "no-value", "null", "other-key", "twice", "unknown"],
)
def test_unusable_file_of_parameters_is_a_usage_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "parameters.json"
    file.write_text(content)
    assert_refused(run(tmp_path, "--parameters", str(file)), 2)
    assert not (tmp_path / "runs").exists()
