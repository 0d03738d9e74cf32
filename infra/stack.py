"""The stack of an environment, as a table of contents."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Environment, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgments import acknowledge
from infra.code_asset import CodeAsset
from infra.deployment_values import DeploymentValues
from infra.encryption import Encryption
from infra.endpoint.deployment import EndpointDeployment
from infra.execution_role import ExecutionRole
from infra.guardrails.tagging import tag_resources
from infra.model_registry import ModelRegistry
from infra.observability.observability import Observability
from infra.pipelines import Pipelines
from infra.settings import Settings
from infra.stack_outputs import StackOutputs
from infra.storage import Storage
from infra.trigger.execution_trigger import ExecutionTrigger, ScoringTrigger


class SentimentStack(Stack):
    """All resources of one environment. Each construct adds only what the settings ask for."""

    def __init__(
        self, scope: Construct, *, settings: Settings, build_folder: Path, commit: str | None = None
    ) -> None:
        super().__init__(
            scope,
            settings.resource_name,
            env=Environment(account=settings.account, region=settings.region),
            description="A SageMaker Pipeline that trains a sentiment model on movie reviews",
        )
        encryption = Encryption(self, "Encryption", settings=settings)
        key = encryption.key
        storage = Storage(self, "Storage", settings=settings, key=key)
        code = CodeAsset(self, "Code", build_folder=build_folder)
        registry = ModelRegistry(self, "ModelRegistry", settings=settings)
        role = ExecutionRole(
            self,
            "ExecutionRole",
            settings=settings,
            bucket=storage.bucket,
            code=code,
            group_name=registry.group_name,
            encryption=encryption,
        )
        values = DeploymentValues.of(storage, code, role, registry, key, commit)
        pipelines = Pipelines(
            self,
            "Pipelines",
            settings=settings,
            build_folder=build_folder,
            role=role,
            values=values,
        )
        pipelines.node.add_dependency(registry)
        observability = Observability(
            self, "Observability", settings=settings, pipelines=pipelines, key=key
        )
        for trigger in (ExecutionTrigger, ScoringTrigger):
            trigger(
                self,
                trigger.__name__,
                settings=settings,
                pipelines=pipelines,
                bucket=storage.bucket,
                topics=observability.topics,
                key=key,
            )
        endpoint = EndpointDeployment(
            self,
            "Endpoint",
            settings=settings,
            bucket=storage.bucket,
            group=registry.group_name,
            encryption=encryption,
            topics=observability.topics,
        )
        StackOutputs(
            self,
            "Outputs",
            pipelines=pipelines,
            bucket=storage.bucket,
            further=endpoint.outputs,
        )

        tag_resources(self, settings.resource_tags)
        _bound(self, settings)
        acknowledge(self)


def _bound(stack: Stack, settings: Settings) -> None:
    """Set the permissions boundary of every role, the CDK's own included."""
    if arn := settings.permission_boundary:
        boundary = iam.ManagedPolicy.from_managed_policy_arn(stack, "PermissionBoundary", arn)
        iam.PermissionsBoundary.of(stack).apply(boundary)
