"""`sentiment start` of selected steps: the request, reused results, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local_runner.execution.record import PipelineExecution
from local_runner.workdir import Workdir
from tests.support.aws_samples import (
    ID,
    PIPELINE_ARN,
    SUCCEEDED,
    definition,
    deploy,
    execution,
    execution_arn,
    job_name,
    pipeline,
    step,
    summary,
)
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import ScriptedAws, error

EARLIER = "earlier00000"
_STARTED = "started00000"
ALL_FROM_TRAIN = [
    "Train",
    "CreateModel",
    "Package",
    "Transform",
    "Evaluate",
    "QualityGate",
    "RegisterModel",
    "Reject",
]
Answer = dict[str, Any]


@dataclass
class Executions:
    """Executions of the pipeline, newest first, as AWS describes them."""

    aws: ScriptedAws
    statuses: dict[str, str] = field(default_factory=dict)
    steps: dict[str, Sequence[Answer]] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        name: str = ID,
        status: str = "Succeeded",
        steps: Sequence[Answer] = SUCCEEDED,
        text: str | None = None,
        **values: str,
    ) -> None:
        self.statuses[name], self.steps[name], self.values[name] = status, steps, values
        self.definitions[name] = text or definition()
        listed = [summary(it, known) for it, known in self.statuses.items() if it != _STARTED]
        self.aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", listed)

    def script(self) -> None:
        def of(answers: Any) -> Any:
            return lambda request: answers(request["PipelineExecutionArn"].rpartition("/")[2])

        on = self.aws.on
        on("ListPipelineExecutions", {"PipelineExecutionSummaries": []})
        on("DescribePipelineExecution", of(lambda it: execution(self.statuses[it], it)))
        on("ListPipelineExecutionSteps", of(lambda it: {"PipelineExecutionSteps": self.steps[it]}))
        on("ListPipelineParametersForExecution", of(lambda it: parameters(self.values[it])))
        on(
            "DescribePipelineDefinitionForExecution",
            of(lambda it: {"PipelineDefinition": self.definitions[it]}),
        )
        self.statuses[_STARTED] = "Executing"
        on("StartPipelineExecution", {"PipelineExecutionArn": execution_arn(_STARTED)})
        name = job_name("CreateModel")
        model = {"ModelName": name, "ModelArn": f"arn/{name}", "CreationTime": 0}
        self.aws.pages("ListModels", "Models", [model])

    def request(self) -> dict[str, Any]:
        [request] = self.aws.requests("StartPipelineExecution")
        return dict(request)

    def source(self) -> str | None:
        source = self.request()["SelectiveExecutionConfig"].get("SourcePipelineExecutionArn", "")
        return str(source).rpartition("/")[2] or None

    def selected(self) -> list[str]:
        return [
            it["StepName"] for it in self.request()["SelectiveExecutionConfig"]["SelectedSteps"]
        ]

    def sent(self) -> dict[str, str]:
        return {it["Name"]: it["Value"] for it in self.request()["PipelineParameters"]}


def parameters(values: dict[str, str]) -> Answer:
    return {"PipelineParameters": [{"Name": key, "Value": it} for key, it in values.items()]}


@pytest.fixture
def known(aws: ScriptedAws) -> Executions:
    """A pipeline without executions."""
    deploy(aws)
    found = Executions(aws)
    found.script()
    return found


def start(*options: str) -> Any:
    result = invoke("start", *options)
    assert result.exit_code == 0, result.output
    return result


# The request


def test_selected_steps_are_sent_with_the_source_of_their_results(known: Executions) -> None:
    known.add()
    result = start("--from", "Train", "--parameter", "MaxDepth=7")
    assert known.selected() == ALL_FROM_TRAIN
    assert known.source() == ID
    assert known.sent() == {"MaxDepth": "7"}
    assert f"reused ({ID}): Preprocess\n" in result.stderr


def test_steps_that_need_no_results_have_no_source(known: Executions) -> None:
    start("--until", "Preprocess")
    assert known.selected() == ["Download", "Preprocess"]
    assert known.source() is None


def test_whole_pipeline_has_no_configuration(known: Executions) -> None:
    start()
    assert "SelectiveExecutionConfig" not in known.request()


def test_newest_ended_execution_with_all_results_is_the_source(known: Executions) -> None:
    known.add("executing000", "Executing")
    known.add("stopped00000", "Stopped")
    known.add("failedearly0", "Failed", [step("Download"), step("Preprocess", status="Failed")])
    known.add("failedlate00", "Failed", [step("Preprocess"), step("Train", status="Failed")])
    known.add(EARLIER)
    start("--from", "Train")
    assert known.source() == "failedlate00"


def test_repeated_execution_is_preferred_as_the_source(known: Executions) -> None:
    known.add()
    known.add(EARLIER, MaxDepth="9")
    start("--from", "Train", "--like", EARLIER)
    assert known.source() == EARLIER
    assert known.sent() == {"MaxDepth": "9"}


def test_execution_whose_model_was_deleted_is_not_the_source(known: Executions) -> None:
    deleted = [*SUCCEEDED[:3], step("CreateModel", "Model", job="deleted"), *SUCCEEDED[4:]]
    known.add("cleaned00000", steps=deleted)
    known.add()
    start("--from", "Transform")
    assert known.source() == ID
    assert_refused(
        invoke("start", "--from", "Transform", "--reuse", "cleaned00000"), 1, "CreateModel"
    )


# Parameters of reused results


def test_values_of_the_reused_results_are_kept(known: Executions) -> None:
    known.add(VocabularySize="900", MaxDepth="9", DatasetUri="s3://b/mine.tar")
    result = start("--from", "Train")
    assert known.sent() == {"VocabularySize": "900", "DatasetUri": "s3://b/mine.tar"}
    assert "VocabularySize=900" in result.stderr


def test_default_of_the_source_is_kept_if_another_was_deployed_since(known: Executions) -> None:
    known.add(text=definition(VocabularySize=900))
    start("--from", "Train")
    assert known.sent() == {"VocabularySize": "900"}


def test_changed_values_and_code_are_warned_of(known: Executions) -> None:
    known.add(text=definition(CodeFile="old.pyz"), VocabularySize="900")
    result = start("--from", "Train", "--parameter", "VocabularySize=800")
    assert known.sent() == {"VocabularySize": "800"}
    warnings = [line for line in result.stderr.splitlines() if line.startswith("warning")]
    assert sorted("VocabularySize" in line for line in warnings) == [False, True]


def test_values_of_results_that_the_source_reused_are_those_of_their_execution(
    known: Executions,
) -> None:
    reused: Answer = {
        "SelectiveExecutionResult": {"SourcePipelineExecutionArn": execution_arn(EARLIER)}
    }
    known.add(steps=[step("Preprocess", **reused), step("Train", "TrainingJob")], MaxDepth="9")
    known.add(EARLIER, VocabularySize="900")
    start("--only", "Train", "--reuse", ID)
    assert known.source() == ID
    assert known.sent() == {"VocabularySize": "900"}


# Refusals


@pytest.mark.parametrize(
    ("options", "code", "parts"),
    [
        (("--only", "Trian"), 2, ("'Trian'", "Train")),
        (("--only", "Preprocess", "--only", "CreateModel"), 2, ("Train",)),
        (("--reuse", ID), 2, ("--only",)),
        (("--only", "Train", "--reuse", "local-0001"), 2, ("local-0001",)),
        (("--only", "Train", "--reuse", "unknown00000"), 2, ("unknown00000",)),
        (("--only", "Train", "--reuse", "stopped00000"), 1, ("Stopped",)),
        (("--only", "Train", "--reuse", "nothing00000"), 1, ("Preprocess",)),
        (("--only", "Reject"), 2, ("QualityGate",)),
        (("--no-cache",), 2, ("cache_days",)),
        (("--force", "Train"), 2, ("cache_days",)),
    ],
    ids=[
        "unknown step",
        "gap between steps",
        "nothing selected",
        "local source",
        "unknown source",
        "stopped source",
        "missing results",
        "other branch",
        "no cache",
        "forced",
    ],
)
def test_what_the_service_would_refuse_is_refused_before_the_start(
    known: Executions, options: tuple[str, ...], code: int, parts: tuple[str, ...]
) -> None:
    known.add()
    known.add("stopped00000", "Stopped")
    known.add("nothing00000", "Failed", [step("Download", status="Failed")])
    known.aws.on("DescribePipelineExecution", _described(known))
    assert_refused(invoke("start", *options), code, *parts)
    assert "StartPipelineExecution" not in known.aws.names()


def _described(known: Executions) -> Any:
    def answer(request: dict[str, Any]) -> Answer:
        name = request["PipelineExecutionArn"].rpartition("/")[2]
        if name not in known.statuses:
            raise error("ResourceNotFound", f"{PIPELINE_ARN} has none", "Describe")
        return execution(known.statuses[name], name)

    return answer


def test_missing_results_of_all_executions_are_named(known: Executions) -> None:
    known.add(status="Failed", steps=[step("Download", status="Failed")])
    assert_refused(invoke("start", "--from", "Train"), 1, "Preprocess", "--reuse")


# Repeated parameters


def test_values_of_an_execution_are_repeated_under_given_ones(known: Executions) -> None:
    known.add(MaxDepth="9", Eta="0.3", CodeFile="other.pyz", text=definition(NumRound=77))
    start("--like", ID, "--parameter", "Eta=0.4")
    assert known.sent() == {"MaxDepth": "9", "Eta": "0.4", "NumRound": "77"}


def test_unknown_parameter_is_not_repeated(known: Executions) -> None:
    known.add(Removed="9")
    known.aws.on("DescribePipeline", pipeline())
    assert "Removed" in start("--like", ID).stderr
    assert known.sent() == {}


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PipelineExecution:
    """A local execution in the current folder, as `run` stores it."""
    monkeypatch.chdir(tmp_path)
    values: dict[str, Any] = {
        "CodeFile": "local.pyz",
        "DatasetUri": "https://host/reviews.tar",
        "MaxDepth": 9,
        "TrainingInstanceType": "ml.m5.24xlarge",
    }
    found = PipelineExecution("local-0001", "", values, "2026-11-22T20:00:00+00:00", "Succeeded")
    Workdir(tmp_path / "runs").executions.save(found)
    return found


def test_values_of_a_local_execution_are_repeated_without_its_instances(
    known: Executions, local: PipelineExecution
) -> None:
    start("-e", "dev", "--like", local.execution_id)
    assert known.sent() == {"DatasetUri": "https://host/reviews.tar", "MaxDepth": "9"}


def test_dataset_on_this_machine_is_not_repeated(
    known: Executions, local: PipelineExecution, tmp_path: Path
) -> None:
    local.parameters = {"DatasetUri": "file:///my%20reviews.tar"}
    Workdir(tmp_path / "runs").executions.save(local)
    refused = invoke("start", "--like", local.execution_id)
    assert_refused(refused, 2, local.execution_id, "--dataset", "/my reviews.tar")
    start("--like", local.execution_id, "--dataset", "s3://b/k.tar")
    assert known.sent()["DatasetUri"] == "s3://b/k.tar"


def test_execution_of_another_environment_is_repeated_by_its_arn(known: Executions) -> None:
    known.add(MaxDepth="9")
    start("-e", "prod", "--like", execution_arn())
    assert known.sent() == {"MaxDepth": "9"}


# Dry run


def test_dry_run_shows_reused_results_and_starts_nothing(known: Executions) -> None:
    known.add(VocabularySize="900")
    result = start("--from", "Train", "--until", "CreateModel", "--dry-run", "--json")
    assert "StartPipelineExecution" not in known.aws.names()
    found = json_output(result)
    verdicts = [(it["name"], it["verdict"], it["execution_id"]) for it in found["steps"]]
    assert verdicts[0] == ("Preprocess", "reused", ID)
    assert [name for name, _, _ in verdicts] == ["Preprocess", "Train", "CreateModel"]
    assert found["parameters"]["VocabularySize"] == 900


# Executions of selected steps


def test_reused_step_is_shown_with_its_origin_and_no_duration(known: Executions) -> None:
    source = {"SourcePipelineExecutionArn": execution_arn(EARLIER)}
    reused = step("Preprocess", seconds=500) | {"SelectiveExecutionResult": source}
    known.add(steps=[reused, step("Train", "TrainingJob", seconds=60)])
    found = json_output(invoke("watch", ID, "--json"))
    assert [it["reused_from"] for it in found["steps"]] == [EARLIER, None]
    assert (found["steps"][0]["seconds"], found["seconds"]) == (0, 60)


def test_reused_step_costs_nothing(known: Executions) -> None:
    source = {"SourcePipelineExecutionArn": execution_arn(EARLIER)}
    known.add(steps=[step("Preprocess") | {"SelectiveExecutionResult": source}])
    found = json_output(invoke("cost", ID, "--json"))
    assert (found["jobs"], found["cached_steps"], found["reused_steps"]) == ([], [], ["Preprocess"])


def test_execution_without_an_evaluation_is_compared_with_the_reason(known: Executions) -> None:
    known.add(steps=[step("Train", "TrainingJob")])
    known.add(EARLIER, steps=[step("Train", "TrainingJob")], MaxDepth="9")
    result = invoke("compare", ID, EARLIER)
    assert result.exit_code == 0, result.output
    assert "MaxDepth" in result.stdout
    assert "step Evaluate" in result.stdout
