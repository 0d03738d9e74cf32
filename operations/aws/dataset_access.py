"""Whether the jobs' role can read a dataset in S3, as far as the caller's permissions reach."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from operations.aws.client import Deployment
from operations.aws.maintenance.dataset_lookup import dataset_exists, first_object
from operations.aws.pipelines import Pipeline
from operations.aws.results import or_none
from operations.datasets import S3
from operations.errors import CliError, UsageError
from operations.views.printing import print_warning


def require_readable(deployment: Deployment, pipeline: Pipeline, uri: str) -> None:
    """Raise CliError unless a dataset in S3 exists and the role's policies allow reading it.

    What the caller may not find out counts as fine. So are the policies of bucket and key, which
    IAM doesn't simulate.
    """
    if not uri.startswith(S3):
        return
    if or_none(deployment, partial(dataset_exists, deployment, uri)) is False:
        raise UsageError(f"{uri} doesn't exist; a folder's URI ends in /")
    require_allowed(deployment, pipeline, uri)


def require_allowed(deployment: Deployment, pipeline: Pipeline, uri: str) -> None:
    """Raise CliError unless the role's policies allow reading the dataset, or it isn't in S3."""
    bucket, _, key = uri.removeprefix(S3).partition("/")
    if not uri.startswith(S3) or bucket == pipeline.bucket:
        return
    # The name of any object in the folder, because the policies allow folders or single objects.
    name = f"{key}any" if not key or key.endswith("/") else key
    arn = f"arn:{deployment.partition}:s3:::{bucket}/{name}"
    if _may(deployment, pipeline, "s3:GetObject", arn, {}) is False:
        raise CliError(
            f"the role of {pipeline.name} may not read {uri}; add its folder to dataset_prefixes "
            f"in cdk.json and deploy, or copy the dataset to s3://{pipeline.bucket}/raw/"
        )
    _warn_of_key(deployment, pipeline, uri)


def _warn_of_key(deployment: Deployment, pipeline: Pipeline, uri: str) -> None:
    """Warn if the dataset is encrypted with a key that the role may not use.

    No error: the key may be the one that AWS manages for S3, which every role of its account uses.
    """
    bucket = uri.removeprefix(S3).partition("/")[0]
    name = or_none(deployment, partial(first_object, deployment, uri))
    key_arn = name and or_none(deployment, partial(_key_of, deployment, bucket, name))
    if not key_arn:
        return
    suffix = ".cn" if deployment.partition == "aws-cn" else ""
    context = {
        "kms:ViaService": f"s3.{key_arn.split(':')[3]}.amazonaws.com{suffix}",
        "kms:EncryptionContext:aws:s3:arn": f"arn:{deployment.partition}:s3:::{bucket}/{name}",
    }
    if _may(deployment, pipeline, "kms:Decrypt", key_arn, context) is False:
        print_warning(
            f"{uri} is encrypted with {key_arn}, which the role of {pipeline.name} may not use; "
            "unless it is the key aws/s3, add it to dataset_keys in cdk.json and deploy"
        )


def _key_of(deployment: Deployment, bucket: str, name: str) -> str | None:
    """Return the ARN of the KMS key of an object, if it has one."""
    answer = deployment.client("s3").head_object(Bucket=bucket, Key=name)
    found: str | None = answer.get("SSEKMSKeyId")
    return found


def _may(
    deployment: Deployment, pipeline: Pipeline, action: str, arn: str, context: Mapping[str, str]
) -> bool | None:
    """Whether the role's policies allow an action; None if the caller may not find out."""

    def is_allowed() -> bool:
        answer = deployment.client("iam").simulate_principal_policy(
            PolicySourceArn=pipeline.role,
            ActionNames=[action],
            ResourceArns=[arn],
            ContextEntries=[
                {"ContextKeyName": key, "ContextKeyType": "string", "ContextKeyValues": [value]}
                for key, value in context.items()
            ],
        )
        return all(one["EvalDecision"] == "allowed" for one in answer["EvaluationResults"])

    return or_none(deployment, is_allowed)
