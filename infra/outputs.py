"""What people and other stacks need to know of the deployment."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.pipeline import SentimentPipeline


class Outputs(Construct):
    """The stack's outputs: pipeline, bucket, and where to click."""

    def __init__(
        self, scope: Construct, id: str, *, pipeline: SentimentPipeline, bucket: s3.IBucket
    ) -> None:
        super().__init__(scope, id)
        region = Stack.of(self).region
        values = {
            "PipelineName": pipeline.name,
            "PipelineArn": pipeline.arn,
            "BucketName": bucket.bucket_name,
            "ConsoleUrl": f"https://{region}.console.aws.amazon.com/sagemaker/home"
            f"?region={region}#/pipelines/{pipeline.name}",
        }
        for name, value in values.items():
            output = CfnOutput(self, name, value=value)
            output.override_logical_id(name)
