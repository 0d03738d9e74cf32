"""`sentiment diff` of synthesized templates: the effects of settings in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline_diff.diff import Diff, diff
from pipeline_diff.render.markdown import markdown
from tests.support.clean_room import DEFINITION
from tests.support.price_samples import stored_prices, table
from tests.support.templates import Assembly

Files = Callable[[str], Path]


def diffed(old: Path, new: Path) -> Diff:
    def deployed(environment: str) -> tuple[str, Any]:
        raise AssertionError(environment)

    return diff(str(old), str(new), deployed)


@pytest.fixture
def folder(assembly: Assembly) -> Path:
    """The assembly of the tests' environments."""
    return assembly.folder


@pytest.fixture
def dev(folder: Path) -> Path:
    return folder / "sentiment-dev.template.json"


def test_assembly_equals_itself(folder: Path) -> None:
    assert markdown(diffed(folder, folder)) == (
        "## sentiment-abroad, sentiment-dev, sentiment-prod\n\n"
        "**No changes to the pipeline or its permissions.**\n\n"
        "## sentiment-abroad (scoring), sentiment-dev (scoring), sentiment-prod (scoring)\n\n"
        "**No changes to the pipeline.**\n"
    )


def test_deployed_definition_differs_from_the_committed_one_only_in_parameters_and_tags(
    dev: Path,
) -> None:
    [found] = diffed(DEFINITION, dev).comparisons
    changed = {change.path.partition("[")[0] for step in found.steps for change in step.attributes}
    assert changed == {"Arguments.Tags"}
    assert not any((found.conditions, found.parameters, found.permissions))
    assert found.parameters_not_compared == (
        "ArtifactsUri",
        "CodeUri",
        "CodeFile",
        "ExecutionRoleArn",
        "ModelPackageGroupName",
    )


def test_another_region_changes_images_and_known_prices(folder: Path, tmp_path: Path) -> None:
    dev, abroad = (folder / f"sentiment-{name}.template.json" for name in ("dev", "abroad"))
    with stored_prices(tmp_path / "prices.json", table(m5_large=1.0)):
        text = markdown(diffed(dev, abroad))
    assert text.startswith("## sentiment-dev → sentiment-abroad\n")
    assert ".dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.0-5`" in text
    assert "no price for ml.m5.large in eu-west-1" in text
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
def test_effect_of_a_setting_is_described(
    setting: str, words: list[str], dev: Path, files: Files
) -> None:
    text = markdown(diffed(dev, files(setting)))
    assert [word for word in words if word not in text] == []


def test_lost_vpc_is_the_headline(dev: Path, files: Files) -> None:
    text = markdown(diffed(files("subnets"), dev))
    assert text.split("\n")[2].startswith("**6 steps lose VPC configuration, 6 steps changed, ")
