"""A bucket's settings, converted between templates and S3's API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from emulator.cloudformation.resources.base import Properties, found, some


def exists(client: Any, name: str) -> bool:
    """Whether there is such a bucket."""
    return found(partial(client.get_bucket_location, Bucket=name)) is not None


def put(client: Any, name: str, properties: Properties) -> None:
    """Put the settings that are set."""
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


def read(client: Any, name: str) -> Properties | None:
    """Return the settings as in a template, None if unset; or None if there is no bucket."""
    if not exists(client, name):
        return None

    def setting(operation: str, key: str) -> Any:
        answer = found(partial(getattr(client, f"get_{operation}"), Bucket=name))
        return answer and answer[key]

    versioning = client.get_bucket_versioning(Bucket=name).get("Status")
    lifecycle = setting("bucket_lifecycle_configuration", "Rules")
    encryption = setting("bucket_encryption", "ServerSideEncryptionConfiguration")
    return {
        "BucketEncryption": encryption and _encryption_in_template(encryption),
        "LifecycleConfiguration": lifecycle and {"Rules": [*map(_rule_in_template, lifecycle)]},
        "OwnershipControls": setting("bucket_ownership_controls", "OwnershipControls"),
        "PublicAccessBlockConfiguration": setting(
            "public_access_block", "PublicAccessBlockConfiguration"
        ),
        "VersioningConfiguration": versioning and {"Status": versioning},
    }


def _rule_in_template(rule: Mapping[str, Any]) -> dict[str, Any]:
    prefix, expiration = rule["Filter"]["Prefix"], rule.get("Expiration", {})
    return {
        "Id": rule["ID"],
        "Status": rule["Status"],
        **({"Prefix": prefix} if prefix else {}),
        **({"ExpirationInDays": expiration["Days"]} if "Days" in expiration else {}),
        **some(expiration, "ExpiredObjectDeleteMarker"),
        **some(rule, "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"),
    }


def _encryption_in_template(encryption: Mapping[str, Any]) -> dict[str, Any]:
    rules = [
        {
            "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
            **some(rule, "BucketKeyEnabled"),
        }
        for rule in encryption["Rules"]
    ]
    return {"ServerSideEncryptionConfiguration": rules}
