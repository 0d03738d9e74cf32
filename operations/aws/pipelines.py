"""Deployed pipelines, their parameter defaults, and the templates of their stacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from local_runner.definition.model import PARAMETER_TYPES, PipelineDefinition
from local_runner.definition.parsing import parse
from local_runner.errors import DefinitionError
from operations.aws.client import Deployment, connected
from operations.aws.errors import is_not_found
from operations.environments import PREFIX, configured_regions
from operations.errors import CliError, UsageError
from operations.program import pasteable
from processing.names import Parameter

_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-eusc": "console.amazonaws-eusc.eu",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""Domain of the console by partition."""


@dataclass(frozen=True)
class Pipeline:
    """A deployed pipeline. defaults: by parameter; None for a parameter without default."""

    name: str
    arn: str
    status: str
    definition: str = field(repr=False)
    defaults: Mapping[str, Any] = field(repr=False)

    @property
    def bucket(self) -> str:
        """The name of the bucket for the outputs of executions."""
        return self._default(Parameter.ARTIFACTS_URI).removeprefix("s3://").partition("/")[0]

    @property
    def group(self) -> str:
        """The name of the model package group."""
        return self._default(Parameter.MODEL_PACKAGE_GROUP_NAME)

    @property
    def role(self) -> str:
        """The ARN of the role of the jobs."""
        return self._default(Parameter.EXECUTION_ROLE_ARN)

    @property
    def dataset_uri(self) -> str:
        """The URI of the dataset of executions that don't choose one."""
        return self._default(Parameter.DATASET_URI)

    @property
    def requires_dataset(self) -> bool:
        """Whether every execution must choose a dataset, because there is no default."""
        return self.defaults.get(Parameter.DATASET_URI, "") is None

    def parsed(self) -> PipelineDefinition:
        """Return the definition. Raise CliError if this version can't read it."""
        try:
            return parse(self.definition)
        except DefinitionError as error:
            raise CliError(
                f"the definition of {self.name}: {error}; deploy the stack again"
            ) from None

    def values(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return the parameters of an execution by name: those given, else the defaults.

        AWS's documentation doesn't say whether it lists the defaults of an execution, too.
        """
        types = {
            parameter["Name"]: PARAMETER_TYPES.get(parameter.get("Type"), str)
            for parameter in json.loads(self.definition).get("Parameters", ())
        }
        return {
            name: _typed(value, types.get(name, str))
            for name, value in {**self.defaults, **given}.items()
        }

    def _default(self, parameter: str) -> str:
        value = self.defaults.get(parameter)
        if not value:
            raise CliError(
                f"pipeline {self.name}: {parameter} has no default; deploy the stack again"
            )
        return str(value)


def _typed(value: Any, kind: type[Any]) -> Any:
    """Return a parameter's value in its type; unchanged, if it isn't a value of the type."""
    if value is None or isinstance(value, bool):
        return value
    if kind is bool:
        return {"true": True, "false": False}.get(str(value).lower(), value)
    try:
        return kind(value)
    except ValueError:
        return value


def find_pipeline(deployment: Deployment) -> Pipeline:
    """Return the deployment's pipeline. Raise CliError, listing the pipelines that exist."""
    pipeline = find_pipeline_or_none(deployment)
    if pipeline is None:
        raise not_found(deployment)
    return pipeline


def find_pipeline_or_none(deployment: Deployment) -> Pipeline | None:
    """Return the deployment's pipeline; None if it doesn't exist.

    Raise CliError if it is in another account than the environment: that of the same name there.
    """
    sagemaker = deployment.client("sagemaker")
    try:
        answer = sagemaker.describe_pipeline(PipelineName=deployment.pipeline)
    except ClientError as error:
        if not is_not_found(error):
            raise
        return None
    if found := deployment.wrong_account(answer["PipelineArn"].split(":")[4]):
        raise CliError(f"pipeline {deployment.pipeline} is in {found}")
    definition = answer["PipelineDefinition"]
    return Pipeline(
        name=answer["PipelineName"],
        arn=answer["PipelineArn"],
        status=answer["PipelineStatus"],
        definition=definition,
        defaults=defaults(definition),
    )


def defaults(definition: str) -> dict[str, Any]:
    """Return parameter defaults of a definition; None for a parameter without default."""
    return {
        parameter["Name"]: parameter.get("DefaultValue")
        for parameter in json.loads(definition).get("Parameters", ())
    }


def studio_url(deployment: Deployment) -> str:
    """Return the URL of SageMaker Studio's page in the console, like the output ``ConsoleUrl``.

    Studio lists the pipelines; its own URL contains IDs of the account's domain and user profiles.
    """
    region, domain = deployment.region, _CONSOLES.get(deployment.partition, _CONSOLES["aws"])
    return f"https://{region}.{domain}/sagemaker/home?region={region}#/studio-landing"


def not_found(deployment: Deployment) -> CliError:
    """Return the error for a missing pipeline, with the pipelines that exist.

    It is a UsageError if ``cdk.json`` doesn't have the environment.
    """
    if deployment.scoring and _has_no_network(replace(deployment, scoring=False)):
        return CliError(
            f"{deployment.name} has no scoring pipeline, because its setting no_network removes "
            f"it; score on this machine with {pasteable('score')}, or remove no_network from "
            "cdk.json and deploy again"
        )
    if found := deployment.wrong_account():
        return CliError(f"pipeline {deployment.pipeline} isn't in {found}")
    pages = deployment.client("sagemaker").get_paginator("list_pipelines")
    names = [
        summary["PipelineName"]
        for page in pages.paginate(PipelineNamePrefix=PREFIX, SortBy="Name", SortOrder="Ascending")
        for summary in page["PipelineSummaries"]
    ]
    where = f"not found in {deployment.place}; existing pipelines: {', '.join(names) or 'none'}"
    remedy = "use another environment or region"
    configured = configured_regions()
    if configured and deployment.environment not in configured:
        where += f"; environments in cdk.json: {', '.join(sorted(configured))}"
        return UsageError(f"pipeline {deployment.pipeline} {where}; {remedy}")
    remedy += f", or run `make deploy ENVIRONMENT={deployment.environment}`"
    return CliError(f"pipeline {deployment.pipeline} {where}; {remedy}")


def deployed_template(environment: str, region: str | None) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the template of an environment's stack. Raise CliError."""
    with connected(environment, region) as deployment:
        body = _template_body(deployment)
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            raise CliError(
                f"the template of stack {deployment.name} isn't JSON, so the CDK didn't create it"
            ) from None
    return deployment.name, body


def _has_no_network(training: Deployment) -> bool:
    """Whether every processing job of the deployed training pipeline is isolated."""
    pipeline = find_pipeline_or_none(training)
    return pipeline is not None and all(
        step["Arguments"].get("NetworkConfig", {}).get("EnableNetworkIsolation")
        for step in json.loads(pipeline.definition).get("Steps", ())
        if step["Type"] == "Processing"
    )


def _template_body(deployment: Deployment) -> Any:
    """The template; botocore parses JSON."""
    try:
        answer = deployment.client("cloudformation").get_template(StackName=deployment.name)
    except ClientError as error:
        # CloudFormation has no error code for a missing stack.
        if "does not exist" not in str(error):
            raise
        raise not_found(deployment) from None
    return answer["TemplateBody"]
