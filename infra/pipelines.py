"""The SageMaker Pipelines: rendered definitions with the deployment's values as defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from infra.definition_cache import SCORING, TRAINING, rendered
from infra.deployment_values import DeploymentValues
from infra.execution_role import ExecutionRole
from infra.settings import Settings
from pipeline_steps.tags import with_tags

STEP_CHANGE = "SageMaker Model Building Pipeline Execution Step Status Change"
EXECUTION_CHANGE = "SageMaker Model Building Pipeline Execution Status Change"
PACKAGE_CHANGE = "SageMaker Model Package State Change"


class Pipelines(Construct):
    """The pipelines of an environment.

    training: registers models. scoring: scores new reviews; None with ``no_network``.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        build_folder: Path,
        role: ExecutionRole,
        values: DeploymentValues,
    ) -> None:
        super().__init__(scope, id)
        definitions = build_folder / "definitions"
        self.training = SentimentPipeline(
            self,
            "Training",
            name=settings.resource_name,
            description="Trains, evaluates and registers a sentiment model",
            definition=rendered(settings.pipeline, definitions, TRAINING),
            role=role,
            defaults=values.defaults(),
            tags=settings.resource_tags,
        )
        self.scoring = None
        if settings.has_scoring:
            shared = replace(values, dataset_uri=None, commit=None)
            self.scoring = SentimentPipeline(
                self,
                "Scoring",
                name=settings.scoring_name,
                description="Scores new reviews with a registered model version",
                definition=rendered(settings.pipeline, definitions, SCORING),
                role=role,
                defaults=shared.defaults(),
                tags=settings.resource_tags,
            )


class SentimentPipeline(Construct):
    """One pipeline and its ARN."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        description: str,
        definition: str,
        role: ExecutionRole,
        defaults: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id)
        self.name = name
        stack = Stack.of(self)
        body = with_tags(with_defaults(json.loads(definition), defaults), tags)
        if "MlflowConfig" in body:  # environments may share a server
            body["MlflowConfig"]["MlflowExperimentName"] = name
        pipeline = sagemaker.CfnPipeline(
            self,
            "Pipeline",
            pipeline_name=name,
            pipeline_display_name=name,
            pipeline_description=description,
            pipeline_definition={"PipelineDefinitionBody": stack.to_json_string(body)},
            role_arn=role.arn,
        )
        # An execution that starts right after the deployment needs the permissions.
        pipeline.node.add_dependency(role.policy)
        self.arn = stack.format_arn(service="sagemaker", resource="pipeline", resource_name=name)


def with_defaults(definition: dict[str, Any], defaults: Mapping[str, str]) -> dict[str, Any]:
    """Return the definition with these defaults of its parameters.

    Raise KeyError for a name that isn't a parameter.
    """
    parameters = {parameter["Name"]: parameter for parameter in definition["Parameters"]}
    for name, value in defaults.items():
        parameters[name]["DefaultValue"] = value
    return definition


def sagemaker_events(kind: str, detail: Mapping[str, Any]) -> events.EventPattern:
    """Return the pattern of SageMaker's events of a kind, such as `STEP_CHANGE`."""
    return events.EventPattern(source=["aws.sagemaker"], detail_type=[kind], detail=detail)
