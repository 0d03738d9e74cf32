"""The deployed pipeline, and what its deployment has set as defaults of its parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.client import Deployment, is_unknown
from operations.errors import CliError

_PREFIX = "sentiment-"


@dataclass(frozen=True)
class Pipeline:
    """A deployed pipeline. ``defaults`` has each parameter's default; None if it has none."""

    name: str
    arn: str
    status: str
    definition: str = field(repr=False)
    defaults: Mapping[str, Any] = field(repr=False)

    @property
    def bucket(self) -> str:
        """The name of the bucket that executions put what they make into."""
        return self._deployed("ArtifactsUri").removeprefix("s3://").partition("/")[0]

    @property
    def group(self) -> str:
        """The name of the model package group."""
        return self._deployed("ModelPackageGroupName")

    def _deployed(self, parameter: str) -> str:
        value = self.defaults.get(parameter)
        if not value:
            raise CliError(
                f"pipeline {self.name}: its parameter {parameter} has no default; deploy it anew"
            )
        return str(value)


def deployed(deployment: Deployment) -> Pipeline:
    """The deployment's pipeline. Raises CliError, naming those that exist, if there is none."""
    pipeline = deployed_or_none(deployment)
    if pipeline is None:
        raise CliError(missing(deployment))
    return pipeline


def deployed_or_none(deployment: Deployment) -> Pipeline | None:
    """The deployment's pipeline; None if there is none (any more)."""
    sagemaker = deployment.client("sagemaker")
    try:
        answer = sagemaker.describe_pipeline(PipelineName=deployment.pipeline)
    except ClientError as error:
        if not is_unknown(error):
            raise
        return None
    definition = answer["PipelineDefinition"]
    return Pipeline(
        name=answer["PipelineName"],
        arn=answer["PipelineArn"],
        status=answer["PipelineStatus"],
        definition=definition,
        defaults=defaults(definition),
    )


def defaults(definition: str) -> dict[str, Any]:
    """Each parameter's default in a definition; None if it has none."""
    return {
        parameter["Name"]: parameter.get("DefaultValue")
        for parameter in json.loads(definition).get("Parameters", ())
    }


def console_url(deployment: Deployment) -> str:
    """The console's page of the deployment's pipeline; the stack has it as ``ConsoleUrl``."""
    region = deployment.region
    domain = "amazonaws.cn" if region.startswith("cn-") else "aws.amazon.com"
    return (
        f"https://{region}.console.{domain}/sagemaker/home?region={region}"
        f"#/pipelines/{deployment.pipeline}"
    )


def missing(deployment: Deployment) -> str:
    """What to say where the deployment has no pipeline."""
    pages = deployment.client("sagemaker").get_paginator("list_pipelines")
    names = [
        summary["PipelineName"]
        for page in pages.paginate(PipelineNamePrefix=_PREFIX, SortBy="Name", SortOrder="Ascending")
        for summary in page["PipelineSummaries"]
    ]
    found = f"there are {', '.join(names)}" if names else f"there is none named {_PREFIX}*"
    return (
        f"there is no pipeline {deployment.pipeline} in {deployment.region}, {found}; choose "
        "another --environment or --region, or deploy it with `make deploy`"
    )
