"""The model package group that the pipeline registers versions in."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from infra.settings import Settings


class ModelRegistry(Construct):
    """A group named as the environment. With versions in it, CloudFormation can't delete it."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id)
        group = sagemaker.CfnModelPackageGroup(
            self,
            "Group",
            model_package_group_name=settings.resource_name,
            model_package_group_description="Sentiment of movie reviews, by the built-in XGBoost",
        )
        group.apply_removal_policy(
            RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY
        )
        self.group_name = settings.resource_name
