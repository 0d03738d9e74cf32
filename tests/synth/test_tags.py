"""Tags of the environment are on every resource, job and model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import botocore.session
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from local_runner.definition.parsing import parse
from tests.support.settings_cases import SETTINGS
from tests.support.templates import REGION, Template, deployed_definition, properties

Templates = Callable[[str], Template]

OF_DEV = {"project": "sentiment", "environment": "dev"}
# The setting replaces a default with the same key in another case, which IAM takes for the same.
GIVEN = {"project": "sentiment", **SETTINGS["tags"]["tags"]}
OPERATIONS = {
    "Processing": "CreateProcessingJob",
    "Training": "CreateTrainingJob",
    "Transform": "CreateTransformJob",
    "Model": "CreateModel",
}


def _tags(tags: Any) -> dict[str, str]:
    """Return tags in either of CloudFormation's forms, without the CDK's own."""
    found = dict(tags) if isinstance(tags, Mapping) else {it["Key"]: it["Value"] for it in tags}
    return {key: value for key, value in found.items() if not key.startswith("aws-cdk:")}


def _taggable(template: Template) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield the logical ID, properties and name of the property for tags, as schemas have it."""
    for kind in sorted({item["Type"] for item in template["Resources"].values()}):
        if kind.startswith("Custom::") or kind == "AWS::CDK::Metadata":
            continue
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
        tagging = schema.get("tagging", {})
        if not tagging.get("taggable", schema.get("taggable", "Tags" in schema["properties"])):
            continue
        name = tagging.get("tagProperty", "/properties/Tags").removeprefix("/properties/")
        for logical_id, found in properties(template, kind).items():
            yield logical_id, found, name


def _requests(template: Template) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the name, type and arguments of the steps of both pipelines."""
    for scoring in (False, True):
        definition = parse(deployed_definition(template, scoring=scoring))
        for step in definition.all_steps():
            yield step.name, step.type, step.arguments


@pytest.mark.parametrize("name", ["nothing", "everything"])
def test_every_resource_that_takes_tags_has_them(name: str, templates: Templates) -> None:
    wanted = OF_DEV if name == "nothing" else GIVEN
    found = {
        logical_id: _tags(item.get(tags, ()))
        for logical_id, item, tags in _taggable(templates(name))
    }
    assert {logical_id: tags for logical_id, tags in found.items() if tags != wanted} == {}
    assert len(found) >= 5


@pytest.mark.parametrize("name", ["nothing", "tags"])
def test_every_job_and_model_has_the_tags(name: str, templates: Templates) -> None:
    wanted = OF_DEV if name == "nothing" else GIVEN
    found = {
        step: _tags(arguments["Tags"])
        for step, kind, arguments in _requests(templates(name))
        if kind in OPERATIONS
    }
    assert len(found) >= 9
    assert all(tags == wanted for tags in found.values())


def test_requests_that_take_no_tags_have_none(templates: Templates) -> None:
    """Service model of CreateModelPackage: a version in a group can't be given tags."""
    others = [
        (kind, arguments)
        for _, kind, arguments in _requests(templates("tags"))
        if kind not in OPERATIONS
    ]
    assert "RegisterModel" in dict(others)
    assert all("Tags" not in arguments for _, arguments in others)


def test_service_takes_tags_in_each_request_that_has_them() -> None:
    service = botocore.session.get_session().get_service_model("sagemaker")
    for operation in OPERATIONS.values():
        request: Any = service.operation_model(operation).input_shape
        assert "Tags" in request.members


def test_jobs_carry_the_tag_that_the_budget_counts(templates: Templates) -> None:
    [budget] = properties(templates("everything"), "AWS::Budgets::Budget").values()
    [counted] = budget["Budget"]["CostFilters"]["TagKeyValue"]
    key, value = counted.removeprefix("user:").split("$")
    for _, kind, arguments in _requests(templates("everything")):
        if kind in OPERATIONS:
            assert _tags(arguments["Tags"])[key] == value
