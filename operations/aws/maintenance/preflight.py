"""Checks of an account and a deployment before anything is started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from botocore.exceptions import ClientError

from local_runner.errors import DefinitionError
from operations.aws import model_versions, pipelines
from operations.aws.client import Deployment
from operations.aws.dataset_access import require_allowed
from operations.aws.errors import error_code, is_not_found
from operations.aws.maintenance import resource_requirements
from operations.aws.maintenance.dataset_lookup import dataset_exists
from operations.aws.maintenance.resource_requirements import Image, Instances
from operations.aws.pipelines import Pipeline
from operations.environments import bootstrap_qualifier
from operations.errors import CliError
from operations.models.version import PENDING, newest_approved

Status = Literal["ok", "warning", "failed"]

_MIN_BOOTSTRAP = 6  # required by CDK assets
_DEFAULT_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""By partition, a region that is enabled in every account."""

_DATASET, _VERSION = "dataset", "approved version"
_NO_BUCKET = ("404", "NoSuchBucket", "NotFound")


@dataclass(frozen=True)
class Check:
    """The result of a check; unless ok, the message has the remedy."""

    name: str
    status: Status
    message: str


def checks(deployment: Deployment, committed: str) -> Iterator[Check]:
    """Yield each check when it is done; without credentials, only the first.

    Before the first deployment, quotas are checked against the ``committed`` definition, but not
    images, which depend on the region.
    """
    default_region = _DEFAULT_REGIONS.get(deployment.partition, deployment.region)
    first = _guarded(
        deployment, "credentials", partial(_credentials, deployment, default_region), "failed"
    )
    yield first
    if first.status == "failed":
        return
    yield _guarded(deployment, "region", partial(_region, deployment, default_region))
    yield _guarded(deployment, "CDK bootstrap", partial(_bootstrap, deployment))
    try:
        with deployment.translated_errors():
            pipeline = pipelines.find_pipeline(deployment)
    except CliError as error:
        yield Check("pipeline", "failed", str(error))
        yield from _quotas(deployment, committed)
        return
    yield _pipeline(pipeline)
    yield _guarded(deployment, "bucket", partial(_bucket, deployment, pipeline))
    if deployment.scoring:
        yield _guarded(deployment, _VERSION, partial(_version, deployment, pipeline))
    else:
        yield _guarded(deployment, _DATASET, partial(_dataset, deployment, pipeline))
    yield from _quotas(deployment, pipeline.definition)
    for image in resource_requirements.images(pipeline.definition):
        name = f"image {image.repository}:{image.tag}"
        yield _guarded(deployment, name, partial(_image, deployment, name, image))


def _guarded(
    deployment: Deployment, name: str, check: Callable[[], Check], otherwise: Status = "warning"
) -> Check:
    """Return the check, or a check that says why it wasn't possible."""
    try:
        with deployment.translated_errors():
            return check()
    except CliError as error:
        return Check(name, otherwise, f"not checked: {error}")


def _credentials(deployment: Deployment, default_region: str) -> Check:
    """Check in the default region; in a disabled one, AWS reports credentials as invalid."""
    answer = deployment.client("sts", region=default_region).get_caller_identity()
    if found := deployment.wrong_account(answer["Account"]):
        return Check("credentials", "failed", f"{answer['Arn']} is in {found}")
    return Check("credentials", "ok", answer["Arn"])


def _region(deployment: Deployment, default_region: str) -> Check:
    name, region = "region", deployment.region
    try:
        answer = deployment.client("ec2", region=default_region).describe_regions(
            RegionNames=[region], AllRegions=True
        )
    except ClientError as error:
        if error_code(error) != "InvalidParameterValue":
            raise
        return Check(name, "failed", f"{region} isn't an AWS region; use another --region")
    status = answer["Regions"][0].get("OptInStatus")
    if status == "not-opted-in":
        return Check(
            name,
            "failed",
            f"{region} isn't enabled for this account; enable it in the console (Account, AWS "
            "Regions), or use another --region",
        )
    return Check(name, "ok", f"{region} ({status})")


def _bootstrap(deployment: Deployment) -> Check:
    name = "CDK bootstrap"
    remedy = f"run `make bootstrap ENVIRONMENT={deployment.environment}`"
    parameter = f"/cdk-bootstrap/{bootstrap_qualifier()}/version"
    try:
        answer = deployment.client("ssm").get_parameter(Name=parameter)
    except ClientError as error:
        if not is_not_found(error):
            raise
        return Check(name, "failed", f"the SSM parameter {parameter} doesn't exist; {remedy}")
    version = int(answer["Parameter"]["Value"])
    if version < _MIN_BOOTSTRAP:
        return Check(
            name,
            "failed",
            f"version {version}, but at least {_MIN_BOOTSTRAP} is required; {remedy}",
        )
    return Check(name, "ok", f"version {version}")


def _pipeline(pipeline: Pipeline) -> Check:
    if pipeline.status != "Active":
        message = f"{pipeline.name} is {pipeline.status}; wait, or run `make deploy`"
        return Check("pipeline", "failed", message)
    return Check("pipeline", "ok", pipeline.arn)


def _bucket(deployment: Deployment, pipeline: Pipeline) -> Check:
    try:
        deployment.client("s3").head_bucket(Bucket=pipeline.bucket)
    except ClientError as error:
        if error_code(error) not in _NO_BUCKET:
            raise
        message = f"{pipeline.bucket} doesn't exist; deploy the stack again"
        return Check("bucket", "failed", message)
    return Check("bucket", "ok", pipeline.bucket)


def _dataset(deployment: Deployment, pipeline: Pipeline) -> Check:
    """Check the default dataset with the user's access, and by the policies of the jobs' role."""
    uri = pipeline.dataset_uri
    if dataset_exists(deployment, uri):
        try:
            require_allowed(deployment, pipeline, uri)
        except CliError as error:
            return Check(_DATASET, "failed", str(error))
        return Check(_DATASET, "ok", uri)
    return Check(
        _DATASET,
        "failed",
        f"{uri} doesn't exist; upload it, change the setting dataset_uri, or start executions with "
        "--dataset",
    )


def _version(deployment: Deployment, pipeline: Pipeline) -> Check:
    versions = model_versions.versions(deployment, pipeline.group)
    if approved := newest_approved(versions):
        return Check(_VERSION, "ok", approved.arn)
    training = replace(deployment, scoring=False)
    pending = [version for version in versions if version.approval == PENDING]
    remedy = (
        f"{training.command('approve', str(pending[0].number))} approves the newest"
        if pending
        else f"{training.command('start')} trains one"
    )
    return Check(_VERSION, "failed", f"{pipeline.group} has none; {remedy}")


def _quotas(deployment: Deployment, definition: str) -> Iterator[Check]:
    try:
        wanted = resource_requirements.instances(definition)
        with deployment.translated_errors():
            known = _known_quotas(deployment, {instances.quota for instances in wanted})
    except (DefinitionError, CliError) as error:
        yield Check("quotas", "warning", f"not checked: {error}")
        return
    for instances in wanted:
        yield _quota(instances, known.get(instances.quota), deployment.region)


def _quota(wanted: Instances, limit: float | None, region: str) -> Check:
    name = f"quota {wanted.quota}"
    if limit is None:
        message = f"unknown; {wanted.instance_type} may not be available in {region}"
        return Check(name, "warning", message)
    if limit < wanted.count:
        message = (
            f"{limit:.0f}, but {wanted.count} required; request an increase in Service Quotas "
            "(Amazon SageMaker), or use another instance type"
        )
        return Check(name, "failed", message)
    return Check(name, "ok", f"{limit:.0f}, {wanted.count} required")


def _known_quotas(deployment: Deployment, names: set[str]) -> dict[str, float]:
    """Return limits by name. Limits that were never increased are only in the default list."""
    client = deployment.client("service-quotas")
    found: dict[str, float] = {}
    for listing in ("list_service_quotas", "list_aws_default_service_quotas"):
        for page in client.get_paginator(listing).paginate(ServiceCode="sagemaker"):
            for quota in page["Quotas"]:
                found.setdefault(quota["QuotaName"], quota["Value"])
        if names <= found.keys():
            break
    return found


def _image(deployment: Deployment, name: str, image: Image) -> Check:
    """Check that the image exists and the user may pull it; the jobs' role isn't checked."""
    answer = deployment.client("ecr", region=image.region).batch_get_image(
        registryId=image.registry,
        repositoryName=image.repository,
        imageIds=[{"imageTag": image.tag}],
    )
    if answer["images"]:
        return Check(name, "ok", f"in registry {image.registry}, {image.region}")
    why = answer["failures"][0]["failureReason"] if answer["failures"] else "no answer"
    return Check(name, "failed", f"not in registry {image.registry}, {image.region}: {why}")
