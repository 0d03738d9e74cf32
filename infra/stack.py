"""The stack, as a table of contents."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Environment, Stack, Tags
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgments import acknowledge
from infra.code_asset import CodeAsset
from infra.definition_cache import SCORING, TRAINING, rendered
from infra.encryption import Encryption
from infra.execution_role import ExecutionRole
from infra.execution_trigger import Starter
from infra.model_registry import ModelRegistry
from infra.observability.alerts import Alerts
from infra.observability.budget import Budget
from infra.observability.dashboard import Dashboard
from infra.observability.job_logs import JobLogs
from infra.pipeline import SentimentPipeline
from infra.settings import Settings
from infra.stack_outputs import Outputs
from infra.storage import RAW, Storage


class SentimentStack(Stack):
    """Everything of one environment."""

    def __init__(
        self, scope: Construct, *, settings: Settings, build_folder: Path, commit: str | None = None
    ) -> None:
        super().__init__(
            scope,
            settings.resource_name,
            env=Environment(account=settings.account, region=settings.region),
            description="A SageMaker Pipeline that trains a sentiment model on movie reviews",
        )
        Tags.of(self).add("project", "sentiment")
        Tags.of(self).add("environment", settings.name)
        if settings.permission_boundary:
            iam.PermissionsBoundary.of(self).apply(_policy(self, settings.permission_boundary))

        encryption = None
        if settings.pipeline.customer_key:
            encryption = Encryption(self, "Encryption", settings=settings)
        storage = Storage(self, "Storage", settings=settings, encryption=encryption)
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
        deployed = {
            "ArtifactsUri": storage.artifacts_uri,
            "CodeUri": code.uri,
            "CodeFile": code.file,
            "ExecutionRoleArn": role.arn,
            "ModelPackageGroupName": registry.group_name,
            **({"KmsKeyArn": encryption.key.key_arn} if encryption else {}),
        }
        definitions = build_folder / "definitions"
        pipeline = SentimentPipeline(
            self,
            "Pipeline",
            name=settings.resource_name,
            description="Movie reviews to a registered XGBoost model",
            definition=rendered(settings.pipeline, definitions, TRAINING),
            role=role,
            deployed={
                **deployed,
                **_own_dataset(settings, storage),
                **({"Commit": commit} if commit else {}),
            },
        )
        pipeline.node.add_dependency(registry)
        score = None
        if settings.scores:
            score = SentimentPipeline(
                self,
                "ScorePipeline",
                name=settings.score_name,
                description="New reviews scored by a registered version",
                definition=rendered(settings.pipeline, definitions, SCORING),
                role=role,
                deployed=deployed,
            )
        Outputs(self, "Outputs", pipeline=pipeline, score=score, bucket=storage.bucket)

        # What a setting doesn't turn on isn't in the template.
        alerts = None
        if settings.alert_email:
            alerts = Alerts(self, "Alerts", settings=settings, pipeline=pipeline, score=score)
        job_logs = None
        if settings.log_retention_days:
            job_logs = JobLogs(self, "JobLogs", settings=settings, encryption=encryption)
        if settings.dashboard:
            Dashboard(
                self,
                "Dashboard",
                settings=settings,
                pipeline=pipeline,
                score=score,
                alerts=alerts,
                job_logs=job_logs,
            )
        if settings.monthly_budget_usd:
            Budget(self, "Budget", settings=settings)
        if settings.schedule or settings.start_on_new_data:
            Starter(
                self,
                "Starter",
                settings=settings,
                pipeline=pipeline,
                bucket=storage.bucket,
                encryption=encryption,
            )
        acknowledge(self, settings)


def _own_dataset(settings: Settings, storage: Storage) -> dict[str, str]:
    """A dataset named by its key in the environment's own bucket, whose name is known only here."""
    key = settings.pipeline.dataset_uri
    return {"DatasetUri": f"{storage.artifacts_uri}/{key}"} if key.startswith(RAW) else {}


def _policy(scope: Construct, arn: str) -> iam.IManagedPolicy:
    return iam.ManagedPolicy.from_managed_policy_arn(scope, "PermissionBoundary", arn)
