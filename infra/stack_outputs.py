"""What people and other stacks need to know of the deployment."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.pipeline import SentimentPipeline


class Outputs(Construct):
    """Outputs of the stack for people; the same as SSM parameters for other stacks.

    The parameters are called ``/<stack>/<Output>``, so that environments don't collide.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        pipeline: SentimentPipeline,
        score: SentimentPipeline | None,
        bucket: s3.IBucket,
    ) -> None:
        super().__init__(scope, id)
        values = {
            "PipelineName": pipeline.name,
            "PipelineArn": pipeline.arn,
            "BucketName": bucket.bucket_name,
            "ConsoleUrl": pipeline.console_url,
            **({"ScorePipelineName": score.name} if score else {}),
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
