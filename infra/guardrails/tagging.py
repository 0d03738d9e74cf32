"""Tags on every resource of a stack."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import CfnResource, Stack, TagManager, Tags

# Types of the CDK's functions that empty buckets: plain resources, which it doesn't tag.
_PLAIN = ("AWS::IAM::Role", "AWS::Lambda::Function")


def tag_resources(stack: Stack, tags: Mapping[str, str]) -> None:
    """Tag every resource that takes tags, and the stack itself."""
    for key, value in tags.items():
        Tags.of(stack).add(key, value)
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    for item in stack.node.find_all():
        if (
            isinstance(item, CfnResource)
            and item.cfn_resource_type in _PLAIN
            and not TagManager.is_taggable(item)
        ):
            item.add_property_override("Tags", listed)
