"""The model package group in which the pipeline registers versions."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from infra.guardrails.model_readers import group_policy
from infra.settings import Settings


class ModelRegistry(Construct):
    """A group named after the environment. CloudFormation can't delete it while it has versions."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id)
        self.group_name = settings.resource_name
        group = sagemaker.CfnModelPackageGroup(
            self,
            "Group",
            model_package_group_name=self.group_name,
            model_package_group_description="Sentiment models of movie reviews (built-in XGBoost)",
            model_package_group_policy=group_policy(self, settings),
        )
        group.apply_removal_policy(RemovalPolicy[settings.removal_policy])
