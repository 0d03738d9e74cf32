"""`sentiment preflight` in an account that has everything, and in one that lacks something."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.clean_room import DEFINITION
from tests.support.emulated_pipelines import ROLE
from tests.support.emulator_process import Emulator

KEY = "raw/reviews.csv"
DEFAULTS = {
    "ArtifactsUri": {"DefaultValue": "s3://sentiment-dev"},
    "DatasetUri": {"DefaultValue": f"s3://sentiment-dev/{KEY}"},
    "ModelPackageGroupName": {"DefaultValue": "sentiment-dev"},
}
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"


@pytest.fixture(scope="module", autouse=True)
def _deployed(emulator: Emulator) -> None:
    """The part of a deployment that preflight checks."""
    definition = json.loads(DEFINITION.read_text(encoding="utf-8"))
    for parameter in definition["Parameters"]:
        parameter.update(DEFAULTS.get(parameter["Name"], {}))
    emulator.client("sagemaker").create_pipeline(
        PipelineName="sentiment-dev", PipelineDefinition=json.dumps(definition), RoleArn=ROLE
    )
    emulator.client("s3").create_bucket(Bucket="sentiment-dev")
    emulator.client("s3").put_object(Bucket="sentiment-dev", Key=KEY, Body=b"text,label")
    set_bootstrap(emulator, "30")


def set_bootstrap(emulator: Emulator, version: str) -> None:
    emulator.client("ssm").put_parameter(
        Name=BOOTSTRAP, Value=version, Type="String", Overwrite=True
    )


def checks(emulator: Emulator, code: int) -> dict[str, dict[str, Any]]:
    """Run the command, require its exit code, and return the checks that failed by name."""
    ended = emulator.sentiment("preflight", "--json")
    assert (ended.returncode, ended.stderr) == (code, "")
    found = json.loads(ended.stdout)["checks"]
    return {item["name"]: item for item in found if item["status"] != "ok"}


def test_every_check_passes(emulator: Emulator) -> None:
    assert checks(emulator, 0) == {}
    shown = emulator.sentiment("preflight").stdout.splitlines()
    assert {line[0] for line in shown} == {"✓"}
    names = [line.split(":")[0][2:] for line in shown]
    account = ["credentials", "region", "CDK bootstrap"]
    assert names[:6] == [*account, "pipeline", "bucket", "dataset"]
    assert sum(name.startswith("quota ml.") for name in names) == 3
    assert sum(name.startswith("image sagemaker-") for name in names) == 2


def test_zero_quota_fails(emulator: Emulator) -> None:
    name = "ml.m5.large for training job usage"
    emulator.set_quota(name, 0)
    found = checks(emulator, 1)
    emulator.set_quota(name, 20)
    assert list(found) == [f"quota {name}"]
    assert found[f"quota {name}"]["message"].startswith("0, but 1 required; ")


@pytest.mark.parametrize("version", [None, "5"])
def test_missing_or_old_bootstrap_fails(emulator: Emulator, version: str | None) -> None:
    if version:
        set_bootstrap(emulator, version)
    else:
        emulator.client("ssm").delete_parameter(Name=BOOTSTRAP)
    found = checks(emulator, 1)
    set_bootstrap(emulator, "30")
    assert list(found) == ["CDK bootstrap"]
    assert "make bootstrap" in found["CDK bootstrap"]["message"]


def test_missing_image_fails(emulator: Emulator) -> None:
    sagemaker = emulator.client("sagemaker")
    definition = sagemaker.describe_pipeline(PipelineName="sentiment-dev")["PipelineDefinition"]
    wrong = definition.replace("sagemaker-xgboost:3.0-5", "sagemaker-xgboost:9.9-9")
    sagemaker.update_pipeline(PipelineName="sentiment-dev", PipelineDefinition=wrong)
    found = checks(emulator, 1)
    sagemaker.update_pipeline(PipelineName="sentiment-dev", PipelineDefinition=definition)
    assert list(found) == ["image sagemaker-xgboost:9.9-9"]
    assert "Requested image not found" in found["image sagemaker-xgboost:9.9-9"]["message"]


def test_missing_dataset_fails(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    s3.delete_object(Bucket="sentiment-dev", Key=KEY)
    found = checks(emulator, 1)
    s3.put_object(Bucket="sentiment-dev", Key=KEY, Body=b"text,label")
    assert list(found) == ["dataset"]
    assert KEY in found["dataset"]["message"]
