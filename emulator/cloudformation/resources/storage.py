"""S3, ECR and SSM."""

from __future__ import annotations

from emulator.cloudformation.errors import already_exists
from emulator.cloudformation.resources import bucket_settings
from emulator.cloudformation.resources.base import (
    Context,
    PhysicalResource,
    Properties,
    Readable,
    Resource,
    as_json,
    found,
    missing_is_fine,
    some,
    without_conditional_denials,
)

_LONGEST_BUCKET = 63


class Bucket(Readable):
    """AWS::S3::Bucket. As on AWS, a bucket with objects isn't deleted."""

    replaced_by = ("BucketName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create or change the bucket."""
        client = context.client("s3")
        given = properties.get("BucketName", context.generated(_LONGEST_BUCKET).lower())
        name = old.physical_id if old else str(given)
        if old is None:
            if bucket_settings.exists(client, name):  # in us-east-1, S3 allows creating it again
                raise already_exists(context.kind, name)
            region = context.place.region
            location = {"CreateBucketConfiguration": {"LocationConstraint": region}}
            client.create_bucket(Bucket=name, **({} if region == "us-east-1" else location))
        bucket_settings.put(client, name, properties)
        return _bucket(name, context)

    def find(self, identifier: Properties, context: Context) -> PhysicalResource:
        """Find the bucket by its name."""
        context.client("s3").get_bucket_location(Bucket=identifier["BucketName"])
        return _bucket(identifier["BucketName"], context)

    def read(self, existing: PhysicalResource, context: Context) -> Properties | None:
        """Read the bucket's settings."""
        return bucket_settings.read(context.client("s3"), existing.physical_id)

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the bucket, which fails if it has objects."""
        with missing_is_fine():
            context.client("s3").delete_bucket(Bucket=existing.physical_id)


def _bucket(name: str, context: Context) -> PhysicalResource:
    return PhysicalResource(
        name,
        {
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{context.place.region}.amazonaws.com",
        },
    )


class BucketPolicy(Resource):
    """AWS::S3::BucketPolicy."""

    replaced_by = ("Bucket",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Put the policy on the bucket."""
        client, bucket = context.client("s3"), properties["Bucket"]
        policy = without_conditional_denials(properties["PolicyDocument"])
        if old is None and found(lambda: client.get_bucket_policy(Bucket=bucket)):
            raise already_exists(context.kind, bucket)
        if policy["Statement"]:
            client.put_bucket_policy(Bucket=bucket, Policy=as_json(policy))
        return PhysicalResource(str(properties["Bucket"]))

    def find(self, identifier: Properties, context: Context) -> PhysicalResource:
        """Find the policy by its bucket, which has none if all its statements were dropped."""
        context.client("s3").get_bucket_location(Bucket=identifier["Bucket"])
        return PhysicalResource(identifier["Bucket"])

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the bucket's policy."""
        with missing_is_fine():
            context.client("s3").delete_bucket_policy(Bucket=existing.physical_id)


class AutoDeleteObjects(Resource):
    """Custom::S3AutoDeleteObjects: does what the CDK's function does, which empties a bucket."""

    replaced_by = ("BucketName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Do nothing."""
        return PhysicalResource(old.physical_id if old else context.generated())

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Empty the bucket if its tags allow it, as the CDK's function does."""
        client, bucket = context.client("s3"), existing.properties["BucketName"]
        with missing_is_fine():
            tags = client.get_bucket_tagging(Bucket=bucket)["TagSet"]
            if {"Key": "aws-cdk:auto-delete-objects", "Value": "true"} in tags:
                for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
                    for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                        client.delete_object(
                            Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"]
                        )


class Repository(Resource):
    """AWS::ECR::Repository."""

    replaced_by = ("RepositoryName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the repository, or change its policy."""
        client = context.client("ecr")
        name = old.physical_id if old else properties.get("RepositoryName", context.generated(256))
        if old is None:
            mutability = some(properties, "ImageTagMutability")
            if mutability:
                mutability = {"imageTagMutability": properties["ImageTagMutability"]}
            client.create_repository(repositoryName=name, **mutability)
        if "RepositoryPolicyText" in properties:
            policy = as_json(properties["RepositoryPolicyText"])
            client.set_repository_policy(repositoryName=name, policyText=policy)
        uri = f"{context.place.account}.dkr.ecr.{context.place.region}.amazonaws.com/{name}"
        return PhysicalResource(
            name, {"Arn": context.arn("ecr", f"repository/{name}"), "RepositoryUri": uri}
        )

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the repository, which fails if it has images."""
        with missing_is_fine():
            context.client("ecr").delete_repository(repositoryName=existing.physical_id)


class Parameter(Readable):
    """AWS::SSM::Parameter."""

    replaced_by = ("Name", "Type")

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Put the parameter."""
        name = old.physical_id if old else properties.get("Name", context.generated(512))
        context.client("ssm").put_parameter(
            Name=name,
            Overwrite=old is not None,
            **some(properties, "Description", "Type", "Value"),
        )
        return PhysicalResource(name, some(properties, "Type", "Value"))

    def read(self, existing: PhysicalResource, context: Context) -> Properties | None:
        """Read the parameter's type and value."""
        with missing_is_fine():
            response = context.client("ssm").get_parameter(Name=existing.physical_id)
            return some(response["Parameter"], "Type", "Value")
        return None

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the parameter."""
        with missing_is_fine():
            context.client("ssm").delete_parameter(Name=existing.physical_id)
