"""IAM."""

from __future__ import annotations

from functools import partial
from typing import Any

from emulator.cloudformation.resources.base import (
    Context,
    PhysicalResource,
    Properties,
    Readable,
    Resource,
    as_json,
    found,
    in_order_of,
    missing_is_fine,
    some,
)

_ANY_THUMBPRINT = "0" * 40  # AWS determines it, moto requires it


class Role(Readable):
    """AWS::IAM::Role."""

    replaced_by = ("Path", "RoleName")

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create or update the role, its managed policies and its inline ones."""
        client = context.client("iam")
        name = old.physical_id if old else properties.get("RoleName", context.generated())
        trust = as_json(properties["AssumeRolePolicyDocument"])
        if old is None:
            given = some(properties, "Description", "MaxSessionDuration", "Path")
            given |= some(properties, "PermissionsBoundary", "Tags")
            client.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **given)
        else:
            client.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
            client.update_role(RoleName=name, **some(properties, "Description"))
        _policies(client, name, properties, old.properties if old else {})
        role = client.get_role(RoleName=name)["Role"]
        return PhysicalResource(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def read(self, existing: PhysicalResource, context: Context) -> Properties | None:
        """Read the role's trust policy and its policies."""
        client, name = context.client("iam"), existing.physical_id
        with missing_is_fine():
            role = client.get_role(RoleName=name)["Role"]
            attached = client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
            given = existing.properties
            return {
                "AssumeRolePolicyDocument": role["AssumeRolePolicyDocument"],
                "ManagedPolicyArns": in_order_of(
                    given.get("ManagedPolicyArns", []), [item["PolicyArn"] for item in attached]
                ),
                "PermissionsBoundary": role.get("PermissionsBoundary", {}).get(
                    "PermissionsBoundaryArn"
                ),
                "Policies": [
                    {
                        "PolicyDocument": _inline(client, name, policy["PolicyName"]),
                        "PolicyName": policy["PolicyName"],
                    }
                    for policy in given.get("Policies", [])
                ],
            }
        return None

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the role with what is attached to it."""
        client = context.client("iam")
        with missing_is_fine():
            for policy in client.list_attached_role_policies(RoleName=existing.physical_id)[
                "AttachedPolicies"
            ]:
                client.detach_role_policy(
                    RoleName=existing.physical_id, PolicyArn=policy["PolicyArn"]
                )
            for name in client.list_role_policies(RoleName=existing.physical_id)["PolicyNames"]:
                client.delete_role_policy(RoleName=existing.physical_id, PolicyName=name)
            client.delete_role(RoleName=existing.physical_id)


def _policies(client: Any, role: str, properties: Properties, old: Properties) -> None:
    wanted = properties.get("ManagedPolicyArns", [])
    for arn in set(old.get("ManagedPolicyArns", [])) - set(wanted):
        client.detach_role_policy(RoleName=role, PolicyArn=arn)
    for arn in wanted:
        client.attach_role_policy(RoleName=role, PolicyArn=arn)
    for policy in properties.get("Policies", []):
        document = as_json(policy["PolicyDocument"])
        client.put_role_policy(
            RoleName=role, PolicyName=policy["PolicyName"], PolicyDocument=document
        )


def _inline(client: Any, role: str, policy: str) -> Any:
    look = partial(client.get_role_policy, RoleName=role, PolicyName=policy)
    answer = found(look)
    return answer and answer["PolicyDocument"]


class Policy(Readable):
    """AWS::IAM::Policy: an inline policy of roles."""

    replaced_by = ("PolicyName",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Put the policy into each role, and delete it from roles that no longer have it."""
        client, name = context.client("iam"), properties["PolicyName"]
        former = old.properties.get("Roles", []) if old else []
        for role in set(former) - set(properties.get("Roles", [])):
            client.delete_role_policy(RoleName=role, PolicyName=name)
        for role in properties.get("Roles", []):
            document = as_json(properties["PolicyDocument"])
            client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
        return PhysicalResource(old.physical_id if old else context.generated())

    def read(self, existing: PhysicalResource, context: Context) -> Properties | None:
        """Read the roles that have the policy, and the policy of the first one."""
        client, name = context.client("iam"), existing.properties["PolicyName"]
        documents = {role: _inline(client, role, name) for role in existing.properties["Roles"]}
        roles = [role for role, document in documents.items() if document is not None]
        if not roles:
            return None
        return {"PolicyDocument": documents[roles[0]], "Roles": roles}

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the policy from its roles."""
        for role in existing.properties.get("Roles", []):
            with missing_is_fine():
                context.client("iam").delete_role_policy(
                    RoleName=role, PolicyName=existing.properties["PolicyName"]
                )


class ManagedPolicy(Readable):
    """AWS::IAM::ManagedPolicy."""

    replaced_by = ("Description", "ManagedPolicyName", "Path")

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the policy, or a new version of it."""
        client = context.client("iam")
        document = as_json(properties["PolicyDocument"])
        if old is None:
            name = properties.get("ManagedPolicyName", context.generated(128))
            given = some(properties, "Description", "Path")
            created = client.create_policy(PolicyName=name, PolicyDocument=document, **given)
            arn = str(created["Policy"]["Arn"])
        else:
            arn = old.physical_id
            default = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            client.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
            client.delete_policy_version(PolicyArn=arn, VersionId=default)
        for role in properties.get("Roles", []):
            client.attach_role_policy(RoleName=role, PolicyArn=arn)
        return PhysicalResource(arn, {"PolicyArn": arn})

    def read(self, existing: PhysicalResource, context: Context) -> Properties | None:
        """Read the policy's default version."""
        client, arn = context.client("iam"), existing.physical_id
        with missing_is_fine():
            version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            answer = client.get_policy_version(PolicyArn=arn, VersionId=version)
            return {"PolicyDocument": answer["PolicyVersion"]["Document"]}
        return None

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the policy."""
        client = context.client("iam")
        with missing_is_fine():
            for role in client.list_entities_for_policy(PolicyArn=existing.physical_id)[
                "PolicyRoles"
            ]:
                client.detach_role_policy(RoleName=role["RoleName"], PolicyArn=existing.physical_id)
            client.delete_policy(PolicyArn=existing.physical_id)


class OidcProvider(Resource):
    """AWS::IAM::OIDCProvider, and the CDK's custom resource for one.

    moto can't change one, so an update creates it again under the same ARN.
    """

    replaced_by = ("Url",)

    def put(
        self, properties: Properties, old: PhysicalResource | None, context: Context
    ) -> PhysicalResource:
        """Create the provider."""
        if old is not None:
            self.delete(old, context)
        created = context.client("iam").create_open_id_connect_provider(
            Url=properties["Url"],
            ClientIDList=properties.get("ClientIdList", properties.get("ClientIDList", [])),
            ThumbprintList=properties.get("ThumbprintList", [_ANY_THUMBPRINT]),
        )
        arn = str(created["OpenIDConnectProviderArn"])
        return PhysicalResource(arn, {"Arn": arn})

    def delete(self, existing: PhysicalResource, context: Context) -> None:
        """Delete the provider."""
        with missing_is_fine():
            context.client("iam").delete_open_id_connect_provider(
                OpenIDConnectProviderArn=existing.physical_id
            )
