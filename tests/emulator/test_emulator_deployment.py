"""The whole life of a deployment, by the CDK's command line against the emulated AWS.

The tests of this module are the chapters of one story, and each takes up where the last one ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from emulated_pipelines import RunningPipeline, cached
from emulator_programs import REGION, Cdk, Emulator, eventually
from feature_templates import BOUNDARY, SETTINGS

DATASET = "raw/reviews.tar.gz"
EVERYTHING = {
    **SETTINGS["everything"],
    "region": REGION,
    "keep_data": False,
    "dataset_uri": DATASET,
    "spot": False,  # a spot job is never taken from the cache
}
DELIVERY = {"repository": "someone/sentiment", "region": REGION}
PROD = {"region": REGION, "keep_data": True}
LIMITS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass
class Deployed:
    """Stacks of dev, with every setting on, prod, and delivery; the queue hears dev's alerts."""

    cdk: Cdk
    emulator: Emulator
    bucket: str
    queue: str
    pipeline: RunningPipeline
    champion: str = ""

    def alerts(self) -> Iterator[str]:
        """The messages that came to the alerts' topic."""
        client = self.emulator.client("sqs")
        found = client.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        for message in found.get("Messages", ()):
            client.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
            yield str(json.loads(message["Body"])["Message"])

    def alert(self, words: str) -> str:
        """The next alert that says ``words``."""
        return eventually(lambda: next((text for text in self.alerts() if words in text), None))


def outputs(emulator: Emulator, stack: str) -> dict[str, str]:
    [found] = emulator.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for item in found["Outputs"]}


def resources(emulator: Emulator, stack: str) -> dict[str, dict[str, Any]]:
    pages = emulator.client("cloudformation").get_paginator("list_stack_resources")
    return {
        item["LogicalResourceId"]: item
        for page in pages.paginate(StackName=stack)
        for item in page["StackResourceSummaries"]
    }


@pytest.fixture(scope="module")
def deployed(cdk: Cdk, emulator: Emulator, archive: Path) -> Deployed:
    emulator.client("iam").create_policy(
        PolicyName=BOUNDARY.rpartition("/")[2], PolicyDocument=json.dumps(LIMITS)
    )
    cdk.settle({"dev": EVERYTHING, "prod": PROD}, delivery=DELIVERY)
    cdk("deploy", "--all", "--require-approval", "never")
    bucket = outputs(emulator, "sentiment-dev")["BucketName"]
    emulator.client("s3").upload_file(str(archive), bucket, DATASET)
    sqs, sns = emulator.client("sqs"), emulator.client("sns")
    queue = sqs.create_queue(QueueName="alerts")["QueueUrl"]
    [topic] = sns.list_topics()["Topics"]
    sns.subscribe(
        TopicArn=topic["TopicArn"],
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:123456789012:alerts",
    )
    pipeline = RunningPipeline(emulator, "sentiment-dev")
    return Deployed(cdk, emulator, bucket, queue, pipeline)


@pytest.mark.parametrize("name", ["dev", "prod", "delivery-roles"])
def test_every_resource_of_the_template_is_there(deployed: Deployed, name: str) -> None:
    stack = f"sentiment-{name}"
    template = json.loads((deployed.cdk.folder / f"cdk.out/{stack}.template.json").read_text())
    found = resources(deployed.emulator, stack)
    kinds = {name: resource["Type"] for name, resource in template["Resources"].items()}
    assert {name: item["ResourceType"] for name, item in found.items()} == kinds
    assert {item["ResourceStatus"] for item in found.values()} <= {"CREATE_COMPLETE"}
    assert all(item["PhysicalResourceId"] for item in found.values())


def test_outputs_and_ssm_parameters_agree(deployed: Deployed) -> None:
    found = outputs(deployed.emulator, "sentiment-dev")
    assert sorted(found) == ["BucketName", "ConsoleUrl", "PipelineArn", "PipelineName"]
    ssm = deployed.emulator.client("ssm")
    for name, value in found.items():
        parameter = ssm.get_parameter(Name=f"/sentiment-dev/{name}")["Parameter"]
        assert parameter["Value"] == value


def test_an_execution_started_with_the_deployed_defaults_registers_a_model(
    deployed: Deployed,
) -> None:
    arn = deployed.pipeline.start(NumRound="20")
    assert deployed.pipeline.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    steps = deployed.pipeline.steps(arn)
    assert (list(steps)[-2:], cached(steps)) == (["QualityGate", "RegisterModel"], [])
    key = f"models/{arn.rpartition('/')[2]}/evaluation/evaluation.json"
    found = deployed.emulator.client("s3").get_object(Bucket=deployed.bucket, Key=key)
    assert b"binary_classification_metrics" in found["Body"].read()


def test_the_new_version_is_told_of_and_waits_for_approval(deployed: Deployed) -> None:
    alert = deployed.alert("waits for approval")
    sagemaker = deployed.pipeline.sagemaker
    [version] = sagemaker.list_model_packages(ModelPackageGroupName="sentiment-dev")[
        "ModelPackageSummaryList"
    ]
    assert version["ModelApprovalStatus"] == "PendingManualApproval"
    assert version["ModelPackageArn"] in alert
    deployed.champion = version["ModelPackageArn"]
    sagemaker.update_model_package(
        ModelPackageArn=deployed.champion, ModelApprovalStatus="Approved"
    )


def test_a_deployment_without_changes_changes_nothing(deployed: Deployed) -> None:
    printed = deployed.cdk("deploy", "--app", "cdk.out", "--require-approval", "never", "--all")
    assert printed.count("(no changes)") == 3


def test_a_changed_setting_updates_the_pipeline_only(deployed: Deployed) -> None:
    before = resources(deployed.emulator, "sentiment-dev")
    deployed.cdk.settle({"dev": {**EVERYTHING, "transform_instance_type": "ml.m5.xlarge"}})
    deployed.cdk("deploy", "--require-approval", "never", "sentiment-dev")
    after = resources(deployed.emulator, "sentiment-dev")
    changed = [name for name, item in after.items() if item["ResourceStatus"] == "UPDATE_COMPLETE"]
    assert [after[name]["ResourceType"] for name in changed] == ["AWS::SageMaker::Pipeline"]
    assert {name: item["PhysicalResourceId"] for name, item in after.items()} == {
        name: item["PhysicalResourceId"] for name, item in before.items()
    }


def test_the_next_execution_reuses_steps_and_its_refused_model_is_told_of(
    deployed: Deployed,
) -> None:
    arn = deployed.pipeline.start(NumRound="20", AccuracyThreshold="0.99999")
    assert deployed.pipeline.ended(arn)["PipelineExecutionStatus"] == "Failed"
    steps = deployed.pipeline.steps(arn)
    assert "Preprocess" in cached(steps)
    assert "Train" in cached(steps)
    assert "Transform" not in cached(steps)
    job = steps["Transform"]["Metadata"]["TransformJob"]["Arn"].rpartition("/")[2]
    described = deployed.pipeline.sagemaker.describe_transform_job(TransformJobName=job)
    assert described["TransformResources"]["InstanceType"] == "ml.m5.xlarge"
    assert f"champion: {deployed.champion}" in log_of(deployed, steps["Champion"])
    alert = deployed.alert("the quality gate refused the model")
    assert steps["Reject"]["FailureReason"] in alert
    assert arn in alert


def test_destroying_leaves_a_group_with_versions_and_says_so(deployed: Deployed) -> None:
    code, printed = deployed.cdk.attempt("destroy", "--app", "cdk.out", "--force", "sentiment-dev")
    assert code == 1
    assert "it still contains model packages: sentiment-dev" in printed


def test_once_versions_and_models_are_gone_destroying_leaves_nothing(deployed: Deployed) -> None:
    sagemaker = deployed.pipeline.sagemaker
    for version in sagemaker.list_model_packages(ModelPackageGroupName="sentiment-dev")[
        "ModelPackageSummaryList"
    ]:
        sagemaker.delete_model_package(ModelPackageName=version["ModelPackageArn"])
    deployed.cdk("destroy", "--app", "cdk.out", "--force", "sentiment-dev")
    others = resources(deployed.emulator, "sentiment-delivery-roles").values()
    roles = {f"role {item['PhysicalResourceId']}" for item in others}
    left = [name for name in names_left(deployed.emulator) if name not in roles]
    assert [name for name in left if "dev" in name] == []


def test_prod_keeps_its_bucket_and_its_group_and_nothing_else(deployed: Deployed) -> None:
    kept = outputs(deployed.emulator, "sentiment-prod")["BucketName"]
    client = deployed.emulator.client("cloudformation")
    for stack in ("sentiment-prod", "sentiment-delivery-roles"):
        client.delete_stack(StackName=stack)
        client.get_waiter("stack_delete_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
    left = [name for name in names_left(deployed.emulator) if "cdk-" not in name]
    assert left == sorted([f"bucket {kept}", "group sentiment-prod"])


def log_of(deployed: Deployed, step: Mapping[str, Any]) -> str:
    """What the step's processing job printed."""
    logs, group = deployed.emulator.client("logs"), "/aws/sagemaker/ProcessingJobs"
    job = step["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    found = logs.filter_log_events(logGroupName=group, logStreamNamePrefix=f"{job}/")
    return "\n".join(event["message"] for event in found["events"])


def names_left(emulator: Emulator) -> list[str]:
    """Whatever there is of the kinds that the stacks make, beside keys that wait for deletion."""
    client = emulator.client
    kms = client("kms")
    found = {
        "alarm": [
            item["AlarmName"] for item in client("cloudwatch").describe_alarms()["MetricAlarms"]
        ],
        "bucket": [item["Name"] for item in client("s3").list_buckets()["Buckets"]],
        "budget": [
            item["BudgetName"]
            for item in client("budgets").describe_budgets(AccountId="123456789012")["Budgets"]
        ],
        "dashboard": [
            item["DashboardName"]
            for item in client("cloudwatch").list_dashboards()["DashboardEntries"]
        ],
        "function": [
            item["FunctionName"] for item in client("lambda").list_functions()["Functions"]
        ],
        "group": [
            item["ModelPackageGroupName"]
            for item in client("sagemaker").list_model_package_groups()[
                "ModelPackageGroupSummaryList"
            ]
        ],
        "key": [
            described["Description"]
            for item in kms.list_keys()["Keys"]
            if (described := kms.describe_key(KeyId=item["KeyId"])["KeyMetadata"])["KeyState"]
            == "Enabled"
        ],
        "log group": [
            item["logGroupName"] for item in client("logs").describe_log_groups()["logGroups"]
        ],
        "machine": [
            item["name"] for item in client("stepfunctions").list_state_machines()["stateMachines"]
        ],
        "parameter": [item["Name"] for item in client("ssm").describe_parameters()["Parameters"]],
        "pipeline": [
            item["PipelineName"]
            for item in client("sagemaker").list_pipelines()["PipelineSummaries"]
        ],
        "role": [item["RoleName"] for item in client("iam").list_roles()["Roles"]],
        "rule": [item["Name"] for item in client("events").list_rules()["Rules"]],
        "schedule": [item["Name"] for item in client("scheduler").list_schedules()["Schedules"]],
        "topic": [item["TopicArn"] for item in client("sns").list_topics()["Topics"]],
    }
    return sorted(f"{kind} {name}" for kind, names in found.items() for name in names)
