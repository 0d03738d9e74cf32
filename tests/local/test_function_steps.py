"""Functions decorated with the SDK's ``@step``, from the definition that the SDK renders."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_runner import function_steps
from local_runner.errors import DefinitionError
from local_runner.inputs import external_inputs, missing_inputs
from local_runner.plan import Plan
from local_runner.platform.opt_ml import can_mount
from local_runner.refusals import notes
from local_runner.run import Observer, prepare, run
from local_runner.workdir import Workdir
from pipeline_steps.sdk import (
    ConditionLessThanOrEqualTo,
    ConditionStep,
    FailStep,
    ParameterFloat,
    Pipeline,
)
from tests.support.runner_samples import SKLEARN
from tests.support.sdk_uploads import BUCKET, rendered_with_uploads

ROLE = "arn:aws:iam::000000000000:role/example"


def split(count: int) -> dict[str, Any]:
    return {"rows": count, "parts": [count // 2, count - count // 2]}


def score(parts: dict[str, Any], factor: float) -> float:
    return float(parts["parts"][1] * factor)


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The definition, and a work folder with the objects that the SDK stored for it."""
    root = tmp_path_factory.mktemp("functions")
    return rendered_with_uploads(rendered, root), root


def rendered() -> str:
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.mlops.workflow.function_step import step

    session = Session(boto_session=boto3.Session(), default_bucket=BUCKET)

    def decorated(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        options = {"image_uri": SKLEARN, "role": ROLE, "instance_type": "ml.m5.large"}
        found: Callable[..., Any] = step(name=name, **options)(function)
        return found

    factor = ParameterFloat("Factor", default_value=2.0)
    parts = decorated("Split", split)(7)
    scored = decorated("Score", score)(parts, factor)
    gate = ConditionStep(
        name="Gate",
        conditions=[ConditionLessThanOrEqualTo(left=scored, right=parts["rows"])],
        if_steps=[],
        else_steps=[FailStep(name="TooLarge", error_message="too large")],
    )
    pipeline = Pipeline(
        name="example", parameters=[factor], steps=[gate], sagemaker_session=session
    )
    text: str = pipeline.definition()
    return text


def planned(text: str, **given: str) -> Plan:
    return prepare(text, given, {})


@pytest.mark.skipif(not can_mount(), reason="this machine can't mount /opt/ml")
def test_functions_get_parameters_and_results_and_conditions_read_them(
    definition: tuple[str, Path],
) -> None:
    text, root = definition
    execution = run(planned(text, Factor="3.0"), Workdir(root), Observer())
    assert {name: step.status for name, step in execution.steps.items()} == {
        "Split": "Succeeded",
        "Score": "Succeeded",
        "Gate": "Succeeded",
        "TooLarge": "Failed",
    }
    store = Workdir(root).store
    results = store.objects(BUCKET, "example/Score/")
    [file] = [file for key, file in results.items() if key.endswith("results.json")]
    assert json.loads(file.read_text())["Result"] == 12.0


def test_function_of_any_image_is_planned_with_a_note(definition: tuple[str, Path]) -> None:
    image = "1.dkr.ecr.us-east-1.amazonaws.com/example/python:3.11"
    assert list(notes(planned(definition[0]))) == []
    plan = planned(definition[0].replace(SKLEARN, image))
    assert [note.split(": ")[0] for note in notes(plan)] == ["step Split", "step Score"]
    assert all(image in note for note in notes(plan))


def test_stored_functions_are_inputs(definition: tuple[str, Path], tmp_path: Path) -> None:
    text, root = definition
    inputs = external_inputs(planned(text))
    assert missing_inputs(inputs, Workdir(root).store) == []
    missing = missing_inputs(inputs, Workdir(tmp_path).store)
    assert {(item.step, item.name) for item in missing} == {
        (step, name)
        for step in ("Split", "Score")
        for name in ("sagemaker_remote_function_bootstrap", "function", "arguments")
    }


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("_sdk_version", "", "uv pip install sagemaker=="),
        ("_sdk_version", "2.251.0", "uv pip install sagemaker=="),
        ("can_mount", False, "/opt/ml"),
    ],
    ids=["no-sdk", "other-sdk", "no-mount"],
)
def test_environment_that_cannot_call_the_functions_is_refused_in_the_plan(
    definition: tuple[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: Any,
    remedy: str,
) -> None:
    monkeypatch.setattr(function_steps, name, lambda: value)
    with pytest.raises(DefinitionError, match=f"step Split: .*{remedy}"):
        planned(definition[0])


def test_functions_stored_by_another_python_are_refused_in_the_plan(
    definition: tuple[str, Path],
) -> None:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    text = definition[0].replace(f'"{python}"', '"3.8"')
    with pytest.raises(DefinitionError, match=r"step Score: .*Python 3\.8"):
        planned(text)
