"""The execution role may do what the steps need, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.cdk_context import ENVIRONMENTS
from tests.support.settings_cases import (
    BOUNDARY,
    DATASET_KEY,
    MLFLOW_APP,
    SECURITY_GROUPS,
    SUBNETS,
    TRACKING_SERVER,
)
from tests.support.templates import (
    ACCOUNT,
    Assembly,
    Template,
    allows,
    as_list,
    deployed_definition,
    of_type,
    properties,
    statements_of,
    the_one,
)

Templates = Callable[[str], Template]

EC2 = f"arn:aws:ec2:us-east-1:{ACCOUNT}"
SAGEMAKER = "sagemaker.amazonaws.com"
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group"

# Step type -> actions and resources of creating, describing, stopping and tagging its job.
# SageMaker names jobs pipelines-<execution>-<step>-<random>.
PERMISSIONS: dict[str, list[tuple[str, str]]] = {
    "Processing": [
        (f"sagemaker:{action}", f"{ARN}:processing-job/pipelines-abc-Download-x")
        for action in (
            *("CreateProcessingJob", "DescribeProcessingJob", "StopProcessingJob", "AddTags"),
        )
    ],
    "Training": [
        (f"sagemaker:{action}", f"{ARN}:training-job/pipelines-abc-Train-x")
        for action in (*("CreateTrainingJob", "DescribeTrainingJob", "StopTrainingJob", "AddTags"),)
    ],
    "Model": [
        (f"sagemaker:{action}", f"{ARN}:model/pipelines-abc-CreateModel-x")
        for action in ("CreateModel", "DescribeModel", "AddTags")
    ],
    "Transform": [
        (f"sagemaker:{action}", f"{ARN}:transform-job/pipelines-abc-Transform-x")
        for action in (
            *("CreateTransformJob", "DescribeTransformJob", "StopTransformJob", "AddTags"),
        )
    ],
    "RegisterModel": [
        (f"sagemaker:{action}", f"{ARN}:{resource}")
        for action in ("CreateModelPackage", "DescribeModelPackage", "AddTags")
        for resource in ("model-package-group/sentiment-dev", "model-package/sentiment-dev/1")
    ],
    "Condition": [],
    "Fail": [],
}


def _role(template: Template) -> dict[str, Any]:
    [role] = [
        role
        for role in of_type(template, "AWS::IAM::Role").values()
        if SAGEMAKER in json.dumps(role["Properties"]["AssumeRolePolicyDocument"])
    ]
    return role


def _statements(template: Template) -> list[dict[str, Any]]:
    policy = the_one(template, "AWS::IAM::Policy")["Properties"]["PolicyDocument"]
    statements: list[dict[str, Any]] = policy["Statement"]
    return statements


def _defaults(template: Template) -> dict[str, str]:
    parameters = json.loads(deployed_definition(template))["Parameters"]
    return {item["Name"]: item["DefaultValue"] for item in parameters}


def _bucket_arn(uri: str) -> str:
    return f"arn:aws:s3:::{uri.removeprefix('s3://').split('/')[0]}"


def test_role_is_assumed_by_sagemaker_for_this_account_only(template: Template) -> None:
    [trust] = _role(template)["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Effect"] == "Allow"
    assert trust["Action"] == "sts:AssumeRole"
    assert trust["Principal"] == {"Service": SAGEMAKER}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_role_has_only_its_own_policy(template: Template) -> None:
    properties = _role(template)["Properties"]
    assert "ManagedPolicyArns" not in properties
    assert "Policies" not in properties


def test_role_may_set_the_environments_tags_only(templates: Templates) -> None:
    statements, job = _statements(templates("tags")), f"{ARN}:training-job/pipelines-abc-Train-x"
    allowed = ("cost-center", "Environment", "project", "sagemaker:pipeline-execution-arn")
    assert all(allows(statements, "sagemaker:AddTags", job, aws__TagKeys=key) for key in allowed)
    assert not allows(statements, "sagemaker:AddTags", job, aws__TagKeys="owner")


def test_role_may_pass_only_itself_and_only_to_sagemaker(template: Template) -> None:
    statements = _statements(template)
    own = _defaults(template)["ExecutionRoleArn"]
    to_sagemaker = {"iam__PassedToService": SAGEMAKER}
    assert allows(statements, "iam:PassRole", own, **to_sagemaker)
    assert not allows(statements, "iam:PassRole", own)
    assert not allows(statements, "iam:PassRole", own, iam__PassedToService="ec2.amazonaws.com")
    assert not allows(
        statements, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin", **to_sagemaker
    )


def test_no_action_is_a_wildcard(template: Template) -> None:
    actions = {action for item in _statements(template) for action in as_list(item["Action"])}
    assert [action for action in actions if "*" in action] == []


def test_every_statement_allows_and_lists_no_exceptions(template: Template) -> None:
    for statement in _statements(template):
        assert statement["Effect"] == "Allow"
        assert not {"NotAction", "NotResource"} & statement.keys()


def test_only_actions_without_resource_types_apply_to_all_resources(template: Template) -> None:
    actions = {
        action
        for item in _statements(template)
        if "*" in as_list(item["Resource"])
        for action in as_list(item["Action"])
    }
    assert actions == {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}


def test_sagemaker_actions_are_limited_to_jobs_of_pipelines_and_the_group(
    dev: Template,
) -> None:
    own = (*(f"{ARN}:{kind}/pipelines-*" for kind in ("model", "processing-job", "training-job",
             "transform-job")), f"{ARN}:model-package-group/sentiment-dev",
           f"{ARN}:model-package/sentiment-dev/*")  # fmt: skip
    resources = {
        resource
        for item in _statements(dev)
        for resource in as_list(item["Resource"])
        if any(action.startswith("sagemaker:") for action in as_list(item["Action"]))
    }
    assert resources == set(own)


def test_table_of_permissions_covers_every_step_type_of_the_definition(
    steps: dict[str, Any],
) -> None:
    assert {step["Type"] for step in steps.values()} == set(PERMISSIONS)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param(action, resource, id=f"{action}-on-{resource.split(':')[-1]}")
        for needs in PERMISSIONS.values()
        for action, resource in needs
    ],
)
def test_role_may_do_what_steps_need(dev: Template, action: str, resource: str) -> None:
    assert allows(_statements(dev), action, resource)


@pytest.mark.parametrize(
    "action",
    [
        *("CreateHyperParameterTuningJob", "DescribeHyperParameterTuningJob"),
        *("StopHyperParameterTuningJob", "ListTrainingJobsForHyperParameterTuningJob", "AddTags"),
    ],
)
def test_role_may_use_tuning_jobs_with_the_setting_only(templates: Templates, action: str) -> None:
    arguments = f"sagemaker:{action}", f"{ARN}:hyper-parameter-tuning-job/x-Train-y"
    tags = {"aws__TagKeys": "project"} if action == "AddTags" else {}
    assert allows(_statements(templates("tuning")), *arguments, **tags)
    assert not allows(_statements(templates("nothing")), *arguments, **tags)


def test_role_may_read_and_write_its_bucket(template: Template) -> None:
    bucket = _bucket_arn(_defaults(template)["ArtifactsUri"])
    assert allows(_statements(template), "s3:ListBucket", bucket)
    for action in ("s3:GetObject", "s3:PutObject"):
        assert allows(_statements(template), action, f"{bucket}/executions/abc/train/model.tar.gz")


def test_role_may_read_the_code(template: Template) -> None:
    defaults = _defaults(template)
    key = f"{_bucket_arn(defaults['CodeUri'])}/{defaults['CodeFile']}"
    assert allows(_statements(template), "s3:GetObject", key)
    assert not allows(_statements(template), "s3:PutObject", key)


def test_role_may_list_the_code_as_an_s3_prefix(template: Template) -> None:
    defaults = _defaults(template)
    bucket = _bucket_arn(defaults["CodeUri"])
    assert allows(_statements(template), "s3:ListBucket", bucket, s3__prefix=defaults["CodeFile"])


@pytest.mark.parametrize("repository", ["sagemaker-scikit-learn", "sagemaker-xgboost"])
@pytest.mark.parametrize(
    "action",
    [
        *("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
    ],
)
def test_role_may_pull_the_images_of_the_definition(
    dev: Template, repository: str, action: str
) -> None:
    assert f"/{repository}:" in deployed_definition(dev)
    account = "683313688378"
    resource = f"arn:aws:ecr:us-east-1:{account}:repository/{repository}"
    assert allows(_statements(dev), action, resource)


def test_role_may_write_logs_and_metrics(dev: Template) -> None:
    statements = _statements(dev)
    stream = f"{LOGS}:/aws/sagemaker/ProcessingJobs:log-stream:x"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        assert allows(statements, action, stream)
    assert allows(statements, "logs:CreateLogGroup", f"{LOGS}:/aws/sagemaker/ProcessingJobs")
    assert allows(
        statements,
        "cloudwatch:PutMetricData",
        "*",
        cloudwatch__namespace="/aws/sagemaker/TrainingJobs",
    )


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("sagemaker:CreateTrainingJob", f"{ARN}:training-job/mine", id="own-training"),
        pytest.param("sagemaker:StopTrainingJob", f"{ARN}:training-job/mine", id="stop-others"),
        pytest.param("sagemaker:CreateEndpoint", f"{ARN}:endpoint/pipelines-x", id="endpoint"),
        pytest.param(
            "sagemaker:CreateModelPackage",
            f"{ARN}:model-package/sentiment-prod/1",
            id="register-in-other-environment",
        ),
        pytest.param(
            "sagemaker:UpdateModelPackage",
            f"{ARN}:model-package/sentiment-dev/1",
            id="approve-its-own-model",
        ),
        pytest.param(
            "sagemaker:StartPipelineExecution", f"{ARN}:pipeline/sentiment-dev", id="start-itself"
        ),
        pytest.param("s3:GetObject", "arn:aws:s3:::other/x", id="read-other-bucket"),
        pytest.param("s3:DeleteObject", "arn:aws:s3:::storagebucket/x", id="delete"),
        pytest.param("s3:PutBucketPolicy", "arn:aws:s3:::storagebucket", id="open-the-bucket"),
        pytest.param(
            "s3:GetObject",
            f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-us-east-1/other.zip",
            id="read-other-asset",
        ),
        pytest.param(
            "ecr:BatchGetImage",
            f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/mine",
            id="pull-other-image",
        ),
        pytest.param("logs:PutLogEvents", f"{LOGS}:/aws/lambda/x:log-stream:y", id="other-logs"),
        pytest.param("cloudwatch:PutMetricData", "*", id="metrics-without-namespace"),
        pytest.param("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/x", id="iam"),
        pytest.param("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/x", id="other-role"),
    ],
)
def test_role_may_do_nothing_else(dev: Template, action: str, resource: str) -> None:
    assert not allows(_statements(dev), action, resource)


# --- roles with settings ---


@pytest.mark.parametrize("name", ["permission_boundary", "everything", "everything, kept"])
def test_boundary_applies_to_every_role_including_the_cdks_own(
    templates: Templates, name: str
) -> None:
    roles = properties(templates(name), "AWS::IAM::Role")
    assert len(roles) >= 2 or name == "permission_boundary"
    assert {role.get("PermissionsBoundary") for role in roles.values()} == {BOUNDARY}


def test_roles_have_no_boundary_without_the_setting(templates: Templates) -> None:
    for name in ("nothing", "schedule", "start_on_new_data"):
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
def test_jobs_in_a_vpc_may_create_interfaces_in_its_subnets_and_groups(
    templates: Templates, resource: str
) -> None:
    statements = statements_of(templates("subnets"), "ExecutionRole")
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
def test_jobs_in_a_vpc_may_do_nothing_else(
    templates: Templates, action: str, resource: str
) -> None:
    statements = statements_of(templates("subnets"), "ExecutionRole")
    assert not allows(statements, action, f"{EC2}:{resource}")


def test_jobs_in_a_vpc_may_only_describe_resources_without_names(templates: Templates) -> None:
    [everywhere] = [
        statement
        for statement in statements_of(templates("subnets"), "ExecutionRole")
        if statement["Resource"] == "*" and "ec2:DescribeSubnets" in statement["Action"]
    ]
    assert all(action.startswith("ec2:Describe") for action in everywhere["Action"])


@pytest.mark.parametrize("name", ["nothing", "processing_engine", "dataset_uri", "schedule"])
def test_role_has_no_access_to_networks_and_keys_without_the_settings(
    templates: Templates, name: str
) -> None:
    statements = statements_of(templates(name), "ExecutionRole")
    actions = json.dumps([item["Action"] for item in statements])
    assert "ec2:" not in actions
    assert "kms:" not in actions


def test_role_may_read_only_the_dataset_that_the_setting_names(templates: Templates) -> None:
    statements = statements_of(templates("dataset_uri"), "ExecutionRole")
    bucket = "arn:aws:s3:::somebodys-reviews"
    assert allows(statements, "s3:GetObject", f"{bucket}/imdb/reviews.tar.gz")
    assert allows(statements, "s3:ListBucket", bucket, s3__prefix="imdb/")
    assert not allows(statements, "s3:GetObject", f"{bucket}/other/reviews.tar.gz")
    assert not allows(statements, "s3:ListBucket", bucket, s3__prefix="other/")
    assert not allows(statements, "s3:PutObject", f"{bucket}/imdb/reviews.tar.gz")


def test_role_may_read_objects_whose_keys_begin_with_that_of_the_dataset(
    templates: Templates,
) -> None:
    statements = statements_of(templates("one object"), "ExecutionRole")
    bucket = "arn:aws:s3:::reviews"
    assert allows(statements, "s3:GetObject", f"{bucket}/imdb.tar.gz")
    assert allows(statements, "s3:GetObject", f"{bucket}/imdb.tar.gz.bak")
    assert not allows(statements, "s3:GetObject", f"{bucket}/imdb.tar")


@pytest.mark.parametrize("prefix", ["movies", "books"])
def test_role_may_read_datasets_below_the_prefixes_only(templates: Templates, prefix: str) -> None:
    statements = statements_of(templates("dataset_prefixes"), "ExecutionRole")
    bucket = "arn:aws:s3:::another-owners-reviews"
    assert allows(statements, "s3:GetObject", f"{bucket}/{prefix}/reviews.tar.gz")
    assert allows(statements, "s3:ListBucket", bucket, s3__prefix=f"{prefix}/")
    assert not allows(statements, "s3:GetObject", f"{bucket}/salaries.csv")
    assert not allows(statements, "s3:ListBucket", bucket, s3__prefix="")
    assert "kms:" not in json.dumps([item["Action"] for item in statements])


def test_role_may_decrypt_datasets_with_their_keys_through_s3_only(templates: Templates) -> None:
    statements = statements_of(templates("dataset_keys"), "ExecutionRole")
    bucket = "arn:aws:s3:::another-owners-reviews"
    in_s3 = {"kms__ViaService": "s3.eu-west-1.amazonaws.com"}
    for context in (bucket, f"{bucket}/movies/reviews.tar.gz"):
        arn = {"kms__EncryptionContext:aws:s3:arn": context}
        assert allows(statements, "kms:Decrypt", DATASET_KEY, **in_s3, **arn)
        assert not allows(statements, "kms:Decrypt", DATASET_KEY, **arn)
    elsewhere = {"kms__EncryptionContext:aws:s3:arn": f"{bucket}/salaries.csv"}
    assert not allows(statements, "kms:Decrypt", DATASET_KEY, **in_s3, **elsewhere)
    assert not allows(statements, "kms:Encrypt", DATASET_KEY, **in_s3)


def test_policy_with_every_setting_and_the_most_datasets_is_within_iams_limit(
    templates: Templates,
) -> None:
    statements = statements_of(templates("everything"), "ExecutionRole")
    assert len(json.dumps(statements, separators=(",", ":"))) < 10_240 - 200  # physical names


def test_policy_beyond_iams_limit_is_refused_with_the_settings_that_take_most(
    assembly: Assembly, build_folder: Path, tmp_path: Path
) -> None:
    from app import build
    from infra.settings_errors import SettingsError

    long = {
        "dataset_prefixes": [f"s3://reviews/{letter * 250}/" for letter in "abcdefghij"],
        "tags": {f"{number:0120}": "" for number in range(25)},
    }
    with pytest.raises(SettingsError) as error:
        build({"environments": {"dev": {**ENVIRONMENTS["dev"], **long}}}, tmp_path, build_folder)
    words = re.findall("'dev'|10,240|dataset_prefixes|tags|subnets", str(error.value))
    assert words == ["'dev'", "10,240", "dataset_prefixes", "tags"]


@pytest.mark.parametrize(("name", "listed"), [("nothing", True), ("no_network", False)])
def test_role_may_list_versions_of_its_group_only_with_a_network(
    templates: Templates, name: str, listed: bool
) -> None:
    statements = statements_of(templates(name), "ExecutionRole")
    for group, allowed in (("dev", listed), ("prod", False)):
        version = f"{ARN}:model-package/sentiment-{group}/1"
        assert allows(statements, "sagemaker:ListModelPackages", version) is allowed


def test_role_may_pull_the_spark_image_only_on_spark(templates: Templates) -> None:
    image = "arn:aws:ecr:us-east-1:173754725891:repository/sagemaker-spark-processing"
    for name, allowed in (("nothing", False), ("processing_engine", True)):
        statements = statements_of(templates(name), "ExecutionRole")
        assert allows(statements, "ecr:BatchGetImage", image) is allowed


# --- MLflow ---

OTHER_SERVER = f"{ARN}:mlflow-tracking-server/other"


@pytest.mark.parametrize("action", ["CreateExperiment", "CreateRun", "LogBatch", "UpdateRun"])
def test_role_may_record_runs_in_the_tracking_server_of_the_setting_only(
    templates: Templates, action: str
) -> None:
    statements = statements_of(templates("mlflow_tracking_server"), "ExecutionRole")
    assert allows(statements, f"sagemaker-mlflow:{action}", TRACKING_SERVER)
    assert not allows(statements, f"sagemaker-mlflow:{action}", OTHER_SERVER)
    assert not allows(
        statements_of(templates("nothing"), "ExecutionRole"),
        f"sagemaker-mlflow:{action}",
        TRACKING_SERVER,
    )


@pytest.mark.parametrize(
    "action",
    [
        *("sagemaker-mlflow:DeleteRun", "sagemaker-mlflow:DeleteExperiment"),
        *("sagemaker-mlflow:CreateModelVersion", "sagemaker:DeleteMlflowTrackingServer"),
        "sagemaker:CreatePresignedMlflowTrackingServerUrl",
    ],
)
def test_role_may_delete_and_register_nothing_in_mlflow(templates: Templates, action: str) -> None:
    statements = statements_of(templates("mlflow_tracking_server"), "ExecutionRole")
    assert not allows(statements, action, TRACKING_SERVER)


@pytest.mark.parametrize(("name", "allowed"), [("mlflow_tracking_server", False), ("app", True)])
def test_role_may_call_an_mlflow_app_only_if_the_setting_names_one(
    templates: Templates, name: str, allowed: bool
) -> None:
    statements = statements_of(templates(name), "ExecutionRole")
    for action in ("sagemaker:CallMlflowAppApi", "sagemaker-mlflow:CreateRun"):
        assert allows(statements, action, MLFLOW_APP) is allowed
