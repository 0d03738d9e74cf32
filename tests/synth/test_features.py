"""Each setting brings what it promises, and nothing that another setting promises."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from local_runner.run import prepare
from tests.support.clean_room import ROOT
from tests.support.feature_templates import (
    BOUNDARY,
    KEEPER,
    PIPELINE,
    SECURITY_GROUPS,
    SETTINGS,
    SUBNETS,
    calls,
    conditions_for,
    machine,
    matches,
    outputs,
    properties,
    sent,
    settled,
    statements_of,
    synthesized,
    the_arn,
)
from tests.support.templates import (
    ACCOUNT,
    Template,
    allows,
    as_list,
    deployed_definition,
    of_type,
)
from validation.definition import problems

Templates = Callable[[str], Template]

EXECUTION_ROLE = "ExecutionRole"
EC2 = f"arn:aws:ec2:us-east-1:{ACCOUNT}"
EXECUTION = f"{PIPELINE}/execution/abc"
SCORING = f"{PIPELINE}-score"
CONSOLE = "https://us-east-1.console.aws.amazon.com/sagemaker/home?region=us-east-1"
OWN_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}

TOPIC = {
    "AWS::Events::Rule": 5,
    "AWS::KMS::Key": 1,
    "AWS::SNS::Subscription": 1,
    "AWS::SNS::Topic": 1,
    "AWS::SNS::TopicPolicy": 1,
}
LOGS = {"AWS::Logs::LogGroup": 3, "AWS::Logs::MetricFilter": 2}
STARTER = {
    "AWS::IAM::Policy": 2,
    "AWS::IAM::Role": 2,
    "AWS::Logs::LogGroup": 1,
    "AWS::StepFunctions::StateMachine": 1,
}
# Settings -> how many resources of which types they add, and the types of those that they change.
FLIPPED: dict[str, tuple[dict[str, int], set[str]]] = {
    "permission_boundary": ({}, {"AWS::IAM::Role"}),
    "alert_email": (TOPIC, set()),
    "monthly_budget_usd": ({**TOPIC, "AWS::Budgets::Budget": 1}, set()),
    "dashboard": ({"AWS::CloudWatch::Dashboard": 1}, set()),
    "dashboard, alert_email": (
        {**TOPIC, "AWS::CloudWatch::Dashboard": 1, "AWS::CloudWatch::Alarm": 1},
        set(),
    ),
    "log_retention_days": (LOGS, set()),
    "dashboard, log_retention_days": ({**LOGS, "AWS::CloudWatch::Dashboard": 1}, set()),
    "schedule": ({**STARTER, "AWS::Scheduler::Schedule": 1}, set()),
    "start_on_new_data": ({**STARTER, "AWS::Events::Rule": 1}, {"AWS::S3::Bucket"}),
    "customer_key": (
        {"AWS::KMS::Key": 1},
        {"AWS::IAM::Policy", "AWS::S3::Bucket", "AWS::SageMaker::Pipeline"},
    ),
    "subnets": ({}, {"AWS::IAM::Policy", "AWS::SageMaker::Pipeline"}),
    "encrypt_traffic": ({}, {"AWS::SageMaker::Pipeline"}),
    "spot": ({}, {"AWS::SageMaker::Pipeline"}),
    "champion_margin": ({}, {"AWS::SageMaker::Pipeline"}),
    "dataset_uri": ({}, {"AWS::IAM::Policy", "AWS::SageMaker::Pipeline"}),
    "processing_engine": ({}, {"AWS::IAM::Policy", "AWS::SageMaker::Pipeline"}),
    "no_network": ({}, {"AWS::IAM::Policy", "AWS::SageMaker::Pipeline"}),
}
# Scoring asks the model registry, so it goes with the network.
TAKEN = {"no_network": {"AWS::SageMaker::Pipeline": 1, "AWS::SSM::Parameter": 1}}


@pytest.fixture(scope="session")
def files(assembly: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The template's file of dev with other settings; ``assembly`` comes first for its kernel."""
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]

    @cache
    def file(name: str) -> Path:
        return synthesized(SETTINGS[name], context, tmp_path_factory.mktemp("features"))

    return file


@pytest.fixture(scope="session")
def templates(files: Callable[[str], Path]) -> Templates:
    """The template of dev with other settings."""

    @cache
    def template(name: str) -> Template:
        read: Template = json.loads(files(name).read_text(encoding="utf-8"))
        return read

    return template


def _kinds(template: Template) -> Counter[str]:
    return Counter(resource["Type"] for resource in template["Resources"].values())


def _deployed(template: Template, name: str) -> dict[str, Any]:
    """A resource but for its metadata, which nothing of a deployment depends on."""
    return {key: value for key, value in template["Resources"][name].items() if key != "Metadata"}


def _definition(template: Template) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(deployed_definition(settled(template)))
    return definition


def _rule(template: Template, part: str) -> dict[str, Any]:
    rules = properties(template, "AWS::Events::Rule")
    [rule] = [rule for name, rule in rules.items() if part in name]
    return rule


def _key_statements(template: Template, part: str) -> list[dict[str, Any]]:
    [key] = [key for name, key in properties(template, "AWS::KMS::Key").items() if part in name]
    statements: list[dict[str, Any]] = key["KeyPolicy"]["Statement"]
    return statements


def _topic_statements(template: Template) -> list[dict[str, Any]]:
    [policy] = properties(template, "AWS::SNS::TopicPolicy").values()
    statements: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


def _folded(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With actions in lower case: IAM doesn't mind, and Step Functions writes them its own way."""
    text = [json.dumps(statement["Action"]).lower() for statement in statements]
    return [
        {**statement, "Action": json.loads(action)}
        for statement, action in zip(statements, text, strict=True)
    ]


# --- each alone ---


def test_every_set_of_settings_but_the_combined_ones_is_flipped_alone() -> None:
    assert set(SETTINGS) - set(FLIPPED) == {"nothing", "everything", "everything, kept"}


def test_dev_without_further_settings_is_the_committed_dev(
    templates: Templates, dev: Template
) -> None:
    assert templates("nothing") == dev


@pytest.mark.parametrize("name", FLIPPED)
def test_setting_adds_and_takes_the_resources_it_promises(templates: Templates, name: str) -> None:
    added, _ = FLIPPED[name]
    before, after = templates("nothing"), templates(name)
    gone = before["Resources"].keys() - after["Resources"].keys()
    assert Counter(before["Resources"][key]["Type"] for key in gone) == Counter(TAKEN.get(name))
    assert _kinds(after) - _kinds(before) == Counter(added)


@pytest.mark.parametrize("name", FLIPPED)
def test_setting_changes_only_what_it_is_about(templates: Templates, name: str) -> None:
    _, changed = FLIPPED[name]
    before, after = templates("nothing"), templates(name)
    assert {
        resource["Type"]
        for logical_id, resource in before["Resources"].items()
        if logical_id in after["Resources"]
        and _deployed(before, logical_id) != _deployed(after, logical_id)
    } == changed
    lost = {"ScorePipelineName"} if name in TAKEN else set()
    kept = {key: value for key, value in before["Outputs"].items() if key not in lost}
    assert kept == after["Outputs"]


def test_everything_is_the_sum_of_all(templates: Templates) -> None:
    expected = {
        **TOPIC,
        **STARTER,
        **LOGS,
        "AWS::Events::Rule": 6,
        "AWS::KMS::Key": 2,
        "AWS::Budgets::Budget": 1,
        "AWS::CloudWatch::Dashboard": 1,
        "AWS::CloudWatch::Alarm": 1,
        "AWS::Logs::LogGroup": 4,
        "AWS::IAM::Policy": 3,
        "AWS::IAM::Role": 3,
        "AWS::Scheduler::Schedule": 1,
    }
    assert _kinds(templates("everything")) - _kinds(templates("nothing")) == Counter(expected)


# --- definitions ---


@pytest.mark.parametrize("name", SETTINGS)
def test_definition_of_every_settings_passes_validation(templates: Templates, name: str) -> None:
    assert problems(json.dumps(_definition(templates(name)))) == []


@pytest.mark.parametrize("name", ["everything", "everything, kept"])
def test_definition_with_everything_on_can_be_planned_with_nothing_filled_in(
    templates: Templates, name: str
) -> None:
    plan = prepare(json.dumps(_definition(templates(name))), given={}, deployed={})
    # Spark reads a dataset in S3 where it lies, so nothing is downloaded.
    assert {planned.step.name for planned in plan.steps[:2]} == {"Champion", "Preprocess"}


# --- role ---


def test_boundary_bounds_every_role_of_the_stack_the_cdks_own_included(
    templates: Templates,
) -> None:
    for name in ("permission_boundary", "everything", "everything, kept"):
        roles = properties(templates(name), "AWS::IAM::Role")
        assert len(roles) >= 2
        assert {role.get("PermissionsBoundary") for role in roles.values()} == {BOUNDARY}


def test_no_role_has_a_boundary_unless_asked_for(templates: Templates) -> None:
    for name in FLIPPED.keys() - {"permission_boundary"}:
        roles = properties(templates(name), "AWS::IAM::Role")
        assert [role for role, item in roles.items() if "PermissionsBoundary" in item] == []


@pytest.mark.parametrize(
    "resource",
    [
        "network-interface/*",
        *(f"subnet/{subnet}" for subnet in SUBNETS),
        *(f"security-group/{group}" for group in SECURITY_GROUPS),
    ],
)
def test_jobs_in_a_vpc_may_bring_interfaces_into_its_subnets_and_groups(
    templates: Templates, resource: str
) -> None:
    statements = statements_of(templates("subnets"), EXECUTION_ROLE)
    assert allows(statements, "ec2:CreateNetworkInterface", f"{EC2}:{resource}")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("ec2:CreateNetworkInterface", "subnet/subnet-other", id="other-subnet"),
        pytest.param("ec2:CreateNetworkInterface", "security-group/sg-other", id="other-group"),
        pytest.param("ec2:RunInstances", "instance/*", id="instances"),
        pytest.param("ec2:DeleteSubnet", f"subnet/{SUBNETS[0]}", id="delete-subnet"),
        pytest.param("ec2:AuthorizeSecurityGroupEgress", "*", id="open-a-group"),
    ],
)
def test_jobs_in_a_vpc_may_not(templates: Templates, action: str, resource: str) -> None:
    statements = statements_of(templates("subnets"), EXECUTION_ROLE)
    assert not allows(statements, action, f"{EC2}:{resource}")


def test_jobs_in_a_vpc_may_look_at_it_and_change_nothing_that_has_no_name(
    templates: Templates,
) -> None:
    [everywhere] = [
        statement
        for statement in statements_of(templates("subnets"), EXECUTION_ROLE)
        if statement["Resource"] == "*" and "ec2:DescribeSubnets" in statement["Action"]
    ]
    assert all(action.startswith("ec2:Describe") for action in everywhere["Action"])


def test_role_knows_no_networks_and_keys_unless_asked_for(templates: Templates) -> None:
    for name in FLIPPED.keys() - {"subnets", "customer_key"}:
        actions = json.dumps(
            [item["Action"] for item in statements_of(templates(name), EXECUTION_ROLE)]
        )
        assert "ec2:" not in actions
        assert "kms:" not in actions


# --- dataset and champion ---


def test_role_may_read_the_dataset_that_the_setting_names_and_nothing_beside_it(
    templates: Templates,
) -> None:
    statements = statements_of(templates("dataset_uri"), EXECUTION_ROLE)
    bucket = "arn:aws:s3:::somebodys-reviews"
    assert allows(statements, "s3:GetObject", f"{bucket}/imdb/reviews.tar.gz")
    assert allows(statements, "s3:ListBucket", bucket, s3__prefix="imdb/")
    assert not allows(statements, "s3:GetObject", f"{bucket}/other/reviews.tar.gz")
    assert not allows(statements, "s3:ListBucket", bucket, s3__prefix="other/")
    assert not allows(statements, "s3:PutObject", f"{bucket}/imdb/reviews.tar.gz")


def test_dataset_below_raw_lies_in_the_environments_own_bucket(templates: Templates) -> None:
    definition = _definition(templates("no_network"))
    default = {item["Name"]: item.get("DefaultValue") for item in definition["Parameters"]}
    assert default["DatasetUri"] == f"{default['ArtifactsUri']}/raw/reviews.tar.gz"


def test_role_may_list_the_groups_versions_where_jobs_may_ask(templates: Templates) -> None:
    versions = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/sentiment-{{}}/1"
    for name in FLIPPED.keys() | {"everything"}:
        statements = statements_of(templates(name), EXECUTION_ROLE)
        wanted = name != "no_network"
        assert allows(statements, "sagemaker:ListModelPackages", versions.format("dev")) is wanted
        assert not allows(statements, "sagemaker:ListModelPackages", versions.format("prod"))


# --- customer_key ---


def test_customers_key_rotates(templates: Templates) -> None:
    for name in ("customer_key", "everything"):
        keys = properties(templates(name), "AWS::KMS::Key")
        assert all(key["EnableKeyRotation"] is True for key in keys.values())


@pytest.mark.parametrize(
    ("name", "policy"), [("everything, kept", "Retain"), ("everything", "Delete")]
)
def test_key_stays_as_long_as_the_data_under_it(
    templates: Templates, name: str, policy: str
) -> None:
    keys = of_type(settled(templates(name)), "AWS::KMS::Key")
    [key] = [key for logical_id, key in keys.items() if logical_id.startswith("Encryption")]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == (policy, policy)


def test_bucket_is_under_the_customers_key_with_a_bucket_key(templates: Templates) -> None:
    template = templates("customer_key")
    [bucket] = properties(template, "AWS::S3::Bucket").values()
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": the_arn(template, "AWS::KMS::Key"),
    }


def test_bucket_is_under_s3s_own_key_unless_asked_for(templates: Templates) -> None:
    for name in FLIPPED.keys() - {"customer_key"}:
        [bucket] = properties(templates(name), "AWS::S3::Bucket").values()
        assert "aws:kms" not in json.dumps(bucket)


def test_parameter_for_the_key_has_the_stacks_key_as_default(templates: Templates) -> None:
    for name in ("customer_key", "everything"):
        template = templates(name)
        [parameter] = [
            item for item in _definition(template)["Parameters"] if item["Name"] == "KmsKeyArn"
        ]
        assert parameter["DefaultValue"] == the_arn(template, "AWS::KMS::Key", "Encryption")


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"])
def test_role_may_use_the_customers_key(templates: Templates, action: str) -> None:
    template = templates("customer_key")
    statements = statements_of(template, EXECUTION_ROLE)
    assert allows(
        [item for item in statements if "Condition" not in item],
        action,
        the_arn(template, "AWS::KMS::Key"),
    )
    assert not allows(
        [item for item in statements if "Condition" not in item],
        action,
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/other",
    )


def test_role_grants_the_key_to_aws_for_volumes_and_to_nobody_else(templates: Templates) -> None:
    template = templates("customer_key")
    statements = statements_of(template, EXECUTION_ROLE)
    [grant] = [item for item in statements if "kms:CreateGrant" in item["Action"]]
    assert grant["Action"] == "kms:CreateGrant"
    assert grant["Resource"] == the_arn(template, "AWS::KMS::Key")
    assert grant["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@pytest.mark.parametrize(
    "action", ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:ReEncryptFrom"]
)
def test_role_may_not_manage_the_key(templates: Templates, action: str) -> None:
    template = templates("everything")
    key = the_arn(template, "AWS::KMS::Key", "Encryption")
    statements = [
        {**item, "Condition": {}} for item in statements_of(template, EXECUTION_ROLE)
    ]  # whatever the condition
    assert not allows(statements, action, key)


@pytest.mark.parametrize("name", SETTINGS)
def test_logs_are_under_the_customers_key_if_there_is_one(templates: Templates, name: str) -> None:
    template = templates(name)
    groups = properties(template, "AWS::Logs::LogGroup").values()
    if SETTINGS[name].get("customer_key"):
        key = the_arn(template, "AWS::KMS::Key", "Encryption")
        assert {group["KmsKeyId"] for group in groups} <= {key}
    else:
        assert [group for group in groups if "KmsKeyId" in group] == []


def test_customers_key_serves_the_logs_of_this_account_only(templates: Templates) -> None:
    statements = _key_statements(templates("everything"), "Encryption")
    service = "logs.us-east-1.amazonaws.com"
    for action in ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"):
        for condition in conditions_for(statements, service, action):
            [(operator, keys)] = condition.items()
            assert operator in ("ArnLike", "ArnEquals")
            [(name, arn)] = keys.items()
            assert name == "kms:EncryptionContext:aws:logs:arn"
            assert arn.startswith(f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:")
        assert conditions_for(statements, service, action)


# --- alert_email ---


def _step_event(step: str, status: str = "Failed", pipeline: str = PIPELINE) -> dict[str, Any]:
    """As the service's documentation has it."""
    return {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Building Pipeline Execution Step Status Change",
        "detail": {
            "stepName": step,
            "currentStepStatus": status,
            "failureReason": "ClientError: no space left",
            "pipelineArn": pipeline,
            "pipelineExecutionArn": f"{pipeline}/execution/abc",
        },
    }


def _package_event(group: str, status: str) -> dict[str, Any]:
    return {
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Package State Change",
        "detail": {
            "ModelPackageGroupName": group,
            "ModelPackageArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/{group}/7",
            "ModelApprovalStatus": status,
        },
    }


EVENTS = [
    pytest.param(_step_event("Download"), "StepFailed", id="job-failed"),
    pytest.param(_step_event("QualityGate"), "StepFailed", id="gate-itself-failed"),
    pytest.param(_step_event("RegisterModel"), "StepFailed", id="registration-failed"),
    pytest.param(_step_event("Reject"), "ModelRefused", id="model-refused"),
    pytest.param(_step_event("Join", pipeline=SCORING), "ScoringFailed", id="scoring-failed"),
    pytest.param(_step_event("Drifted", pipeline=SCORING), "DataDrifted", id="data-drifted"),
    pytest.param(_step_event("DriftUnknown", pipeline=SCORING), "ScoringFailed", id="no-drift"),
    pytest.param(
        _package_event("sentiment-dev", "PendingManualApproval"),
        "ApprovalPending",
        id="version-waits",
    ),
]
NO_EVENTS = [
    pytest.param(_step_event("Train", "Succeeded"), id="step-succeeded"),
    pytest.param(_step_event("Train", "Executing"), id="step-starts"),
    pytest.param(_step_event("Train", "Stopped"), id="somebody-stopped-it"),
    pytest.param(_step_event("Reject", "Starting"), id="refusal-starts"),
    pytest.param(
        _step_event("Train", pipeline=PIPELINE.replace("-dev", "-prod")), id="other-environment"
    ),
    pytest.param(
        _step_event("Reject", pipeline=PIPELINE.replace("-dev", "-dev2")), id="longer-name"
    ),
    pytest.param(_package_event("sentiment-dev", "Approved"), id="version-approved"),
    pytest.param(_package_event("sentiment-dev", "Rejected"), id="version-rejected"),
    pytest.param(_package_event("sentiment-prod", "PendingManualApproval"), id="other-group"),
    pytest.param(
        {**_step_event("Train"), "detail-type": "SageMaker Training Job State Change"},
        id="job-that-no-pipeline-knows",
    ),
    pytest.param({**_step_event("Train"), "source": "mine"}, id="somebody-elses-event"),
]


def _told(template: Template, event: dict[str, Any]) -> list[str]:
    rules = properties(template, "AWS::Events::Rule")
    return [name for name, rule in rules.items() if matches(rule["EventPattern"], event)]


@pytest.mark.parametrize(("event", "rule"), EVENTS)
def test_event_is_told_by_the_one_rule_for_it(
    templates: Templates, event: dict[str, Any], rule: str
) -> None:
    [told] = _told(templates("alert_email"), event)
    assert rule in told


@pytest.mark.parametrize("event", NO_EVENTS)
def test_nobody_is_told_of(templates: Templates, event: dict[str, Any]) -> None:
    assert _told(templates("alert_email"), event) == []


def test_every_rule_is_on_and_tells_the_topic(templates: Templates) -> None:
    template = templates("alert_email")
    for rule in properties(template, "AWS::Events::Rule").values():
        assert rule["State"] == "ENABLED"
        assert [target["Arn"] for target in rule["Targets"]] == [
            the_arn(template, "AWS::SNS::Topic")
        ]


def test_message_of_a_failed_step_holds_step_reason_execution_and_link(
    templates: Templates,
) -> None:
    rule = _rule(templates("alert_email"), "StepFailed")
    what, execution, console = sent(rule, _step_event("Preprocess"))
    assert what == "sentiment-dev: step Preprocess failed. ClientError: no space left"
    assert EXECUTION in execution
    assert f"{CONSOLE}#/pipelines/sentiment-dev" in console


def test_message_of_a_refused_model_tells_it_apart_and_holds_reason_execution_and_link(
    templates: Templates,
) -> None:
    rule = _rule(templates("alert_email"), "ModelRefused")
    what, execution, console = sent(rule, _step_event("Reject"))
    assert "refused" in what
    assert "failed" not in what
    assert what.endswith("ClientError: no space left")
    assert EXECUTION in execution
    assert f"{CONSOLE}#/pipelines/sentiment-dev" in console


def test_message_of_drift_names_the_scoring_pipeline_and_links_to_it(templates: Templates) -> None:
    rule = _rule(templates("alert_email"), "DataDrifted")
    what, execution, console = sent(rule, _step_event("Drifted", pipeline=SCORING))
    assert what == "sentiment-dev-score: the reviews have drifted. ClientError: no space left"
    assert f"{SCORING}/execution/abc" in execution
    assert f"{CONSOLE}#/pipelines/sentiment-dev-score" in console


def test_message_of_a_waiting_version_holds_the_version_and_link(templates: Templates) -> None:
    rule = _rule(templates("alert_email"), "ApprovalPending")
    event = _package_event("sentiment-dev", "PendingManualApproval")
    what, console = sent(rule, event)
    assert what.startswith("sentiment-dev: ")
    assert event["detail"]["ModelPackageArn"] in what
    assert f"{CONSOLE}#/pipelines/sentiment-dev" in console


def test_only_the_address_of_the_settings_is_told(templates: Templates) -> None:
    template = templates("alert_email")
    [subscription] = properties(template, "AWS::SNS::Subscription").values()
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", KEEPER)
    assert subscription["TopicArn"] == the_arn(template, "AWS::SNS::Topic")


def test_topic_is_encrypted_with_its_own_key_and_refuses_plain_http(templates: Templates) -> None:
    template = templates("alert_email")
    [topic] = properties(template, "AWS::SNS::Topic").values()
    assert topic["KmsMasterKeyId"] == the_arn(template, "AWS::KMS::Key", "Alerts")
    [refusal] = [item for item in _topic_statements(template) if item["Effect"] == "Deny"]
    assert refusal["Principal"] in ("*", {"AWS": "*"})
    assert refusal["Action"] == "sns:Publish"
    assert refusal["Resource"] == the_arn(template, "AWS::SNS::Topic")
    assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_topics_key_isnt_that_of_the_data(templates: Templates) -> None:
    template = templates("everything")
    [topic] = properties(template, "AWS::SNS::Topic").values()
    assert topic["KmsMasterKeyId"] != the_arn(template, "AWS::KMS::Key", "Encryption")


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey"])
@pytest.mark.parametrize("service", ["cloudwatch.amazonaws.com"])
def test_topics_key_serves_a_service_for_this_account_only(
    templates: Templates, service: str, action: str
) -> None:
    statements = _key_statements(templates("alert_email"), "Alerts")
    assert conditions_for(statements, service, action) == [OWN_ACCOUNT]


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_topics_key_serves_event_bridge_without_a_source_that_it_doesnt_tell(
    templates: Templates, action: str
) -> None:
    # "Adding aws:SourceAccount, aws:SourceArn, and aws:SourceOrgID to a KMS policy is not supported
    # for EventBridge-to-encrypted topics": SNS's developer guide, Key management.
    statements = _key_statements(templates("alert_email"), "Alerts")
    conditions = conditions_for(statements, "events.amazonaws.com", action)
    assert [item for item in conditions if "aws:Source" not in json.dumps(item)]


def test_topics_key_serves_no_other_service(templates: Templates) -> None:
    services = {
        service
        for statement in _key_statements(templates("everything"), "Alerts")
        for service in as_list(statement["Principal"].get("Service", []))
    }
    assert services <= {
        "events.amazonaws.com",
        "cloudwatch.amazonaws.com",
    }


def test_event_bridge_may_publish_to_the_topic(templates: Templates) -> None:
    statements = _topic_statements(templates("alert_email"))
    assert conditions_for(statements, "events.amazonaws.com", "sns:Publish")


# --- dashboard, budget ---


def test_dashboard_shows_this_pipeline_and_only_it(templates: Templates) -> None:
    [dashboard] = properties(templates("dashboard"), "AWS::CloudWatch::Dashboard").values()
    metrics = [
        metric
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]
        for metric in widget["properties"]["metrics"]
    ]
    assert dashboard["DashboardName"] == "sentiment-dev"
    assert {metric[0] for metric in metrics} == {"AWS/Sagemaker/ModelBuildingPipeline"}
    assert {tuple(metric[2:4]) for metric in metrics} == {("PipelineName", "sentiment-dev")}


def test_dashboard_shows_the_duration_of_steps_that_there_are(templates: Templates) -> None:
    template = templates("dashboard")
    [dashboard] = properties(template, "AWS::CloudWatch::Dashboard").values()
    shown = {
        metric[5]
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]
        for metric in widget["properties"]["metrics"]
        if metric[1] == "StepDuration"
    }
    jobs = {
        step["Name"]
        for step in _definition(template)["Steps"]
        if step["Type"] in ("Processing", "Training", "Transform")
    }
    assert shown == jobs


def _metrics(template: Template, name: str) -> list[list[Any]]:
    """The metrics of the dashboard of this name, as it writes them."""
    [dashboard] = properties(template, "AWS::CloudWatch::Dashboard").values()
    return [
        metric
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]
        for metric in widget["properties"]["metrics"]
        if metric[1] == name
    ]


@pytest.mark.parametrize(
    ("measure", "pipeline", "job", "scoring"),
    [
        pytest.param("Accuracy", "sentiment-dev", "Evaluate", False, id="accuracy"),
        pytest.param("Drift", "sentiment-dev-score", "Join", True, id="drift"),
    ],
)
def test_dashboard_shows_what_the_log_of_a_pipelines_job_tells(
    templates: Templates, measure: str, pipeline: str, job: str, scoring: bool
) -> None:
    template = templates("dashboard, log_retention_days")
    filters = properties(template, "AWS::Logs::MetricFilter")
    [filtered] = [item for name, item in filters.items() if f"{measure}Filter" in name]
    [made] = filtered["MetricTransformations"]
    [dimension] = made["Dimensions"]
    [shown] = _metrics(template, made["MetricName"])
    definition = json.loads(deployed_definition(settled(template), scoring=scoring))
    [told] = [step for step in definition["Steps"] if step["Name"] == job]
    arguments = told["Arguments"]["AppSpecification"]["ContainerArguments"]

    assert shown[:4] == [made["MetricNamespace"], measure, dimension["Key"], pipeline]
    assert (made["MetricValue"], dimension["Value"]) == (f"$.{measure.lower()}", "$.pipeline")
    assert "processingjobs" in filtered["LogGroupName"].lower()
    named = arguments[arguments.index("--pipeline") + 1]
    assert named == {"Get": "Execution.PipelineName"}


@pytest.mark.parametrize("measure", ["Accuracy", "Drift"])
def test_dashboard_shows_nothing_that_nobody_reads_from_the_logs(
    templates: Templates, measure: str
) -> None:
    assert _metrics(templates("dashboard"), measure) == []


def test_alarm_tells_the_topic_of_failed_executions_and_not_of_silence(
    templates: Templates,
) -> None:
    template = templates("dashboard, alert_email")
    [alarm] = properties(template, "AWS::CloudWatch::Alarm").values()
    metric = json.dumps(alarm.get("Metrics", alarm))
    assert alarm["AlarmActions"] == [the_arn(template, "AWS::SNS::Topic")]
    assert '"ExecutionFailed"' in metric
    assert '"sentiment-dev"' in metric
    assert alarm["TreatMissingData"] == "notBreaching"


def test_alarm_may_publish_to_the_topic_for_this_account_only(templates: Templates) -> None:
    statements = _topic_statements(templates("dashboard, alert_email"))
    [condition] = conditions_for(statements, "cloudwatch.amazonaws.com", "sns:Publish")
    assert ACCOUNT in json.dumps(condition)


def test_budget_counts_this_environment_and_tells_before_and_after(templates: Templates) -> None:
    [resource] = properties(templates("monthly_budget_usd"), "AWS::Budgets::Budget").values()
    budget = resource["Budget"]
    assert budget["BudgetLimit"] == {"Amount": 50, "Unit": "USD"}
    assert (budget["BudgetType"], budget["TimeUnit"]) == ("COST", "MONTHLY")
    assert budget["CostFilters"] == {"TagKeyValue": ["user:environment$dev"]}
    notifications = resource["NotificationsWithSubscribers"]
    assert {
        (item["Notification"]["NotificationType"], item["Notification"]["Threshold"])
        for item in notifications
    } == {("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}
    for item in notifications:
        assert item["Subscribers"] == [{"Address": KEEPER, "SubscriptionType": "EMAIL"}]


# --- log_retention_days ---


def test_logs_of_every_kind_of_job_expire(templates: Templates) -> None:
    groups = properties(templates("log_retention_days"), "AWS::Logs::LogGroup").values()
    assert {group["LogGroupName"]: group["RetentionInDays"] for group in groups} == {
        "/aws/sagemaker/ProcessingJobs": 30,
        "/aws/sagemaker/TrainingJobs": 30,
        "/aws/sagemaker/TransformJobs": 30,
    }


@pytest.mark.parametrize(
    ("name", "policy"), [("everything, kept", "Retain"), ("everything", "Delete")]
)
def test_jobs_logs_stay_as_long_as_the_data(templates: Templates, name: str, policy: str) -> None:
    groups = of_type(settled(templates(name)), "AWS::Logs::LogGroup")
    jobs = [group for group in groups.values() if "LogGroupName" in group["Properties"]]
    assert len(jobs) == 3
    assert {group["DeletionPolicy"] for group in jobs} == {policy}


# --- schedule, start_on_new_data ---

STARTERS = ["schedule", "start_on_new_data"]
NOTHING_RUNS = [(), ("Succeeded",), ("Failed", "Stopped", "Succeeded")]
ONE_RUNS = [("Executing",), ("Succeeded", "Executing"), ("Executing", "Failed"), ("Stopping",)]
LIST, START = "listPipelineExecutions", "startPipelineExecution"
NEW = {"dataset": "s3://storagebucket/raw/reviews.tar.gz"}


@pytest.mark.parametrize("name", STARTERS)
@pytest.mark.parametrize("given", [{}, NEW], ids=["by-schedule", "with-dataset"])
@pytest.mark.parametrize("statuses", ONE_RUNS, ids=", ".join)
def test_starter_leaves_it_to_the_running_execution(
    templates: Templates, name: str, given: dict[str, str], statuses: tuple[str, ...]
) -> None:
    made = calls(machine(templates(name)), given, statuses)
    assert [action for action, _ in made] == [LIST]


@pytest.mark.parametrize("name", STARTERS)
@pytest.mark.parametrize("statuses", NOTHING_RUNS, ids=lambda item: ", ".join(item) or "none")
def test_starter_starts_with_the_pipelines_own_dataset(
    templates: Templates, name: str, statuses: tuple[str, ...]
) -> None:
    (looked, _), (started, parameters) = calls(machine(templates(name)), {}, statuses)
    assert (looked, started) == (LIST, START)
    assert parameters["PipelineParameters"] == []


@pytest.mark.parametrize("name", STARTERS)
def test_starter_passes_on_the_dataset_that_it_was_given(templates: Templates, name: str) -> None:
    _, (started, parameters) = calls(machine(templates(name)), NEW, ("Succeeded",))
    assert started == START
    assert parameters["PipelineParameters"] == [{"Name": "DatasetUri", "Value": NEW["dataset"]}]


@pytest.mark.parametrize("name", STARTERS)
def test_starter_speaks_of_this_pipeline_and_looks_at_its_newest_executions(
    templates: Templates, name: str
) -> None:
    made = calls(machine(templates(name)), {}, ())
    assert {parameters["PipelineName"] for _, parameters in made} == {"sentiment-dev"}
    _, listed = made[0]
    assert (listed["SortBy"], listed["SortOrder"]) == ("CreationTime", "Descending")


@pytest.mark.parametrize("name", STARTERS)
def test_dataset_is_a_parameter_of_the_pipeline(templates: Templates, name: str) -> None:
    template = templates(name)
    _, (_, parameters) = calls(machine(template), NEW, ())
    known = {item["Name"] for item in _definition(template)["Parameters"]}
    assert {item["Name"] for item in parameters["PipelineParameters"]} <= known


@pytest.mark.parametrize("name", [*STARTERS, "everything"])
def test_starter_may_list_and_start_this_pipeline_and_nothing_else_of_sagemaker(
    templates: Templates, name: str
) -> None:
    statements = _folded(statements_of(templates(name), "StarterMachineRole"))
    of_sagemaker = [item for item in statements if "sagemaker:" in json.dumps(item["Action"])]
    for action in (LIST, START):
        assert allows(statements, f"sagemaker:{action}".lower(), PIPELINE)
    assert {item["Resource"] for item in of_sagemaker} == {PIPELINE}
    assert {
        action for item in of_sagemaker for action in item["Action"]
    } == {f"sagemaker:{LIST}".lower(), f"sagemaker:{START}".lower()}  # fmt: skip


@pytest.mark.parametrize(
    "action", ["iam:passrole", "s3:getobject", "states:startexecution", "kms:decrypt"]
)
def test_starter_may_not(templates: Templates, action: str) -> None:
    statements = _folded(statements_of(templates("everything"), "StarterMachineRole"))
    assert not allows([{**item, "Condition": {}} for item in statements], action, "*")
    assert action not in json.dumps([item["Action"] for item in statements])


@pytest.mark.parametrize(
    ("name", "role", "service"),
    [
        pytest.param("schedule", "ScheduleRole", "scheduler.amazonaws.com", id="schedule"),
        pytest.param("start_on_new_data", "EventsRole", "events.amazonaws.com", id="new-data"),
    ],
)
def test_who_asks_the_starter_may_ask_it_and_nothing_else(
    templates: Templates, name: str, role: str, service: str
) -> None:
    template = templates(name)
    [statement] = statements_of(template, role)
    assert statement["Action"] == "states:StartExecution"
    assert statement["Resource"] == the_arn(template, "AWS::StepFunctions::StateMachine")
    [trust] = next(
        item["AssumeRolePolicyDocument"]["Statement"]
        for logical_id, item in properties(template, "AWS::IAM::Role").items()
        if role in logical_id
    )
    assert trust["Principal"] == {"Service": service}


def test_schedules_role_is_assumed_for_this_account_only(templates: Templates) -> None:
    roles = properties(templates("schedule"), "AWS::IAM::Role")
    [role] = [role for name, role in roles.items() if "ScheduleRole" in name]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == OWN_ACCOUNT


def test_schedule_asks_the_starter_in_utc_and_names_no_dataset(templates: Templates) -> None:
    template = templates("schedule")
    [schedule] = properties(template, "AWS::Scheduler::Schedule").values()
    [role] = [name for name in properties(template, "AWS::IAM::Role") if "ScheduleRole" in name]
    assert schedule["ScheduleExpression"] == "cron(0 6 ? * MON *)"
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert schedule.get("State", "ENABLED") == "ENABLED"
    assert json.loads(schedule["Target"]["Input"]) == {}
    assert schedule["Target"]["Arn"] == the_arn(template, "AWS::StepFunctions::StateMachine")
    assert schedule["Target"]["RoleArn"].endswith(f"role/{role.lower()}")


def _object_event(template: Template, key: str, bucket: str | None = None) -> dict[str, Any]:
    [own] = properties(template, "AWS::S3::Bucket")
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket or own.lower()}, "object": {"key": key, "size": 1}},
    }


def test_empty_object_that_shows_a_folder_starts_nothing(templates: Templates) -> None:
    template = templates("start_on_new_data")
    event = _object_event(template, "raw/")
    assert matches(_rule(template, "NewData")["EventPattern"], event)
    event["detail"]["object"]["size"] = 0
    assert not matches(_rule(template, "NewData")["EventPattern"], event)


def test_new_archive_starts_an_execution_on_itself(templates: Templates) -> None:
    template = templates("start_on_new_data")
    rule = _rule(template, "NewData")
    event = _object_event(template, "raw/2026/reviews.tar.gz")
    [own] = of_type(template, "AWS::S3::Bucket")

    assert matches(rule["EventPattern"], event)
    [given] = sent(rule, event)
    _, (_, parameters) = calls(machine(template), given, ())

    assert parameters["PipelineParameters"] == [
        {"Name": "DatasetUri", "Value": f"s3://{own.lower()}/raw/2026/reviews.tar.gz"}
    ]
    assert [target["Arn"] for target in rule["Targets"]] == [
        the_arn(template, "AWS::StepFunctions::StateMachine")
    ]


def _joined(value: Any) -> list[list[Any]]:
    """The parts of every Std:Join inside a value."""
    if isinstance(value, list):
        return [join for item in value for join in _joined(item)]
    if not isinstance(value, dict):
        return []
    own = [value["Std:Join"]["Values"]] if "Std:Join" in value else []
    return own + [join for item in value.values() for join in _joined(item)]


@pytest.mark.parametrize("name", ["start_on_new_data", "everything"])
def test_no_output_of_an_execution_starts_another(templates: Templates, name: str) -> None:
    template = templates(name)
    pattern = _rule(template, "NewData")["EventPattern"]
    folders = {
        join[1]
        for join in _joined(_definition(template)["Steps"])
        if join[0] == {"Get": "Parameters.ArtifactsUri"}
    }
    assert folders == {"executions", "models"}
    for folder in folders:
        for below in ("abc/raw/reviews.tar.gz", "raw/x", "x"):
            assert not matches(pattern, _object_event(template, f"{folder}/{below}"))


@pytest.mark.parametrize(
    "key", ["reviews.tar.gz", "rawest/reviews.tar.gz", "old/raw/reviews.tar.gz", "RAW/x"]
)
def test_object_elsewhere_starts_nothing(templates: Templates, key: str) -> None:
    template = templates("start_on_new_data")
    pattern = _rule(template, "NewData")["EventPattern"]
    assert not matches(pattern, _object_event(template, key))


def test_object_in_another_bucket_or_one_deleted_starts_nothing(templates: Templates) -> None:
    template = templates("start_on_new_data")
    pattern = _rule(template, "NewData")["EventPattern"]
    deleted = {**_object_event(template, "raw/x"), "detail-type": "Object Deleted"}
    assert not matches(pattern, _object_event(template, "raw/x", bucket="other"))
    assert not matches(pattern, deleted)


@pytest.mark.parametrize("name", ["start_on_new_data", "everything"])
def test_bucket_tells_event_bridge_by_its_own_property(templates: Templates, name: str) -> None:
    template = templates(name)
    [bucket] = properties(template, "AWS::S3::Bucket").values()
    assert bucket["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    assert "Custom::S3BucketNotifications" not in _kinds(template)


def test_function_is_only_the_one_that_empties_a_bucket_that_goes(templates: Templates) -> None:
    for name in SETTINGS:
        functions = set(properties(templates(name), "AWS::Lambda::Function"))
        assert len(functions) == (0 if SETTINGS[name].get("keep_data") else 1)
        assert all("AutoDelete" in function for function in functions)


# --- storage ---


@pytest.mark.parametrize("name", SETTINGS)
def test_bucket_tells_nobody_unless_asked_for(templates: Templates, name: str) -> None:
    [bucket] = properties(templates(name), "AWS::S3::Bucket").values()
    watched = SETTINGS[name].get("start_on_new_data", False)
    assert ("NotificationConfiguration" in bucket) is watched


@pytest.mark.parametrize("name", SETTINGS)
def test_lifecycle_keeps_datasets_and_models_and_expires_executions(
    templates: Templates, name: str
) -> None:
    [bucket] = properties(templates(name), "AWS::S3::Bucket").values()
    rules = bucket["LifecycleConfiguration"]["Rules"]
    expiring = [rule for rule in rules if "ExpirationInDays" in rule or "ExpirationDate" in rule]
    assert {rule["Status"] for rule in rules} == {"Enabled"}
    assert [(rule["Prefix"], rule["ExpirationInDays"]) for rule in expiring] == [
        ("executions/", 90)
    ]


def test_what_was_overwritten_or_deleted_can_be_got_back_for_a_month(templates: Templates) -> None:
    [bucket] = properties(templates("nothing"), "AWS::S3::Bucket").values()
    rules = bucket["LifecycleConfiguration"]["Rules"]
    [kept] = [rule for rule in rules if "NoncurrentVersionExpiration" in rule]
    assert "Prefix" not in kept
    assert kept["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert kept["ExpiredObjectDeleteMarker"] is True


# --- outputs ---


@pytest.mark.parametrize("name", ["dev", "prod", "abroad"])
def test_other_stacks_are_told_the_outputs_by_parameters_of_their_names(
    assembly: Any, name: str
) -> None:
    template = assembly.templates[name]
    parameters = {
        item["Properties"]["Name"]: item["Properties"]["Value"]
        for item in of_type(template, "AWS::SSM::Parameter").values()
    }
    told = outputs(template)
    assert set(told) == {
        *("PipelineName", "PipelineArn", "ScorePipelineName"),
        *("BucketName", "ConsoleUrl"),
    }
    assert parameters == {f"/sentiment-{name}/{key}": value for key, value in told.items()}


def test_environments_parameters_dont_collide(dev: Template, prod: Template) -> None:
    names = [
        {item["Properties"]["Name"] for item in of_type(template, "AWS::SSM::Parameter").values()}
        for template in (dev, prod)
    ]
    assert all(len(own) == 5 for own in names)
    assert names[0] & names[1] == set()


def test_everythings_given_names_tell_the_environment_but_for_the_accounts_log_groups(
    templates: Templates,
) -> None:
    given = {
        value
        for resource in settled(templates("everything"))["Resources"].values()
        for key, value in resource.get("Properties", {}).items()
        if key in ("Name", "DashboardName", "TopicName", "AlarmName", "LogGroupName", "RoleName")
        and isinstance(value, str)
    }
    assert {name for name in given if "sentiment-dev" not in name} == {
        f"/aws/sagemaker/{kind}" for kind in ("ProcessingJobs", "TrainingJobs", "TransformJobs")
    }


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_committed_environment_costs_nothing_that_no_setting_asks_for(
    assembly: Any, name: str
) -> None:
    kinds = set(_kinds(assembly.templates[name]))
    assert kinds & {kind for added, _ in FLIPPED.values() for kind in added} == {
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
    }


# --- cfn-lint ---

# Said of what CDK itself writes: the function that empties a bucket, and a machine's role.
LINT_OF_CDK = ("CustomS3AutoDeleteObjects", "StarterMachine")


def _lint(path: Path) -> list[str]:
    from cfnlint.api import ManualArgs, lint_file

    return [
        f"{found.rule.id} {found.message}"
        for found in lint_file(path, config=ManualArgs(regions=["us-east-1"]))
        if not (found.rule.id == "W3005" and str(found.path[1]).startswith(LINT_OF_CDK))
    ]


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_cfn_lint_finds_nothing_in_committed_environment(assembly: Any, name: str) -> None:
    assert _lint(assembly.folder / f"sentiment-{name}.template.json") == []


@pytest.mark.parametrize("name", ["everything", "everything, kept"])
def test_cfn_lint_finds_nothing_with_everything_on(files: Callable[[str], Path], name: str) -> None:
    assert _lint(files(name)) == []


def test_cfn_lint_would_find_something(templates: Templates, tmp_path: Path) -> None:
    broken = json.loads(json.dumps(templates("alert_email")))
    for resource in broken["Resources"].values():
        if resource["Type"] == "AWS::Events::Rule":
            resource["Properties"]["State"] = "PERHAPS"
    path = tmp_path / "broken.template.json"
    path.write_text(json.dumps(broken))
    assert any("PERHAPS" in found for found in _lint(path))
