"""The stack, as a table of contents."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Environment, Stack, Tags
from constructs import Construct

from infra.code_asset import CodeAsset
from infra.execution_role import ExecutionRole
from infra.model_registry import ModelRegistry
from infra.outputs import Outputs
from infra.pipeline import SentimentPipeline
from infra.settings import Settings
from infra.storage import Storage


class SentimentStack(Stack):
    """Everything of one environment."""

    def __init__(self, scope: Construct, *, settings: Settings, build_folder: Path) -> None:
        super().__init__(
            scope,
            settings.resource_name,
            env=Environment(account=settings.account, region=settings.region),
            description="A SageMaker Pipeline that trains a sentiment model on movie reviews",
        )
        Tags.of(self).add("project", "sentiment")
        Tags.of(self).add("environment", settings.name)

        storage = Storage(self, "Storage", settings=settings)
        code = CodeAsset(self, "Code", build_folder=build_folder)
        registry = ModelRegistry(self, "ModelRegistry", settings=settings)
        role = ExecutionRole(
            self,
            "ExecutionRole",
            bucket=storage.bucket,
            code=code,
            group_name=registry.group_name,
        )
        pipeline = SentimentPipeline(
            self,
            "Pipeline",
            settings=settings,
            role=role,
            deployed={
                "ArtifactsUri": storage.artifacts_uri,
                "CodeUri": code.uri,
                "CodeFile": code.file,
                "ExecutionRoleArn": role.arn,
                "ModelPackageGroupName": registry.group_name,
            },
        )
        pipeline.node.add_dependency(registry)
        Outputs(self, "Outputs", pipeline=pipeline, bucket=storage.bucket)
