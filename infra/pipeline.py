"""A SageMaker Pipeline: a rendered definition, with the deployment's values as defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from infra.execution_role import ExecutionRole


class SentimentPipeline(Construct):
    """One pipeline of an environment: the one that trains, or the one that scores."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        description: str,
        definition: str,
        role: ExecutionRole,
        deployed: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id)
        self.name = name
        filled = with_defaults(json.loads(definition), deployed)
        self.resource = sagemaker.CfnPipeline(
            self,
            "Pipeline",
            pipeline_name=name,
            pipeline_display_name=name,
            pipeline_description=description,
            pipeline_definition={"PipelineDefinitionBody": Stack.of(self).to_json_string(filled)},
            role_arn=role.arn,
        )
        # An execution that starts at once must find the permissions in place.
        self.resource.node.add_dependency(role.policy)
        self.arn = Stack.of(self).format_arn(
            service="sagemaker", resource="pipeline", resource_name=self.name
        )
        region = Stack.of(self).region
        self.console_url = (
            f"https://{region}.console.aws.amazon.com/sagemaker/home"
            f"?region={region}#/pipelines/{self.name}"
        )


def with_defaults(definition: dict[str, Any], deployed: Mapping[str, str]) -> dict[str, Any]:
    """The definition with the deployment's values as defaults of its parameters of these names.

    Raises KeyError for a name that isn't a parameter.
    """
    known = {parameter["Name"]: parameter for parameter in definition["Parameters"]}
    for name, value in deployed.items():
        known[name]["DefaultValue"] = value
    return definition
