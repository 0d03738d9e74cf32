"""The values that people and other stacks need from the deployment."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.console import studio_url
from infra.pipelines import Pipelines


class StackOutputs(Construct):
    """Outputs of the stack, each also an SSM parameter ``/<stack>/<Output>`` for other stacks."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        pipelines: Pipelines,
        bucket: s3.IBucket,
        further: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id)
        training, scoring = pipelines.training, pipelines.scoring
        values = {
            "PipelineName": training.name,
            "PipelineArn": training.arn,
            "BucketName": bucket.bucket_name,
            "ConsoleUrl": studio_url(Stack.of(self).region),
            **({"ScorePipelineName": scoring.name} if scoring else {}),
            **further,
        }
        for name, value in values.items():
            output = CfnOutput(self, name, value=value)
            output.override_logical_id(name)
            ssm.StringParameter(
                self,
                f"{name}Parameter",
                parameter_name=f"/{Stack.of(self).stack_name}/{name}",
                string_value=value,
            )
