"""`sentiment start --dry-run`: SageMaker's step cache, foreseen from earlier executions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.archives import tiny_dataset
from tests.support.aws_samples import (
    DEPLOYED,
    definition,
    describe_jobs,
    execution_arn,
    pipeline,
    step,
    summary,
)
from tests.support.command_line import assert_refused, forecast_lines, invoke, json_output
from tests.support.runner_samples import Document, document, output_of, parameter, processing
from tests.support.scripted_aws import ScriptedAws, error

FIRST, SECOND, THIRD = "first0000000", "second000000", "third0000000"
NAMES = ("Download", "Preprocess", "Train")


class Aws:
    """The pipeline with its earlier executions, in the order of their starts."""

    def __init__(self, aws: ScriptedAws, text: str | None = None) -> None:
        self.aws = aws
        self._text = text or definition()
        self._values: dict[str, dict[str, str]] = {}
        self._steps: dict[str, list[dict[str, Any]]] = {}
        self._definitions: dict[str, str] = {}
        aws.on("DescribePipeline", pipeline(self._text))
        aws.on("ListPipelineExecutions", self._executions)
        aws.on("ListPipelineExecutionSteps", self._of(self._steps, "PipelineExecutionSteps"))
        aws.on("ListPipelineParametersForExecution", self._parameters)
        aws.on("DescribePipelineDefinitionForExecution", self._definition)
        describe_jobs(aws)

    def ran(
        self,
        execution_id: str,
        *steps: dict[str, Any],
        text: str | None = None,
        **values: str,
    ) -> None:
        """Add an execution with these parameters."""
        self._steps[execution_id] = list(steps) or [ended(name) for name in NAMES]
        self._values[execution_id] = values
        self._definitions[execution_id] = text or self._text

    def _executions(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        return {"PipelineExecutionSummaries": [summary(it) for it in reversed(self._steps)]}

    def _parameters(self, request: dict[str, Any]) -> dict[str, Any]:
        values = self._values[_id(request)]
        return {"PipelineParameters": [{"Name": name, "Value": it} for name, it in values.items()]}

    def _definition(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"PipelineDefinition": self._definitions[_id(request)], "CreationTime": now()}

    @staticmethod
    def _of(found: dict[str, list[dict[str, Any]]], key: str) -> Any:
        return lambda request: {key: found[_id(request)]}


def _id(request: dict[str, Any]) -> str:
    return str(request["PipelineExecutionArn"]).rpartition("/")[2]


def now() -> datetime:
    return datetime.now(UTC)


def ended(name: str, source: str = "", days: float = 1, status: str = "Succeeded") -> Document:
    """A step that ended some days ago, with the result of another execution."""
    time = now() - timedelta(days=days)
    hit = {"CacheHitResult": {"SourcePipelineExecutionArn": execution_arn(source)}}
    times = {"StartTime": time, "EndTime": time}
    return {**step(name, status=status), **times, **(hit if source else {})}


def forecast(*arguments: str) -> tuple[str, ...]:
    """What is printed of the first three steps."""
    found = forecast_lines(invoke("start", "--dry-run", *arguments))
    return tuple(found[name] for name in NAMES)


@pytest.fixture
def executed(aws: ScriptedAws) -> Aws:
    """The pipeline and one execution."""
    found = Aws(aws)
    found.ran(FIRST)
    return found


CACHED = f"cached ({FIRST})"


def test_nothing_is_cached_before_the_first_execution(aws: ScriptedAws) -> None:
    Aws(aws)
    assert forecast() == ("runs (not run before)",) * 3


def test_unchanged_steps_are_cached(executed: Aws) -> None:
    found = forecast_lines(invoke("start", "--dry-run"))
    assert [found[name] for name in NAMES] == [CACHED] * 3
    assert found["Transform"] == "runs (never cached)"
    assert found["QualityGate"] == "runs (depends on the results of Evaluate)"
    assert found["Reject"] == "runs if QualityGate is false"
    assert "StartPipelineExecution" not in executed.aws.names()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("MaxDepth=7",), (CACHED, CACHED, "runs (MaxDepth 5 -> 7)")),
        (
            ("VocabularySize=300",),
            (CACHED, "runs (VocabularySize 5000 -> 300)", "runs (results of Preprocess changed)"),
        ),
        (
            ("DatasetUri=https://host/other.tar",),
            (
                "runs (DatasetUri aclImdb_v1.tar.gz -> other.tar)",
                "runs (results of Download changed)",
                "runs (results of Preprocess changed)",
            ),
        ),
        (("GateThreshold=0.9",), (CACHED, CACHED, CACHED)),
    ],
    ids=["hyperparameter", "features", "dataset", "gate"],
)
@pytest.mark.usefixtures("executed")
def test_changed_parameters_are_reasons(values: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert forecast(*(f"--parameter={value}" for value in values)) == expected


def test_changed_code_is_a_reason(aws: ScriptedAws) -> None:
    found = Aws(aws, definition(CodeFile="new.pyz"))
    found.ran(FIRST, text=definition(CodeFile="old.pyz"))
    download, preprocess, _ = forecast()
    assert download == "runs (code changed)"
    assert preprocess == "runs (code changed, results of Download changed)"


def test_changed_image_is_a_reason(aws: ScriptedAws) -> None:
    found = Aws(aws)
    found.ran(
        FIRST, text=definition().replace("sagemaker-xgboost:3.0-5", "sagemaker-xgboost:1.7-1")
    )
    assert forecast()[2] == "runs (image sagemaker-xgboost:1.7-1 -> sagemaker-xgboost:3.0-5)"


def test_origin_of_a_cached_result_is_the_execution_that_performed_the_step(executed: Aws) -> None:
    executed.ran(SECOND, *(ended(name, FIRST) for name in NAMES))
    executed.ran(THIRD, *(ended(name, SECOND) for name in NAMES))
    assert forecast() == (CACHED,) * 3


def test_older_results_are_found_behind_newer_ones(executed: Aws) -> None:
    executed.ran(
        SECOND, ended("Download", FIRST), ended("Preprocess", FIRST), ended("Train"), MaxDepth="7"
    )
    assert forecast() == (CACHED,) * 3
    assert forecast("--parameter", "MaxDepth=7")[2] == f"cached ({SECOND})"
    assert forecast("--parameter", "MaxDepth=8")[2] == "runs (MaxDepth 7 -> 8)"


def test_result_expires(aws: ScriptedAws) -> None:
    found = Aws(aws)
    found.ran(FIRST, ended("Download", days=31), ended("Preprocess"), ended("Train"))
    assert forecast()[0] == "runs (cache expired (30 d))"


def test_age_is_that_of_the_step_that_was_performed(aws: ScriptedAws) -> None:
    found = Aws(aws)
    found.ran(FIRST, *(ended(name, days=31) for name in NAMES))
    found.ran(SECOND, *(ended(name, FIRST) for name in NAMES))
    assert forecast()[0] == "runs (cache expired (30 d))"


def test_failed_step_runs_again(aws: ScriptedAws) -> None:
    found = Aws(aws)
    found.ran(FIRST, ended("Download"), ended("Preprocess", status="Failed"))
    assert forecast()[1:] == (f"runs (didn't succeed in {FIRST})", "runs (not run before)")


def test_execution_whose_definition_cannot_be_read_is_passed_over(executed: Aws) -> None:
    executed.ran(SECOND, text="{}")
    executed.ran(THIRD, text="{")
    assert forecast() == (CACHED,) * 3


def test_executions_that_must_not_be_read_are_an_error(executed: Aws) -> None:
    denied = error("AccessDeniedException", "not authorized")
    executed.aws.on("DescribePipelineDefinitionForExecution", denied)
    assert_refused(invoke("start", "--dry-run"), 1)


def test_fixed_output_uri_is_the_same_argument_after_a_step_that_runs(aws: ScriptedAws) -> None:
    cache = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"}}
    used = [parameter(name, DefaultValue=value) for name, value in DEPLOYED.items()]
    text = json.dumps(
        document(
            processing(
                "Load",
                {},
                {"out": "s3://b/fixed"},
                ("Load", {"Get": "Parameters.Word"}),
                **cache,
            ),
            processing("Fit", {"in": output_of("Load", "out")}, {}, ("Fit",), **cache),
            parameters=(*used, parameter("Word", DefaultValue="a")),
        )
    )
    found = Aws(aws, text)
    found.ran(FIRST, ended("Load"), ended("Fit"))
    result = forecast_lines(invoke("start", "--dry-run", "--parameter", "Word=b"))
    assert (result["Load"], result["Fit"]) == ("runs (Word a -> b)", CACHED)


def test_local_dataset_is_not_uploaded(executed: Aws, tmp_path: Path) -> None:
    archive = tiny_dataset(tmp_path / "reviews.tar")
    assert forecast("--dataset", str(archive))[0].endswith("-> reviews.tar)")
    assert not {"HeadObject", "PutObject"} & set(executed.aws.names())


@pytest.mark.usefixtures("executed")
def test_json_has_verdicts_and_reasons() -> None:
    result = invoke("start", "--dry-run", "--parameter", "MaxDepth=7", "--json")
    found = json_output(result)
    assert found["parameters"]["MaxDepth"] == 7
    train = next(it for it in found["steps"] if it["name"] == "Train")
    assert train["verdict"] == "runs"
    assert train["reasons"] == [
        {"before": 5, "kind": "parameter", "name": "MaxDepth", "now": 7, "text": "MaxDepth 5 -> 7"}
    ]


@pytest.mark.usefixtures("executed")
def test_invalid_request_is_refused() -> None:
    assert_refused(invoke("start", "--dry-run", "--parameter", "MaxDeph=7"), 2, "MaxDepth")
