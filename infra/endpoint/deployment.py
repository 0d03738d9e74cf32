"""Deployment by approval: what listens to the registry, and deploys to the endpoint."""

from __future__ import annotations

from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as states
from constructs import Construct

from infra.encryption import Encryption
from infra.endpoint.alerts import notifications, notify_of_interruptions
from infra.endpoint.deployment_policy import deployment_policy
from infra.endpoint.machine.definition import definition
from infra.endpoint.metrics import alarms
from infra.endpoint.names import LOG_GROUPS, EndpointNames
from infra.endpoint.requests import Requests
from infra.endpoint.serving_role import ServingRole
from infra.observability.logged_machine import written_state_machine
from infra.observability.topics import Topics
from infra.pipelines import PACKAGE_CHANGE, sagemaker_events
from infra.settings import Settings
from infra.trigger.prefixes import CAPTURED

_API_CALL = "AWS API Call via CloudTrail"
_LOG_DAYS = 30


class EndpointDeployment(Construct):
    """The state machine that creates, updates and restores the endpoint, and its triggers.

    The endpoint itself isn't a resource of the stack: it serves a version, which isn't one either.

    outputs: values that people and commands need, by name.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        bucket: s3.IBucket,
        group: str,
        encryption: Encryption,
        topics: Topics | None,
    ) -> None:
        super().__init__(scope, id)
        self.outputs: dict[str, str] = {}
        if not settings.endpoint:
            return
        names = EndpointNames(settings.resource_name)
        serving = ServingRole(
            self,
            "Serving",
            settings=settings,
            names=names,
            bucket=bucket,
            encryption=encryption,
        )
        requests = Requests(
            settings=settings,
            names=names,
            role_arn=serving.role.role_arn,
            captured_uri=f"s3://{bucket.bucket_name}/{CAPTURED}",
            key_arn=encryption.key.key_arn if encryption.key else None,
        )
        sent = notifications(self, names, topics) if topics else []
        machine = written_state_machine(
            self,
            definition(requests, group=group, notifications=sent),
            name=names.state_machine,
            key=encryption.key,
        )
        policy = deployment_policy(
            self,
            "Policy",
            settings=settings,
            names=names,
            group=group,
            serving=serving,
            encryption=encryption,
            topics=topics,
        )
        policy.attach_to_role(machine.role)
        resource = machine.node.default_child
        assert resource is not None
        resource.node.add_dependency(policy, serving.policy)
        _listen(self, machine, group)
        _keep_logs(self, names, settings, encryption)
        if topics or settings.endpoint.instances:
            alarms(self, names, topics)
        if topics:
            notify_of_interruptions(self, names, machine, topics)
        self.outputs = {
            "EndpointName": names.endpoint,
            "EndpointStateMachineArn": machine.state_machine_arn,
        }


def _listen(scope: Construct, machine: states.StateMachine, group: str) -> None:
    """Start a deployment when a version is approved, and when one is rejected or deleted."""
    of_group = {"ModelPackageGroupName": [group], "ModelPackageStatus": ["Completed"]}
    versions = Stack.of(scope).format_arn(
        service="sagemaker", resource="model-package", resource_name=f"{group}/"
    )
    deletion = {
        "eventSource": ["sagemaker.amazonaws.com"],
        "eventName": ["DeleteModelPackage"],
        "requestParameters": {"modelPackageName": [{"prefix": versions}]},
    }
    approved = {"approvedVersion": events.EventField.from_path("$.detail.ModelPackageArn")}
    rules: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
        ("Approved", PACKAGE_CHANGE, {**of_group, "ModelApprovalStatus": ["Approved"]}, approved),
        ("Rejected", PACKAGE_CHANGE, {**of_group, "ModelApprovalStatus": ["Rejected"]}, {}),
        ("Deleted", _API_CALL, deletion, {}),
    ]
    for name, kind, detail, given in rules:
        events.Rule(
            scope,
            name,
            event_pattern=sagemaker_events(kind, detail),
            targets=[
                targets.SfnStateMachine(machine, input=events.RuleTargetInput.from_object(given))
            ],
        )


def _keep_logs(
    scope: Construct, names: EndpointNames, settings: Settings, encryption: Encryption
) -> None:
    """Create the containers' log groups, which SageMaker would create without a retention."""
    for kind, name in (("Live", names.endpoint), ("Candidate", names.candidate)):
        logs.CfnLogGroup(
            scope,
            f"{kind}Logs",
            log_group_name=f"{LOG_GROUPS}/{name}",
            retention_in_days=settings.log_retention_days or _LOG_DAYS,
            kms_key_id=encryption.key.key_arn if encryption.key else None,
        ).apply_removal_policy(RemovalPolicy.DESTROY)
