"""The definition in the template is the committed one with the deployment's defaults."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from local_runner.run import prepare
from pipeline_steps.tags import PROJECT_TAG, with_tags
from tests.support.settings_cases import TRACKING_SERVER
from tests.support.templates import (
    ACCOUNT,
    Template,
    deployed_definition,
    of_type,
    the_one,
    the_pipeline,
)
from validation.definition import problems

DEPLOYED = {"ArtifactsUri", "CodeUri", "CodeFile", "ExecutionRoleArn", "ModelPackageGroupName"}


def _defaults(definition: dict[str, Any]) -> dict[str, Any]:
    return {item["Name"]: item.get("DefaultValue") for item in definition["Parameters"]}


def _without_deployed_defaults(definition: dict[str, Any]) -> dict[str, Any]:
    definition = with_tags(copy.deepcopy(definition), PROJECT_TAG)
    for parameter in definition["Parameters"]:
        if parameter["Name"] in DEPLOYED:
            parameter.pop("DefaultValue", None)
    return definition


def test_deployed_training_definition_is_the_committed_one_plus_defaults(
    template: Template, committed: dict[str, Any]
) -> None:
    assert _without_deployed_defaults(json.loads(deployed_definition(template))) == committed


def test_deployed_scoring_definition_is_the_committed_one_plus_defaults(
    template: Template, committed_scoring: dict[str, Any]
) -> None:
    scoring = json.loads(deployed_definition(template, scoring=True))
    assert _without_deployed_defaults(scoring) == committed_scoring


def test_training_requires_no_parameters_and_scoring_a_dataset(
    template: Template,
) -> None:
    training = _defaults(json.loads(deployed_definition(template)))
    scoring = _defaults(json.loads(deployed_definition(template, scoring=True)))
    assert [name for name, value in training.items() if value is None] == []
    assert [name for name, value in scoring.items() if value is None] == ["DatasetUri"]


def test_both_pipelines_have_the_same_deployment_parameters(template: Template) -> None:
    training = _defaults(json.loads(deployed_definition(template)))
    scoring = _defaults(json.loads(deployed_definition(template, scoring=True)))
    assert {name: scoring[name] for name in DEPLOYED} == {name: training[name] for name in DEPLOYED}


def test_deployment_parameters_refer_to_resources_of_the_stack(template: Template) -> None:
    defaults = _defaults(json.loads(deployed_definition(template)))
    [bucket] = of_type(template, "AWS::S3::Bucket")
    group = the_one(template, "AWS::SageMaker::ModelPackageGroup")["Properties"]
    pipeline = the_pipeline(template)["Properties"]

    assert defaults["ArtifactsUri"] == f"s3://{bucket.lower()}"
    assert defaults["CodeUri"] == f"s3://cdk-hnb659fds-assets-{ACCOUNT}-us-east-1"
    assert re.fullmatch(r"[0-9a-f]{64}\.pyz", defaults["CodeFile"])
    assert defaults["ExecutionRoleArn"] == pipeline["RoleArn"]
    assert defaults["ModelPackageGroupName"] == group["ModelPackageGroupName"]


def test_pipelines_role_is_the_stacks_execution_role(template: Template) -> None:
    pipeline = the_pipeline(template)["Properties"]
    trusted = {
        logical_id.lower()
        for logical_id, role in of_type(template, "AWS::IAM::Role").items()
        if "sagemaker" in json.dumps(role["Properties"]["AssumeRolePolicyDocument"])
    }
    assert {pipeline["RoleArn"].rpartition("/")[2]} == trusted


def test_other_region_changes_images_and_nothing_else(
    assembly: Any, committed: dict[str, Any]
) -> None:
    abroad = _without_deployed_defaults(
        json.loads(deployed_definition(assembly.templates["abroad"]))
    )
    registry = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/")

    def elsewhere(definition: dict[str, Any]) -> Any:
        return json.loads(registry.sub("REGISTRY/", json.dumps(definition)))

    assert abroad != committed
    assert elsewhere(abroad) == elsewhere(committed)
    assert ".dkr.ecr.eu-west-1." in json.dumps(abroad)
    assert "us-east-1" not in json.dumps(abroad)


def test_deployed_definitions_are_valid(template: Template) -> None:
    assert problems(deployed_definition(template)) == []
    assert problems(deployed_definition(template, scoring=True)) == []


@pytest.mark.parametrize(
    ("scoring", "experiment"), [(False, "sentiment-dev"), (True, "sentiment-dev-score")]
)
def test_executions_are_recorded_in_the_tracking_server_by_pipeline(
    templates: Callable[[str], Template], scoring: bool, experiment: str
) -> None:
    template = templates("mlflow_tracking_server")
    deployed = json.loads(deployed_definition(template, scoring=scoring))
    assert deployed.pop("MlflowConfig") == {
        "MlflowExperimentName": experiment,
        "MlflowResourceArn": TRACKING_SERVER,
    }
    assert deployed == json.loads(deployed_definition(templates("nothing"), scoring=scoring))


def test_deployed_definition_can_be_planned_without_parameters(template: Template) -> None:
    plan = prepare(deployed_definition(template), given={}, deployed={})
    assert [planned.step.name for planned in plan.steps][:3] == ["Download", "Preprocess", "Train"]
    assert str(plan.parameters["ModelPackageGroupName"]).startswith("sentiment-")


def test_committed_definition_has_no_defaults_for_deployment_parameters(
    committed: dict[str, Any],
) -> None:
    left_open = {name for name, value in _defaults(committed).items() if value is None}
    assert left_open == DEPLOYED


def test_default_of_an_unknown_parameter_is_rejected(committed: dict[str, Any]) -> None:
    from infra.pipelines import with_defaults

    with pytest.raises(KeyError, match="Nope"):
        with_defaults(committed, {"Nope": "x"})


def test_definition_fits_into_the_services_limit(template: Template) -> None:
    assert len(deployed_definition(template)) < 1_048_576


def test_template_fits_into_cloudformations_limit(assembly: Any) -> None:
    files = list(assembly.folder.glob("*.template.json"))
    assert len(files) == 3
    assert max(path.stat().st_size for path in files) < 1_000_000
