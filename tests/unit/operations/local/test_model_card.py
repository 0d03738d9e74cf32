"""`sentiment card` in the work folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from local_runner.execution.record import SUCCEEDED, StepExecution
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.local_samples import ARN, executed, register

CARD = {
    "intended_uses": {"intended_uses": "a | b", "purpose_of_model": "first"},
    "training_details": {
        "training_job_details": {
            "training_datasets": ["reviews_of_2026.csv"],
            "user_provided_hyper_parameters": [{"name": "max_depth", "value": "5"}],
        }
    },
    "evaluation_details": [
        {
            "name": "Test set",
            "metric_groups": [
                {
                    "name": "Quality",
                    "metric_data": [
                        {"name": "auc", "notes": "95%", "type": "number", "value": 0.94},
                        {
                            "name": "matrix",
                            "type": "matrix",
                            "value": [[1, 2], [3, 4]],
                            "x_axis_name": ["predicted no", "predicted yes"],
                            "y_axis_name": ["no", "yes"],
                        },
                    ],
                }
            ],
        }
    ],
    "additional_information": {"custom_details": {"how to reproduce": "sentiment run"}},
}


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    """Versions 1 (approved) and 2 (waiting), of which the second has a card and a commit."""
    folder = tmp_path / "runs"
    register(folder, "Approved", "PendingManualApproval")
    put(folder, json.dumps(CARD))
    return folder


def put(folder: Path, content: str) -> None:
    """Give version 2 this content of its card."""
    path = folder / "model-registry/sentiment-local/2.json"
    package = json.loads(path.read_text())
    package["ModelCard"] = {"ModelCardContent": content, "ModelCardStatus": "PendingReview"}
    package["MetadataProperties"] = {"CommitId": "28634772", "GeneratedBy": "arn:execution"}
    path.write_text(json.dumps(package))


def card(workdir: Path, *arguments: str) -> Result:
    return invoke("card", *arguments, "--local", "--workdir", str(workdir))


def printed(workdir: Path) -> list[str]:
    return [line for line in card(workdir).stdout.splitlines() if line]


def test_card_of_the_newest_version_is_printed_as_markdown(workdir: Path) -> None:
    lines = printed(workdir)
    assert lines[0] == "# Model card of version 2"
    assert [line for line in lines if line.startswith("#")][1:] == [
        *("## Intended uses", "## Training details", "## Evaluation details", "### Test set"),
        "## Additional information",
    ]
    for row in (
        "| approval | `PendingManualApproval` |",
        "| commit | `28634772` |",
        "| `max_depth` | `5` |",
        "| `auc` | `0.94` | 95% |",
        "| Matrix | predicted no | predicted yes |",
        "| yes | 3 | 4 |",
        "| how to reproduce | `sentiment run` |",
        "**Training datasets**: `reviews_of_2026.csv`",
    ):
        assert row in lines


def test_purpose_comes_first_and_text_is_escaped(workdir: Path) -> None:
    lines = printed(workdir)
    start = lines.index("## Intended uses")
    assert lines[start + 1 : start + 3] == [
        "**Purpose of model**: first",
        r"**Intended uses**: a \| b",
    ]


def test_json_has_the_content_and_the_origin(workdir: Path) -> None:
    assert json_output(card(workdir, "2", "--json")) == {
        "approval": "PendingManualApproval",
        "arn": f"{ARN}/2",
        "card": CARD,
        "card_status": "PendingReview",
        "commit": "28634772",
        "generated_by": "arn:execution",
        "version": 2,
    }


def test_version_is_found_by_the_execution_that_registered_it(workdir: Path) -> None:
    properties = {"ModelPackageArn": f"{ARN}/2"}
    step = StepExecution("RegisterModel", "RegisterModel", SUCCEEDED, properties=properties)
    execution = executed(workdir, SUCCEEDED, step)
    assert json_output(card(workdir, execution, "--json"))["version"] == 2


def test_version_without_a_card_is_refused(workdir: Path) -> None:
    assert_refused(card(workdir, "1"), 1, f"{ARN}/1", "no model card")


@pytest.mark.parametrize("content", ["no JSON", "[1]"])
def test_damaged_card_is_refused(workdir: Path, content: str) -> None:
    put(workdir, content)
    assert_refused(card(workdir, "2"), 1, f"{ARN}/2", "JSON")


def test_unknown_version_is_refused_with_those_that_exist(workdir: Path) -> None:
    assert_refused(card(workdir, "7"), 2, "2 (PendingManualApproval)")


def test_work_folder_without_versions_is_refused(tmp_path: Path) -> None:
    assert_refused(card(tmp_path), 1, "no model versions")


@pytest.mark.parametrize(
    "content",
    [
        {"business_details": {"line_of_business": "Reviews"}, "evaluation_details": []},
        {"own": [["a"], {"b": 1}], "model_overview": {"model_artifact": ["s3://b/m"]}},
        {"evaluation_details": [{"metric_groups": [{"metric_data": [{"value": []}]}]}]},
    ],
    ids=["business", "unknown", "without-names"],
)
def test_other_cards_are_printed(workdir: Path, content: Any) -> None:
    put(workdir, json.dumps(content))
    assert card(workdir).exit_code == 0
