"""Each setting adds and changes what it is about, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_runner.run import prepare
from tests.support.settings_cases import EACH
from tests.support.template_checks import lint_findings
from tests.support.templates import Template, deployed_definition, properties
from validation.definition import problems

Templates = Callable[[str], Template]

ALERTS = {
    "AWS::Events::Rule": 7,
    "AWS::IAM::Policy": 2,
    "AWS::IAM::Role": 2,
    "AWS::KMS::Key": 1,
    "AWS::Logs::LogGroup": 1,
    "AWS::SNS::Topic": 1,
    "AWS::SNS::TopicPolicy": 1,
    "AWS::StepFunctions::StateMachine": 1,
}
TOPIC = {**ALERTS, "AWS::SNS::Subscription": 1}
SLACK = "AWS::Chatbot::SlackChannelConfiguration"
TEAMS = "AWS::Chatbot::MicrosoftTeamsChannelConfiguration"
ACCESS_LOGS = {
    "AWS::S3::Bucket": 1,
    "AWS::S3::BucketPolicy": 1,
    "Custom::S3AutoDeleteObjects": 1,  # dev deletes its data
}
LOGS = {
    "AWS::IAM::Policy": 1,
    "AWS::IAM::Role": 1,
    "AWS::Lambda::Function": 1,
    "AWS::Logs::LogGroup": 1,
    "AWS::Logs::MetricFilter": 2,
    "Custom::LogRetention": 3,
}
TRIGGER = {
    "AWS::IAM::Policy": 2,
    "AWS::IAM::Role": 2,
    "AWS::Logs::LogGroup": 1,
    "AWS::StepFunctions::StateMachine": 1,
}
ENDPOINT = {
    "AWS::Events::Rule": 3,
    "AWS::IAM::Policy": 4,
    "AWS::IAM::Role": 3,
    "AWS::Logs::LogGroup": 3,
    "AWS::SSM::Parameter": 2,
    "AWS::StepFunctions::StateMachine": 1,
}
POLICY, PIPELINE = "AWS::IAM::Policy", "AWS::SageMaker::Pipeline"
# Settings -> how many resources of which types they add, and the types of those that they change.
EFFECTS: dict[str, tuple[dict[str, int], set[str]]] = {
    "run_days": ({}, {"AWS::S3::Bucket"}),
    "access_log_days": (ACCESS_LOGS, {"AWS::S3::Bucket"}),
    "permission_boundary": ({}, {"AWS::IAM::Role"}),
    "asset_key": ({}, {POLICY}),
    "dataset_prefixes": ({}, {POLICY}),
    "dataset_keys": ({}, {POLICY}),
    "model_readers": ({}, {"AWS::S3::BucketPolicy", "AWS::SageMaker::ModelPackageGroup"}),
    "alert_email": (TOPIC, set()),
    "alert_slack": ({**ALERTS, "AWS::IAM::Role": 3, SLACK: 1}, set()),
    "alert_teams": ({**ALERTS, "AWS::IAM::Role": 3, TEAMS: 1}, set()),
    "min_feedback_accuracy": ({**TOPIC, "AWS::CloudWatch::Alarm": 1}, set()),
    "monthly_budget_usd": ({**TOPIC, "AWS::Budgets::Budget": 1}, set()),
    "dashboard": ({"AWS::CloudWatch::Dashboard": 1}, set()),
    "dashboard, alert_email": (
        {**TOPIC, "AWS::CloudWatch::Dashboard": 1, "AWS::CloudWatch::Alarm": 1},
        set(),
    ),
    "log_retention_days": (LOGS, set()),
    "dashboard, log_retention_days": ({**LOGS, "AWS::CloudWatch::Dashboard": 1}, set()),
    "schedule": ({**TRIGGER, "AWS::Scheduler::Schedule": 1}, set()),
    **dict.fromkeys(
        (
            *("start_on_new_data", "quiet_minutes"),
            *("score_on_new_data", "incoming_prefix", "incoming_days"),
        ),
        ({**TRIGGER, "AWS::Events::Rule": 1}, {"AWS::S3::Bucket"}),
    ),
    "score_schedule": ({**TRIGGER, "AWS::Scheduler::Schedule": 1}, set()),
    "score_dataset": ({**TRIGGER, "AWS::Scheduler::Schedule": 1}, set()),
    "retrain_on_drift": ({**TRIGGER, "AWS::Events::Rule": 1}, set()),
    "retrain_at_most": ({**TRIGGER, "AWS::Events::Rule": 1}, set()),
    "endpoint": (ENDPOINT, set()),
    "endpoint on an instance": ({**ENDPOINT, "AWS::CloudWatch::Alarm": 2}, {"AWS::S3::Bucket"}),
    "endpoint, dashboard": ({**ENDPOINT, "AWS::CloudWatch::Dashboard": 1}, set()),
    "customer_key": ({"AWS::KMS::Key": 1}, {POLICY, "AWS::S3::Bucket", PIPELINE}),
    "subnets": ({}, {POLICY, PIPELINE}),
    "encrypt_traffic": ({}, {PIPELINE}),
    "spot": ({}, {PIPELINE}),
    "champion_margin": ({}, {PIPELINE}),
    "dataset_uri": ({}, {POLICY, PIPELINE}),
    "tuning": ({}, {POLICY, PIPELINE}),
    "processing_engine": ({}, {POLICY, PIPELINE}),
    "no_network": ({}, {POLICY, PIPELINE}),
    "mlflow_tracking_server": ({}, {POLICY, PIPELINE}),
}
ENDPOINT_OUTPUTS = {"EndpointName", "EndpointStateMachineArn"}
# The scoring pipeline calls the model registry.
REMOVED = {"no_network": {PIPELINE: 1, "AWS::SSM::Parameter": 1}}
# Values in the definition or the names of everything: tests of pipeline_steps and of regions.
VALUES = {
    *("region", "account", "keep_data", "preset", "cache_days", "max_runtime_minutes"),
    *("processing_instance_type", "spark_instance_type", "training_instance_type"),
    *("tags", "transform_instance_type", "security_groups"),
}


def _kinds(template: Template) -> Counter[str]:
    return Counter(resource["Type"] for resource in template["Resources"].values())


def _deployed(template: Template, name: str) -> dict[str, Any]:
    """Return a resource without its metadata, which doesn't affect a deployment."""
    return {key: value for key, value in template["Resources"][name].items() if key != "Metadata"}


def test_every_setting_has_an_effect_or_is_a_value() -> None:
    assert EACH.keys() - EFFECTS.keys() == VALUES


def test_dev_has_no_further_settings(templates: Templates, dev: Template) -> None:
    assert templates("nothing") == dev


@pytest.mark.parametrize("name", EFFECTS)
def test_setting_adds_and_removes_only_its_own_resources(templates: Templates, name: str) -> None:
    added, _ = EFFECTS[name]
    before, after = templates("nothing"), templates(name)
    gone = before["Resources"].keys() - after["Resources"].keys()
    assert Counter(before["Resources"][key]["Type"] for key in gone) == Counter(REMOVED.get(name))
    assert _kinds(after) - _kinds(before) == Counter(added)


@pytest.mark.parametrize("name", EFFECTS)
def test_setting_changes_only_its_own_resources(templates: Templates, name: str) -> None:
    _, changed = EFFECTS[name]
    before, after = templates("nothing"), templates(name)
    assert {
        resource["Type"]
        for logical_id, resource in before["Resources"].items()
        if logical_id in after["Resources"]
        and _deployed(before, logical_id) != _deployed(after, logical_id)
    } == changed
    lost = {"ScorePipelineName"} if name in REMOVED else set()
    kept = {key: value for key, value in before["Outputs"].items() if key not in lost}
    added = ENDPOINT_OUTPUTS if "endpoint" in name else set()
    assert kept == {key: value for key, value in after["Outputs"].items() if key not in added}
    assert added <= after["Outputs"].keys()


def test_all_settings_together_add_the_resources_of_each(templates: Templates) -> None:
    expected = {
        **TOPIC,
        **TRIGGER,
        **LOGS,
        **ACCESS_LOGS,
        "AWS::Events::Rule": 14,
        "AWS::KMS::Key": 2,
        "AWS::Budgets::Budget": 1,
        "AWS::CloudWatch::Dashboard": 1,
        "AWS::CloudWatch::Alarm": 4,
        "AWS::Logs::LogGroup": 7,
        "AWS::IAM::Policy": 13,
        "AWS::IAM::Role": 13,
        "AWS::SNS::Topic": 2,
        "AWS::SNS::TopicPolicy": 2,
        "AWS::SSM::Parameter": 2,
        "AWS::StepFunctions::StateMachine": 4,
        SLACK: 1,
        TEAMS: 1,
        "AWS::Scheduler::Schedule": 2,
    }
    assert _kinds(templates("everything")) - _kinds(templates("nothing")) == Counter(expected)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_environment_has_no_optional_resources_by_default(assembly: Any, name: str) -> None:
    kinds = set(_kinds(assembly.templates[name]))
    optional = {kind for added, _ in EFFECTS.values() for kind in added}
    # dev has the function that empties its bucket.
    own = kinds & optional - {"AWS::Lambda::Function", "Custom::S3AutoDeleteObjects"}
    own -= {"AWS::SSM::Parameter"}  # of outputs
    assert own == {POLICY, "AWS::IAM::Role", "AWS::S3::Bucket", "AWS::S3::BucketPolicy"}


def test_all_names_contain_the_environment_except_those_of_shared_log_groups(
    templates: Templates,
) -> None:
    keys = ("Name", "DashboardName", "TopicName", "AlarmName", "LogGroupName", "RoleName")
    given = {
        value
        for resource in templates("everything")["Resources"].values()
        for key, value in resource.get("Properties", {}).items()
        if key in keys and isinstance(value, str)
    }
    assert {name for name in given if "sentiment-dev" not in name} == {
        f"/aws/sagemaker/{kind}" for kind in ("ProcessingJobs", "TrainingJobs", "TransformJobs")
    }


@pytest.mark.parametrize(
    ("name", "functions"),
    [
        ("everything", ["CustomS3AutoDeleteObjects", "LogRetention"]),
        ("everything, kept", ["LogRetention"]),
        ("schedule", ["CustomS3AutoDeleteObjects"]),
    ],
)
def test_only_functions_of_the_cdk_are_deployed(
    templates: Templates, name: str, functions: list[str]
) -> None:
    deployed = sorted(properties(templates(name), "AWS::Lambda::Function"))
    assert len(deployed) == len(functions)
    assert all(map(str.startswith, deployed, functions))


# --- definitions ---


@pytest.mark.parametrize("name", [*EFFECTS, "everything"])
def test_deployed_definition_is_valid(templates: Templates, name: str) -> None:
    assert problems(deployed_definition(templates(name))) == []


def test_execution_with_all_settings_needs_no_parameters(templates: Templates) -> None:
    definition = deployed_definition(templates("everything"))
    plan = prepare(definition, given={}, deployed={})
    # Spark reads a dataset in S3 without a Download step.
    assert {planned.step.name for planned in plan.steps[:2]} == {"Champion", "Preprocess"}


def test_dataset_below_raw_is_in_the_environments_own_bucket(templates: Templates) -> None:
    definition = json.loads(deployed_definition(templates("no_network")))
    default = {item["Name"]: item.get("DefaultValue") for item in definition["Parameters"]}
    assert default["DatasetUri"] == f"{default['ArtifactsUri']}/raw/reviews.tar.gz"


# --- cfn-lint ---


def test_cfn_lint_finds_nothing_in_an_environment(assembly: Any) -> None:
    assert lint_findings(assembly.folder / "sentiment-prod.template.json") == []


def test_cfn_lint_finds_nothing_with_all_settings(files: Callable[[str], Path]) -> None:
    assert lint_findings(files("everything")) == []


def test_cfn_lint_finds_a_wrong_value(templates: Templates, tmp_path: Path) -> None:
    broken = json.loads(json.dumps(templates("alert_email")))
    for resource in broken["Resources"].values():
        if resource["Type"] == "AWS::Events::Rule":
            resource["Properties"]["State"] = "PERHAPS"
    path = tmp_path / "broken.template.json"
    path.write_text(json.dumps(broken))
    assert any("PERHAPS" in found for found in lint_findings(path))
