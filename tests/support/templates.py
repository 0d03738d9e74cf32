"""Reads CloudFormation templates: replaces intrinsic functions and evaluates policies."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from moto.events.models import EventPattern

from emulator.events import message

ACCOUNT = "123456789012"
REGION = "us-east-1"
PIPELINE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/sentiment-dev"

Template = Mapping[str, Any]


@dataclass(frozen=True)
class Assembly:
    """The result of a synthesis: templates by environment, and the folder."""

    templates: dict[str, Template]
    folder: Path


_PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}
# Types whose Ref is an ARN.
_REFS = {
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{name}}",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{name}}",
}
_ARNS = {
    **_REFS,
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{name}}",
    "AWS::KMS::Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{name}}",
    "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{name}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{name}}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
}


def resolved(value: Any, template: Template) -> Any:
    """Return ``value`` with every intrinsic function replaced, as a deployment would.

    A resource's physical name is its logical ID in lowercase. Raise KeyError for an unknown
    function, resource or attribute.
    """
    if isinstance(value, list):
        return [resolved(item, template) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(function, operand)] = value.items()
        if function == "Ref":
            return _PSEUDO_PARAMETERS.get(operand) or _ref(operand, template)
        if function == "Fn::GetAtt":
            logical_id, attribute = operand
            return _attribute(logical_id, attribute, template)
        if function == "Fn::Join":
            separator, items = operand
            return separator.join(resolved(item, template) for item in items)
        if function == "Fn::Sub":
            return re.sub(r"\$\{([^}]+)\}", lambda match: _PSEUDO_PARAMETERS[match[1]], operand)
        if function.startswith("Fn::"):
            raise KeyError(function)
    return {key: resolved(item, template) for key, item in value.items()}


def _ref(logical_id: str, template: Template) -> str:
    kind, name = template["Resources"][logical_id]["Type"], _name(logical_id, template)
    return _REFS.get(kind, "{name}").format(name=name)


def _name(logical_id: str, template: Template) -> str:
    properties = template["Resources"][logical_id].get("Properties", {})
    given = properties.get("ModelPackageGroupName") or properties.get("PipelineName")
    return str(given or logical_id.lower())


def _attribute(logical_id: str, attribute: str, template: Template) -> str:
    kind = template["Resources"][logical_id]["Type"]
    return {"Arn": _ARNS[kind]}[attribute].format(name=_name(logical_id, template))


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """Return the resources of a type by logical ID, intrinsic functions replaced."""
    return {
        name: resolved(resource, template)
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def the_one(template: Template, kind: str) -> dict[str, Any]:
    """Return the only resource of a type."""
    [resource] = of_type(template, kind).values()
    return resource


def properties(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of the resources of a type by logical ID."""
    return {name: item.get("Properties", {}) for name, item in of_type(template, kind).items()}


def the_properties(template: Template, kind: str, part: str = "") -> dict[str, Any]:
    """Return the properties of the only resource of a type with ``part`` in its logical ID."""
    [found] = [item for name, item in properties(template, kind).items() if part in name]
    return found


def arns(template: Template, kind: str) -> list[str]:
    """Return the ARNs of the resources of a type."""
    return [_ARNS[kind].format(name=name.lower()) for name in of_type(template, kind)]


def the_arn(template: Template, kind: str, part: str = "") -> str:
    """Return the ARN of the only resource of a type with ``part`` in its logical ID."""
    [name] = [name for name in of_type(template, kind) if part in name]
    return _ARNS[kind].format(name=name.lower())


def the_pipeline(template: Template, *, scoring: bool = False) -> dict[str, Any]:
    """Return the training pipeline or the scoring pipeline."""
    found = of_type(template, "AWS::SageMaker::Pipeline").values()
    [pipeline] = [
        resource
        for resource in found
        if resource["Properties"]["PipelineName"].endswith("-score") == scoring
    ]
    return pipeline


def deployed_definition(template: Template, *, scoring: bool = False) -> str:
    """Return a pipeline's definition as CloudFormation would send it to SageMaker."""
    properties = the_pipeline(template, scoring=scoring)["Properties"]
    body = properties["PipelineDefinition"]["PipelineDefinitionBody"]
    assert isinstance(body, str)
    return body


def outputs(template: Template) -> dict[str, Any]:
    """Return the stack's outputs by name."""
    return {
        name: output["Value"] for name, output in resolved(template["Outputs"], template).items()
    }


def as_list(value: Any) -> list[Any]:
    """Return a list of what a policy may write alone or as a list."""
    return value if isinstance(value, list) else [value]


def statements_of(template: Template, role: str) -> list[dict[str, Any]]:
    """Return the statements of the role with ``role`` in its logical ID."""
    [name] = [name for name in properties(template, "AWS::IAM::Role") if role in name]
    return [
        statement
        for policy in properties(template, "AWS::IAM::Policy").values()
        if name.lower() in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def allows(
    statements: Iterable[Mapping[str, Any]], action: str, resource: str, **context: str
) -> bool:
    """Return whether IAM allows the action; context: condition keys with "__" for ":"."""
    keys = {key.replace("__", ":"): value for key, value in context.items()}
    return any(
        statement["Effect"] == "Allow"
        and any(fnmatchcase(action, known) for known in as_list(statement["Action"]))
        and any(fnmatchcase(resource, known) for known in as_list(statement["Resource"]))
        and _met(statement.get("Condition", {}), keys)
        for statement in statements
    )


def _met(conditions: Mapping[str, Mapping[str, Any]], keys: Mapping[str, str]) -> bool:
    compare: dict[str, Callable[[str, str], bool]]
    compare = {
        "StringEquals": operator.eq,
        "StringLike": fnmatchcase,
        "ForAllValues:StringLike": _each_like,
    }
    return all(
        any(compare[name](keys.get(key, ""), wanted) for wanted in as_list(values))
        for name, wanted_keys in conditions.items()
        for key, values in wanted_keys.items()
    )


def _each_like(found: str, wanted: str) -> bool:
    """Return whether the key has no value, or one that is like the wanted."""
    return not found or fnmatchcase(found, wanted)


def conditions_for(
    statements: Iterable[Mapping[str, Any]], service: str, action: str
) -> list[dict[str, Any]]:
    """Return the conditions of each statement of a resource policy that allows the service."""
    return [
        statement.get("Condition", {})
        for statement in statements
        if statement["Effect"] == "Allow"
        and service in as_list(statement["Principal"].get("Service", []))
        and any(action.startswith(known.rstrip("*")) for known in as_list(statement["Action"]))
    ]


def matches(rule: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Return whether an EventBridge rule matches an event."""
    pattern: Any = EventPattern.load(json.dumps(rule["EventPattern"]))
    return bool(pattern.matches_event(dict(event)))


def sent(rule: Mapping[str, Any], event: Mapping[str, Any], part: str = "") -> list[Any]:
    """Return the JSON values, one for each line, that a rule sends to its target.

    part: of the target's ARN, if the rule has several.
    """
    [target] = [item for item in rule["Targets"] if part in item["Arn"]]
    return [json.loads(line) for line in message(target, event).splitlines()]
