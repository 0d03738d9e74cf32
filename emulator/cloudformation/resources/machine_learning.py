"""SageMaker."""

from __future__ import annotations

import json
from functools import partial

from emulator.cloudformation.resources.base import (
    Context,
    PhysicalResource,
    Properties,
    Readable,
    as_json,
    found,
    missing_is_fine,
    some,
)

_GROUP_POLICY = "ModelPackageGroupPolicy"


class Pipeline(Readable):
    """AWS::SageMaker::Pipeline."""

    replaced_by = ("PipelineName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create or update the pipeline."""
        client = context.client("sagemaker")
        given = some(properties, "PipelineDescription", "PipelineDisplayName", "PipelineName")
        given |= some(properties, "ParallelismConfiguration", "RoleArn")
        definition = properties["PipelineDefinition"]
        if "PipelineDefinitionBody" in definition:
            given["PipelineDefinition"] = definition["PipelineDefinitionBody"]
        else:
            where = definition["PipelineDefinitionS3Location"]
            given["PipelineDefinitionS3Location"] = {
                "Bucket": where["Bucket"],
                "ObjectKey": where["Key"],
                **({"VersionId": where["Version"]} if "Version" in where else {}),
            }
        if old is None:
            client.create_pipeline(**given, **some(properties, "Tags"))
        else:
            client.update_pipeline(**given)
        return PhysicalResource(str(properties["PipelineName"]))

    def read(self, existing: PhysicalResource, context: Context) -> Properties | None:
        """Read the pipeline, and its definition if the template contains it."""
        client = context.client("sagemaker")
        with missing_is_fine():
            pipeline = client.describe_pipeline(PipelineName=existing.physical_id)
            body = {"PipelineDefinitionBody": pipeline["PipelineDefinition"]}
            is_in_template = "PipelineDefinitionBody" in existing.properties["PipelineDefinition"]
            return {
                **({"PipelineDefinition": body} if is_in_template else {}),
                **{
                    name: pipeline.get(name)
                    for name in (
                        "ParallelismConfiguration",
                        "PipelineDescription",
                        "PipelineDisplayName",
                        "RoleArn",
                    )
                },
            }
        return None

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the pipeline, which fails while one of its executions is running."""
        with missing_is_fine():
            context.client("sagemaker").delete_pipeline(PipelineName=existing.physical_id)


class ModelPackageGroup(Readable):
    """AWS::SageMaker::ModelPackageGroup. As on AWS, a group with versions isn't deleted."""

    replaced_by = ("ModelPackageGroupDescription", "ModelPackageGroupName")

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the group, or change its tags."""
        client = context.client("sagemaker")
        if old is not None:
            client.add_tags(ResourceArn=old.physical_id, Tags=properties.get("Tags", []))
            group = PhysicalResource(old.physical_id, old.attributes)
        else:
            names = ("ModelPackageGroupDescription", "ModelPackageGroupName", "Tags")
            created = client.create_model_package_group(**some(properties, *names))
            group = _group(created["ModelPackageGroupArn"])
        name, policy = properties["ModelPackageGroupName"], properties.get(_GROUP_POLICY)
        if policy is not None:
            client.put_model_package_group_policy(
                ModelPackageGroupName=name, ResourcePolicy=as_json(policy)
            )
        elif old is not None:
            client.delete_model_package_group_policy(ModelPackageGroupName=name)
        return group

    def find(self, identifier: Properties, context: Context) -> PhysicalResource:
        """Find the group by its ARN."""
        arn = str(identifier["ModelPackageGroupArn"])
        context.client("sagemaker").describe_model_package_group(
            ModelPackageGroupName=arn.rpartition("/")[2]
        )
        return _group(arn)

    def read(self, existing: PhysicalResource, context: Context) -> Properties | None:
        """Read the group's description and policy."""
        client, name = context.client("sagemaker"), existing.properties["ModelPackageGroupName"]
        with missing_is_fine():
            group = client.describe_model_package_group(ModelPackageGroupName=name)
            look = partial(client.get_model_package_group_policy, ModelPackageGroupName=name)
            policy = found(look)
            return {
                "ModelPackageGroupDescription": group.get("ModelPackageGroupDescription"),
                _GROUP_POLICY: json.loads(policy["ResourcePolicy"]) if policy else None,
            }
        return None

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the group, which fails if it has versions."""
        with missing_is_fine():
            context.client("sagemaker").delete_model_package_group(
                ModelPackageGroupName=existing.physical_id
            )


def _group(arn: str) -> PhysicalResource:
    return PhysicalResource(
        arn, {"ModelPackageGroupArn": arn, "ModelPackageGroupStatus": "Completed"}
    )
