"""KMS."""

from __future__ import annotations

from emulator.cloudformation.resources.base import (
    Context,
    PhysicalResource,
    Properties,
    Resource,
    as_json,
    missing_is_fine,
    some,
)


class Key(Resource):
    """AWS::KMS::Key. As on AWS, a deleted key is pending deletion."""

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the key, or change its policy."""
        client = context.client("kms")
        policy = as_json(properties["KeyPolicy"])
        if old is None:
            tags = [
                {"TagKey": tag["Key"], "TagValue": tag["Value"]}
                for tag in properties.get("Tags", [])
            ]
            created = client.create_key(Policy=policy, Tags=tags, **some(properties, "Description"))
            identity, arn = created["KeyMetadata"]["KeyId"], created["KeyMetadata"]["Arn"]
        else:
            identity, arn = old.physical_id, old.attributes["Arn"]
            client.put_key_policy(KeyId=identity, PolicyName="default", Policy=policy)
        if properties.get("EnableKeyRotation"):
            client.enable_key_rotation(KeyId=identity)
        return PhysicalResource(identity, {"Arn": arn, "KeyId": identity})

    def find(self, identifier: Properties, context: Context) -> PhysicalResource:
        """Find the key by its ID."""
        key = context.client("kms").describe_key(KeyId=identifier["KeyId"])["KeyMetadata"]
        return PhysicalResource(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Schedule the key's deletion."""
        days = existing.properties.get("PendingWindowInDays", 30)
        with missing_is_fine():
            context.client("kms").schedule_key_deletion(
                KeyId=existing.physical_id, PendingWindowInDays=days
            )


class KeyAlias(Resource):
    """AWS::KMS::Alias."""

    replaced_by = ("AliasName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the alias, or point it at another key."""
        client = context.client("kms")
        call = client.create_alias if old is None else client.update_alias
        call(AliasName=properties["AliasName"], TargetKeyId=properties["TargetKeyId"])
        return PhysicalResource(str(properties["AliasName"]))

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the alias."""
        with missing_is_fine():
            context.client("kms").delete_alias(AliasName=existing.physical_id)
