"""sentiment diff over what the CDK writes: settings told in words, and nothing made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline_diff.diff import Diff, diff
from pipeline_diff.render.markdown import markdown
from tests.support.clean_room import DEFINITION, ROOT
from tests.support.feature_templates import SETTINGS, synthesized


def diffed(old: Path, new: Path) -> Diff:
    def deployed(environment: str) -> tuple[str, Any]:
        raise AssertionError(environment)

    return diff(str(old), str(new), deployed)


@pytest.fixture
def folder(assembly: object) -> Path:
    """The assembly of the committed environments."""
    written: Path = assembly.folder  # type: ignore[attr-defined]
    return written


@pytest.fixture
def dev(folder: Path) -> Path:
    return folder / "sentiment-dev.template.json"


def test_an_assembly_equals_itself(folder: Path) -> None:
    assert markdown(diffed(folder, folder)) == (
        "## sentiment-abroad, sentiment-abroad (scoring), sentiment-dev, sentiment-dev (scoring), "
        "sentiment-prod, sentiment-prod (scoring)\n\n"
        "**No changes to the pipeline or its permissions.**\n"
    )


def test_the_deployed_definition_is_the_committed_one_and_what_the_deployment_fills_in(
    dev: Path,
) -> None:
    [found] = diffed(DEFINITION, dev).comparisons
    assert not found.differs
    assert found.parameters_not_compared == (
        "ArtifactsUri",
        "CodeUri",
        "CodeFile",
        "ExecutionRoleArn",
        "ModelPackageGroupName",
    )


def test_another_region_changes_images_and_what_is_known_of_the_cost(folder: Path) -> None:
    dev, abroad = (folder / f"sentiment-{name}.template.json" for name in ("dev", "abroad"))
    text = markdown(diffed(dev, abroad))
    assert text.startswith("## sentiment-dev → sentiment-abroad\n")
    assert ".dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.0-5`" in text
    assert "no price for ml.m5.large (processing) in eu-west-1" in text
    for step in ("Download", "Preprocess", "Train"):
        assert f"* `{step}`: its " in text


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (
            "no_network",
            ["* `Download` is removed", "* `Preprocess` no longer depends on `Download`"],
        ),
        (
            "champion_margin",
            [
                "* `Champion` (Processing) is added",
                "`measured >= GateThreshold (0.8) and measured >= required`",
            ],
        ),
        (
            "customer_key",
            [
                "| encryption key of `ResourceConfig` | — | `{KmsKeyArn}` = ",
                "| gained | `arn:aws:iam::<AccountId>:root` | `kms:*` (**wildcard**) "
                "| `<EncryptionKey>` | — |",
            ],
        ),
        (
            "spot",
            [
                "* `Train` (in every execution): its cache is disabled",
                "| managed spot training | — | `true` |",
            ],
        ),
        (
            "processing_engine",
            [
                "`SparkInstanceCount`",
                "sagemaker-spark-processing:3.5-cpu-py312-v1.3`",
            ],
        ),
        ("permission_boundary", ["| lost | `<ExecutionRole>` | permissions boundary added |"]),
    ],
)
def test_a_setting_is_told_in_words(
    setting: str, words: list[str], dev: Path, tmp_path: Path
) -> None:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    text = markdown(diffed(dev, synthesized(SETTINGS[setting], context, tmp_path)))
    assert [word for word in words if word not in text] == []


def test_a_network_of_its_own_that_is_given_up_heads_the_report(dev: Path, tmp_path: Path) -> None:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    text = markdown(diffed(synthesized(SETTINGS["subnets"], context, tmp_path), dev))
    assert text.split("\n")[2].startswith("**5 steps lose VPC configuration, 5 steps changed, ")
