"""The role of the pipelines and of every job they start, limited to what the steps need.

Jobs that a pipeline starts are named ``pipelines-<execution>-<step>-...``, so each action is
limited to such names. docs/security.md lists the actions of each step.
"""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.code_asset import CodeAsset
from infra.encryption import Encryption
from infra.guardrails.container_access import (
    XGBOOST_REPOSITORY,
    image_statements,
    log_statement,
    metric_statement,
    vpc_statements,
)
from infra.guardrails.dataset_access import dataset_statements
from infra.guardrails.policy_size import require_fitting_policy
from infra.guardrails.through_s3 import through_s3
from infra.settings import Settings

_JOBS = {
    "processing-job": "ProcessingJob",
    "training-job": "TrainingJob",
    "transform-job": "TransformJob",
}
_TUNING_JOB = "hyper-parameter-tuning-job"
_MLFLOW_ACTIONS = (
    *("CreateExperiment", "GetExperiment", "GetExperimentByName", "SearchExperiments"),
    *("CreateRun", "GetRun", "SearchRuns", "UpdateRun"),
    *("GetMetricHistory", "LogBatch", "LogInputs", "LogMetric", "LogParam", "SetTag"),
)
_CODE_ASSETS = "*.pyz"
_SAGEMAKER = "sagemaker.amazonaws.com"


class ExecutionRole(Construct):
    """The role; only SageMaker may assume it, and only on behalf of this account."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        bucket: s3.IBucket,
        code: CodeAsset,
        group_name: str,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id)
        self.role = iam.Role(
            self,
            "Role",
            description="Runs the sentiment pipelines and their jobs",
            assumed_by=iam.ServicePrincipal(
                _SAGEMAKER, conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        self.arn = self.role.role_arn
        self.policy = iam.Policy(
            self,
            "Policy",
            roles=[self.role],
            statements=[
                *_jobs(self),
                *_tuning_jobs(self, settings),
                _models(self),
                _model_packages(self, group_name),
                _tags(self, group_name, settings),
                _pass_itself(self.role),
                *_bucket(bucket),
                *dataset_statements(settings),
                *_code(code, settings),
                *([_versions(self, group_name)] if settings.has_scoring else []),
                *image_statements(self, _repositories(settings)),
                log_statement(self, "*"),
                metric_statement(),
                *vpc_statements(self, settings),
                *_mlflow(settings),
                *encryption.statements(),
            ],
        )
        require_fitting_policy(self.policy, settings)


def _jobs(scope: Construct) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid=f"{noun}s",
            actions=[f"sagemaker:{verb}{noun}" for verb in ("Create", "Describe", "Stop")],
            resources=[_sagemaker_arn(scope, kind, "pipelines-*")],
        )
        for kind, noun in _JOBS.items()
    ]


def _tuning_jobs(scope: Construct, settings: Settings) -> list[iam.PolicyStatement]:
    """Allow tuning jobs, which start their training jobs themselves.

    Their names have up to 32 characters, too few for the form of other jobs' names, and no
    documentation says how pipelines name them.
    """
    if not settings.tuning:
        return []
    verbs = ("Create", "Describe", "Stop", "ListTrainingJobsFor")
    return [
        iam.PolicyStatement(
            sid="TuningJobs",
            actions=[f"sagemaker:{verb}HyperParameterTuningJob" for verb in verbs],
            resources=[_sagemaker_arn(scope, _TUNING_JOB, "*")],
        )
    ]


def _models(scope: Construct) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="Models",
        actions=["sagemaker:CreateModel", "sagemaker:DescribeModel"],
        resources=[_sagemaker_arn(scope, "model", "pipelines-*")],
    )


def _model_packages(scope: Construct, group_name: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="ModelPackages",
        actions=["sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"],
        resources=_package_arns(scope, group_name),
    )


def _tags(scope: Construct, group_name: str, settings: Settings) -> iam.PolicyStatement:
    """Allow the environment's tags, and those by which a pipeline marks what it creates."""
    kinds = (*_JOBS, "model")
    tuned = (_TUNING_JOB, "training-job") if settings.tuning else ()
    return iam.PolicyStatement(
        sid="Tags",
        actions=["sagemaker:AddTags"],
        resources=[
            *(_sagemaker_arn(scope, kind, "pipelines-*") for kind in kinds),
            *(_sagemaker_arn(scope, kind, "*") for kind in tuned),
            *_package_arns(scope, group_name),
        ],
        conditions={
            "ForAllValues:StringLike": {"aws:TagKeys": [*settings.resource_tags, "sagemaker:*"]}
        },
    )


def _pass_itself(role: iam.Role) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="PassItself",
        actions=["iam:PassRole"],
        resources=[role.role_arn],
        conditions={"StringEquals": {"iam:PassedToService": _SAGEMAKER}},
    )


def _bucket(bucket: s3.IBucket) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="ListBucket",
            actions=["s3:GetBucketLocation", "s3:ListBucket"],
            resources=[bucket.bucket_arn],
        ),
        iam.PolicyStatement(
            # All objects of this bucket: a dataset may be anywhere in it.
            sid="Objects",
            actions=["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            resources=[bucket.arn_for_objects("*")],
        ),
    ]


def _versions(scope: Construct, group_name: str) -> iam.PolicyStatement:
    """Allow FindModel and Champion to look up the newest approved version."""
    return iam.PolicyStatement(
        sid="Versions",
        actions=["sagemaker:ListModelPackages"],
        resources=_package_arns(scope, group_name),
    )


def _code(code: CodeAsset, settings: Settings) -> list[iam.PolicyStatement]:
    """Allow the code asset of this deployment, and of earlier ones whose executions still run.

    SageMaker lists an input as a prefix before it reads it.
    """
    bucket = code.asset.bucket
    statements = [
        iam.PolicyStatement(
            sid="ListCode",
            actions=["s3:ListBucket"],
            resources=[bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": _CODE_ASSETS}},
        ),
        iam.PolicyStatement(
            sid="ReadCode",
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects(_CODE_ASSETS)],
        ),
    ]
    if settings.asset_key:
        statements.append(_decrypt_code(bucket, settings.asset_key, settings.region))
    return statements


def _decrypt_code(bucket: s3.IBucket, key: str, region: str) -> iam.PolicyStatement:
    """Allow S3 to decrypt code assets."""
    return iam.PolicyStatement(
        sid="DecryptCode",
        actions=["kms:Decrypt"],
        resources=[key],
        conditions=through_s3(region, [bucket.bucket_arn, bucket.arn_for_objects(_CODE_ASSETS)]),
    )


def _repositories(settings: Settings) -> list[str]:
    """Return the repositories of the built-in images that the jobs use."""
    spark = ["sagemaker-spark-processing"] if settings.on_spark else []
    return ["sagemaker-scikit-learn", XGBOOST_REPOSITORY, *spark]


def _mlflow(settings: Settings) -> list[iam.PolicyStatement]:
    """Allow recording executions in MLflow: creating and reading, nothing deleted.

    Calls to an MLflow App are authorized by an action of SageMaker, too.
    """
    server = settings.mlflow_tracking_server
    if server is None:
        return []
    is_app = ":mlflow-app/" in server
    own = ("CallMlflowAppApi", "DescribeMlflowApp") if is_app else ("DescribeMlflowTrackingServer",)
    return [
        iam.PolicyStatement(
            sid="Mlflow",
            actions=[
                *(f"sagemaker:{action}" for action in own),
                *(f"sagemaker-mlflow:{action}" for action in _MLFLOW_ACTIONS),
            ],
            resources=[server],
        )
    ]


def _package_arns(scope: Construct, group_name: str) -> Sequence[str]:
    return [
        _sagemaker_arn(scope, "model-package-group", group_name),
        _sagemaker_arn(scope, "model-package", f"{group_name}/*"),
    ]


def _sagemaker_arn(scope: Construct, kind: str, name: str) -> str:
    return Stack.of(scope).format_arn(service="sagemaker", resource=kind, resource_name=name)
