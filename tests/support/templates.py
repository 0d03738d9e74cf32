"""Reading templates: intrinsic functions become strings, statements become answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

ACCOUNT = "123456789012"
REGION = "us-east-1"

Template = Mapping[str, Any]

_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}
_ARNS = {
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:us-east-1:123456789012:function:{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
}


def resolved(value: Any, template: Template) -> Any:
    """``value`` with every intrinsic function replaced, as a deployment would.

    Resources get their logical id in lower case as physical name. Raises KeyError for a function,
    a resource or an attribute that isn't known here.
    """
    if isinstance(value, list):
        return [resolved(item, template) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(function, operand)] = value.items()
        if function == "Ref":
            return _PSEUDO.get(operand) or _name(operand, template)
        if function == "Fn::GetAtt":
            return _attribute(*operand, template)
        if function == "Fn::Join":
            separator, items = operand
            return separator.join(resolved(item, template) for item in items)
        if function == "Fn::Sub":
            return re.sub(r"\$\{([^}]+)\}", lambda match: _PSEUDO[match[1]], operand)
        if function.startswith("Fn::"):
            raise KeyError(function)
    return {key: resolved(item, template) for key, item in value.items()}


def _name(logical_id: str, template: Template) -> str:
    properties = template["Resources"][logical_id].get("Properties", {})
    given = properties.get("ModelPackageGroupName") or properties.get("PipelineName")
    return str(given or logical_id.lower())


def _attribute(logical_id: str, attribute: str, template: Template) -> str:
    kind = template["Resources"][logical_id]["Type"]
    return {"Arn": _ARNS[kind]}[attribute].format(name=_name(logical_id, template))


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The resources of a type by logical id, intrinsic functions replaced."""
    return {
        name: resolved(resource, template)
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def the_one(template: Template, kind: str) -> dict[str, Any]:
    """The only resource of a type."""
    [resource] = of_type(template, kind).values()
    return resource


def the_pipeline(template: Template, *, scoring: bool = False) -> dict[str, Any]:
    """The pipeline that trains, or the one that scores."""
    found = of_type(template, "AWS::SageMaker::Pipeline").values()
    [pipeline] = [
        resource
        for resource in found
        if resource["Properties"]["PipelineName"].endswith("-score") == scoring
    ]
    return pipeline


def as_list(value: Any) -> list[Any]:
    """What a policy may write alone or as a list."""
    return value if isinstance(value, list) else [value]


def allows(
    statements: Iterable[Mapping[str, Any]], action: str, resource: str, **context: str
) -> bool:
    """Whether IAM would allow the action; ``context`` holds condition keys, ":" written as "__"."""
    told = {key.replace("__", ":"): value for key, value in context.items()}
    return any(
        statement["Effect"] == "Allow"
        and any(fnmatchcase(action, known) for known in as_list(statement["Action"]))
        and any(fnmatchcase(resource, known) for known in as_list(statement["Resource"]))
        and _met(statement.get("Condition", {}), told)
        for statement in statements
    )


def _met(conditions: Mapping[str, Mapping[str, Any]], told: Mapping[str, str]) -> bool:
    compare = {"StringEquals": str.__eq__, "StringLike": fnmatchcase}
    return all(
        any(compare[operator](told.get(key, ""), wanted) for wanted in as_list(values))
        for operator, keys in conditions.items()
        for key, values in keys.items()
    )


def deployed_definition(template: Template, *, scoring: bool = False) -> str:
    """A pipeline's definition as CloudFormation would hand it to SageMaker."""
    properties = the_pipeline(template, scoring=scoring)["Properties"]
    body = properties["PipelineDefinition"]["PipelineDefinitionBody"]
    assert isinstance(body, str)
    return body
