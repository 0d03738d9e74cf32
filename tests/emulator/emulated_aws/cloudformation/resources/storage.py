"""S3, ECR and SSM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulated_aws.cloudformation.resources.base import (
    Context,
    Made,
    Properties,
    Resource,
    as_json,
    missing_is_fine,
    some,
    without_conditional_denials,
)

_LONGEST_BUCKET = 63


class Bucket(Resource):
    """AWS::S3::Bucket. As on AWS, it can't be deleted while there are objects in it."""

    replaced_by = ("BucketName",)

    def put(self, properties: Properties, old: Made | None, context: Context) -> Made:
        """Creates or changes the bucket."""
        client = context.client("s3")
        given = properties.get("BucketName", context.generated(_LONGEST_BUCKET).lower())
        name = old.physical if old else str(given)
        if old is None:
            location = {"CreateBucketConfiguration": {"LocationConstraint": context.region}}
            client.create_bucket(Bucket=name, **({} if context.region == "us-east-1" else location))
        _configure(client, name, properties)
        return Made(
            name,
            {
                "Arn": f"arn:aws:s3:::{name}",
                "DomainName": f"{name}.s3.amazonaws.com",
                "RegionalDomainName": f"{name}.s3.{context.region}.amazonaws.com",
            },
        )

    def delete(self, made: Made, context: Context) -> None:
        """Deletes the empty bucket."""
        with missing_is_fine():
            context.client("s3").delete_bucket(Bucket=made.physical)


def _configure(client: Any, name: str, properties: Properties) -> None:
    if "VersioningConfiguration" in properties:
        client.put_bucket_versioning(
            Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"]
        )
    if "PublicAccessBlockConfiguration" in properties:
        blocked = properties["PublicAccessBlockConfiguration"]
        client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=blocked)
    if "BucketEncryption" in properties:
        rules = [
            {
                "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
                **some(rule, "BucketKeyEnabled"),
            }
            for rule in properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        ]
        client.put_bucket_encryption(
            Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules}
        )
    if "LifecycleConfiguration" in properties:
        lifecycle = [_rule(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
        client.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": lifecycle}
        )
    if "OwnershipControls" in properties:
        client.put_bucket_ownership_controls(
            Bucket=name, OwnershipControls=properties["OwnershipControls"]
        )
    if "NotificationConfiguration" in properties:
        client.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
    if "Tags" in properties:
        client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": properties["Tags"]})


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    expiration = {
        **({"Days": rule["ExpirationInDays"]} if "ExpirationInDays" in rule else {}),
        **some(rule, "ExpiredObjectDeleteMarker"),
    }
    return {
        "ID": rule["Id"],
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
        **({"Expiration": expiration} if expiration else {}),
        **some(rule, "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"),
    }


class BucketPolicy(Resource):
    """AWS::S3::BucketPolicy."""

    replaced_by = ("Bucket",)

    def put(self, properties: Properties, old: Made | None, context: Context) -> Made:
        """Puts the policy on the bucket."""
        policy = without_conditional_denials(properties["PolicyDocument"])
        if policy["Statement"]:
            context.client("s3").put_bucket_policy(
                Bucket=properties["Bucket"], Policy=as_json(policy)
            )
        return Made(str(properties["Bucket"]))

    def delete(self, made: Made, context: Context) -> None:
        """Takes the policy off the bucket."""
        with missing_is_fine():
            context.client("s3").delete_bucket_policy(Bucket=made.physical)


class AutoDeleteObjects(Resource):
    """Custom::S3AutoDeleteObjects: answers for CDK's function, which empties a bucket."""

    replaced_by = ("BucketName",)

    def put(self, properties: Properties, old: Made | None, context: Context) -> Made:
        """Does nothing yet."""
        return Made(old.physical if old else context.generated())

    def delete(self, made: Made, context: Context) -> None:
        """Empties the bucket if it is tagged to be emptied, as CDK's function does."""
        client, bucket = context.client("s3"), made.properties["BucketName"]
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

    def put(self, properties: Properties, old: Made | None, context: Context) -> Made:
        """Creates the repository; of a change, the policies."""
        client = context.client("ecr")
        name = old.physical if old else properties.get("RepositoryName", context.generated(256))
        if old is None:
            mutability = some(properties, "ImageTagMutability")
            if mutability:
                mutability = {"imageTagMutability": properties["ImageTagMutability"]}
            client.create_repository(repositoryName=name, **mutability)
        if "RepositoryPolicyText" in properties:
            policy = as_json(properties["RepositoryPolicyText"])
            client.set_repository_policy(repositoryName=name, policyText=policy)
        uri = f"{context.account}.dkr.ecr.{context.region}.amazonaws.com/{name}"
        return Made(name, {"Arn": context.arn("ecr", f"repository/{name}"), "RepositoryUri": uri})

    def delete(self, made: Made, context: Context) -> None:
        """Deletes the repository without images."""
        with missing_is_fine():
            context.client("ecr").delete_repository(repositoryName=made.physical)


class Parameter(Resource):
    """AWS::SSM::Parameter."""

    replaced_by = ("Name", "Type")

    def put(self, properties: Properties, old: Made | None, context: Context) -> Made:
        """Puts the parameter."""
        name = old.physical if old else properties.get("Name", context.generated(512))
        context.client("ssm").put_parameter(
            Name=name,
            Overwrite=old is not None,
            **some(properties, "Description", "Type", "Value"),
        )
        return Made(name, some(properties, "Type", "Value"))

    def delete(self, made: Made, context: Context) -> None:
        """Deletes the parameter."""
        with missing_is_fine():
            context.client("ssm").delete_parameter(Name=made.physical)
