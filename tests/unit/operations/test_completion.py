"""Shell completion, by click's own protocol."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_runner.execution.record import SUCCEEDED, StepExecution
from operations.options import DEFINITION
from operations.presets import preset_names
from processing.names import Parameter, Step
from tests.support.command_line import invoke
from tests.support.local_samples import executed, register


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def completed(
    monkeypatch: pytest.MonkeyPatch, *words: str, shell: str = "bash"
) -> list[tuple[str, str]]:
    """The completions of the last word, as (kind, value): what the shell's script asks for."""
    monkeypatch.setenv("_SENTIMENT_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(("sentiment", *words)))
    # fish passes the last word itself, the others its position.
    monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words)))
    lines = invoke().stdout.strip().splitlines()
    if shell == "bash":
        return [(kind, value) for kind, _, value in (line.partition(",") for line in lines)]
    if shell == "zsh":
        return list(zip(lines[::3], lines[1::3], strict=True))
    return [
        (kind, value.split("\t")[0]) for kind, _, value in (line.partition(",") for line in lines)
    ]


def values(monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    return [value for _, value in completed(monkeypatch, *words)]


def test_commands_are_completed(monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    found = completed(monkeypatch, "pre", shell=shell)
    assert found == [("plain", "predict"), ("plain", "preflight")]


def test_options_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert values(monkeypatch, "run", "--max") == ["--max-parallel-steps"]


@pytest.mark.parametrize("command", ["run", "show", "start"])
def test_presets_are_completed(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("_SENTIMENT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"sentiment {command} --preset ")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert invoke().stdout.splitlines() == [f"plain,{name}" for name in preset_names()]


@pytest.mark.parametrize("command", [("run",), ("show",), ("start",)])
def test_parameters_are_completed(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    assert values(monkeypatch, *command, "--parameter", "Num") == ["NumRound="]


@pytest.mark.parametrize("command", [("score", "x"), ("start", "--scoring"), ("show", "--scoring")])
def test_parameters_of_the_scoring_pipeline_are_completed(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    found = values(monkeypatch, *command, "--parameter", "Drift")
    assert found == [f"{Parameter.DRIFT_THRESHOLD}="]


def test_values_of_an_enumeration_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = json.loads(DEFINITION.read_text())["Parameters"]
    [choices] = [it["EnumValues"] for it in parameters if it["Name"] == "ModelApprovalStatus"]
    found = values(monkeypatch, "run", "--parameter", "ModelApprovalStatus=")
    assert found == [f"ModelApprovalStatus={choice}" for choice in choices]
    assert values(monkeypatch, "run", "--parameter", "Nope=") == []


def test_default_ranges_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    [found] = values(monkeypatch, "tune", "--range", "MaxD")
    assert found.startswith("MaxDepth=")


def test_environments_are_completed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environments = {"test": {}, "live": {"region": "eu-west-1"}, "trial": {}}
    path = tmp_path / "cdk.json"
    path.write_text(json.dumps({"context": {"environments": environments}}))
    monkeypatch.setattr("operations.environments.CDK_JSON", path)
    assert values(monkeypatch, "watch", "-e", "t") == ["test", "trial"]


@pytest.mark.parametrize("content", ["", "[]", '{"context": {"environments": []}}'])
def test_damaged_cdk_json_has_no_environments(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str
) -> None:
    (tmp_path / "cdk.json").write_text(content)
    monkeypatch.setattr("operations.environments.CDK_JSON", tmp_path / "cdk.json")
    assert values(monkeypatch, "watch", "-e", "t") == []


def test_steps_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert values(monkeypatch, "logs", "Tra") == [Step.TRAIN, Step.TRANSFORM]
    assert values(monkeypatch, "logs", "Re") == [Step.REGISTER_MODEL, Step.REJECT]
    assert values(monkeypatch, "logs", "--scoring", "Jo") == [Step.JOIN]


def test_steps_and_parameters_of_another_definition_are_completed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "definition.json"
    document = {"Parameters": [{"Name": "Alpha", "Type": "Float"}], "Steps": [{"Name": "Alone"}]}
    path.write_text(json.dumps(document))
    options = ("run", "--definition", str(path))
    assert values(monkeypatch, *options, "--only", "") == ["Alone"]
    assert values(monkeypatch, *options, "--parameter", "") == ["Alpha="]
    path.write_text("{")
    assert values(monkeypatch, *options, "--only", "") == []


def test_steps_of_the_local_execution_are_completed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("Older", "Newer"):
        executed(tmp_path, SUCCEEDED, StepExecution(name, "Processing"))
    place = ("--workdir", str(tmp_path))
    assert values(monkeypatch, "logs", *place, "") == ["Newer"]
    assert values(monkeypatch, "logs", *place, "--execution", "local-0001", "") == ["Older"]
    for other in (("--workdir", str(tmp_path / "none")), ("-e", "dev")):
        assert values(monkeypatch, "logs", *other, "Tra") == [Step.TRAIN, Step.TRANSFORM]


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--dataset", "re"),
        ("start", "--dataset", "re"),
        ("show", "--definition", "re"),
        ("score", "re"),
        ("score", "x", "--output", "re"),
        ("diff", "main", "re"),
        ("invoke", "re"),
    ],
)
def test_paths_are_completed_by_the_shell(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    assert [kind for kind, _ in completed(monkeypatch, *words)] == ["file"]


def test_source_defines_the_completion(monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("_SENTIMENT_COMPLETE", f"{shell}_source")
    result = invoke()
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"_SENTIMENT_COMPLETE={shell}_complete" in result.stdout


@pytest.fixture
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The default work folder, with two executions and two versions."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIMENT_ENVIRONMENT", "dev")  # local names are valid nevertheless
    for _ in range(2):
        executed(tmp_path / "runs", SUCCEEDED)
    register(tmp_path / "runs", "Approved", "Rejected")
    return tmp_path / "runs"


@pytest.mark.parametrize(
    "words",
    [
        ("report",),
        ("stop",),
        ("scores",),
        ("logs", "Train", "--execution"),
        ("compare", "local-0001"),
        ("run", "--reuse"),
        ("run", "--like"),
    ],
    ids=" ".join,
)
def test_local_executions_are_completed_newest_first(
    monkeypatch: pytest.MonkeyPatch, workdir: Path, words: tuple[str, ...]
) -> None:
    assert values(monkeypatch, *words, "lo") == ["local-0002", "local-0001"]


def test_executions_of_another_work_folder_are_completed(
    monkeypatch: pytest.MonkeyPatch, workdir: Path, tmp_path: Path
) -> None:
    executed(tmp_path / "other", SUCCEEDED)
    assert values(monkeypatch, "report", "--workdir", str(tmp_path / "other"), "lo") == [
        "local-0001"
    ]
    assert values(monkeypatch, "report", "--workdir", str(tmp_path / "none"), "lo") == []


@pytest.mark.parametrize("words", [("report", "-e", "dev"), ("watch",), ("cost",)], ids=" ".join)
def test_executions_on_aws_are_not_completed(
    monkeypatch: pytest.MonkeyPatch, workdir: Path, words: tuple[str, ...]
) -> None:
    assert values(monkeypatch, *words, "lo") == []


def test_local_versions_are_completed_newest_first(
    monkeypatch: pytest.MonkeyPatch, workdir: Path
) -> None:
    assert values(monkeypatch, "approve", "") == ["2", "1"]
    assert values(monkeypatch, "score", "x", "--model", "") == ["2", "1"]
    assert values(monkeypatch, "approve", "-e", "dev", "") == []
    (workdir / "model-registry/sentiment-local/1.json").write_text("{")
    assert values(monkeypatch, "approve", "") == []


def test_metrics_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert values(monkeypatch, "list", "--sort", "a") == ["accuracy", "auc"]
