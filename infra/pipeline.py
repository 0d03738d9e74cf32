"""The SageMaker Pipeline: the rendered definition, with the deployment's values as defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from infra.execution_role import ExecutionRole
from infra.rendering import rendered
from infra.settings import Settings


class SentimentPipeline(Construct):
    """The pipeline of one environment."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        role: ExecutionRole,
        deployed: Mapping[str, str],
        build_folder: Path,
    ) -> None:
        super().__init__(scope, id)
        text = rendered(settings.pipeline, build_folder / "definitions")
        definition = with_defaults(json.loads(text), deployed)
        self.name = settings.resource_name
        self.resource = sagemaker.CfnPipeline(
            self,
            "Pipeline",
            pipeline_name=self.name,
            pipeline_display_name=self.name,
            pipeline_description="IMDB reviews to a registered XGBoost model",
            pipeline_definition={
                "PipelineDefinitionBody": Stack.of(self).to_json_string(definition)
            },
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
