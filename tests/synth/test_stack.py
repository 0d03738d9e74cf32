"""The stack's names, dependencies, outputs and code asset."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from infra.console import studio_url
from tests.support.templates import (
    ACCOUNT,
    REGION,
    Template,
    deployed_definition,
    of_type,
    outputs,
    the_pipeline,
)

NAMED = {
    "AWS::SageMaker::Pipeline": "PipelineName",
    "AWS::SageMaker::ModelPackageGroup": "ModelPackageGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::Events::Rule": "Name",
    "AWS::Scheduler::Schedule": "Name",
}


def _given_names(template: Template) -> dict[tuple[str, str], str]:
    return {
        (kind, logical_id): resource["Properties"][key]
        for kind, key in NAMED.items()
        for logical_id, resource in of_type(template, kind).items()
        if key in resource.get("Properties", {})
    }


def test_pipeline_name_is_lowercase_like_its_arn(template: Template) -> None:
    name = the_pipeline(template)["Properties"]["PipelineName"]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)


def test_pipeline_depends_on_permissions_and_group(template: Template) -> None:
    # An execution that starts at once must find both.
    waits_for = set(the_pipeline(template)["DependsOn"])
    assert set(of_type(template, "AWS::IAM::Policy")) <= waits_for
    assert set(of_type(template, "AWS::SageMaker::ModelPackageGroup")) <= waits_for


def test_environments_have_no_common_names(dev: Template, prod: Template) -> None:
    in_dev, in_prod = set(_given_names(dev).values()), set(_given_names(prod).values())
    assert in_dev
    assert in_prod
    assert in_dev & in_prod == set()


def test_every_name_contains_its_environment(dev: Template, prod: Template) -> None:
    for template, name in ((dev, "dev"), (prod, "prod")):
        assert all(name in given.split("-") for given in _given_names(template).values())


def test_outputs_name_pipeline_bucket_and_console_page(dev: Template) -> None:
    found = outputs(dev)
    [bucket] = of_type(dev, "AWS::S3::Bucket")
    assert found["PipelineName"] == "sentiment-dev"
    assert found["PipelineArn"] == f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/sentiment-dev"
    assert found["BucketName"] == bucket.lower()
    assert found["ConsoleUrl"] == studio_url(REGION)


def test_outputs_are_also_parameters_below_the_name_of_the_environment(template: Template) -> None:
    found = outputs(template)
    parameters = {
        item["Properties"]["Name"]: item["Properties"]["Value"]
        for item in of_type(template, "AWS::SSM::Parameter").values()
    }
    prefix = f"/{found['PipelineName']}"
    assert parameters == {f"{prefix}/{name}": value for name, value in found.items()}


def _code_file(template: Template) -> str:
    parameters = json.loads(deployed_definition(template))["Parameters"]
    [value] = [item["DefaultValue"] for item in parameters if item["Name"] == "CodeFile"]
    assert isinstance(value, str)
    return value


def _assets(assembly: Any, name: str) -> dict[str, Any]:
    manifest = json.loads((assembly.folder / f"sentiment-{name}.assets.json").read_text())
    files: dict[str, Any] = manifest["files"]
    return files


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_code_file_is_the_key_of_the_uploaded_asset(assembly: Any, name: str) -> None:
    keys = {
        destination["objectKey"]
        for asset in _assets(assembly, name).values()
        for destination in asset["destinations"].values()
    }
    code_file = _code_file(assembly.templates[name])
    assert code_file.endswith(".pyz")
    assert code_file in keys


def test_code_asset_is_uploaded_as_a_single_file(assembly: Any) -> None:
    [asset] = [
        asset
        for asset in _assets(assembly, "dev").values()
        if asset["source"]["path"].endswith(".pyz")
    ]
    assert asset["source"]["packaging"] == "file"


def test_code_asset_runs_without_installed_packages(assembly: Any) -> None:
    [asset] = assembly.folder.glob("*.pyz")

    ended = subprocess.run(
        [sys.executable, "-I", str(asset), "download", "--help"],
        cwd=asset.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 0, ended.stderr
    assert "--uri" in ended.stdout


def test_environments_share_the_code_asset(dev: Template, prod: Template) -> None:
    assert _code_file(dev) == _code_file(prod)
