"""Settings by name, and what their templates would do: answer events, run, send, decrypt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.support.templates import (
    ACCOUNT,
    REGION,
    Template,
    as_list,
    of_type,
    resolved,
)

KEEPER = "team@example.com"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/limits"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
SECURITY_GROUPS = ["sg-0123456789abcdef0"]
PIPELINE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/sentiment-dev"

_TOLD = {"alert_email": KEEPER}
SETTINGS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "permission_boundary": {"permission_boundary": BOUNDARY},
    "alert_email": _TOLD,
    "monthly_budget_usd": {**_TOLD, "monthly_budget_usd": 50},
    "dashboard": {"dashboard": True},
    "dashboard, alert_email": {**_TOLD, "dashboard": True},
    "log_retention_days": {"log_retention_days": 30},
    "dashboard, log_retention_days": {"dashboard": True, "log_retention_days": 30},
    "schedule": {"schedule": "cron(0 6 ? * MON *)"},
    "start_on_new_data": {"start_on_new_data": True},
    "customer_key": {"customer_key": True},
    "subnets": {"subnets": SUBNETS, "security_groups": SECURITY_GROUPS},
    "encrypt_traffic": {"encrypt_traffic": True},
    "spot": {"spot": True},
    "champion_margin": {"champion_margin": 0.005},
    "dataset_uri": {"dataset_uri": "s3://somebodys-reviews/imdb/"},
    "processing_engine": {"processing_engine": "spark"},
    "no_network": {"no_network": True, "dataset_uri": "raw/reviews.tar.gz"},
}
SETTINGS["everything"] = {
    key: value
    for name, settings in SETTINGS.items()
    for key, value in settings.items()
    if name != "no_network"  # which leaves no job that could ask for the champion
}
SETTINGS["everything, kept"] = {**SETTINGS["everything"], "keep_data": True}
"""Besides region and keep_data of the committed dev."""

_REFS = {
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{{name}}",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{name}}",
}
_ARNS = {
    **_REFS,
    "AWS::KMS::Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{name}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{name}}:*",
}
_ARRAY_CONTAINS = re.compile(
    r"States\.ArrayContains\("
    r"\$\.PipelineExecutionSummaries\[\*\]\.PipelineExecutionStatus, '(\w+)'\)"
)


def synthesized(settings: Mapping[str, Any], context: Mapping[str, Any], folder: Path) -> Path:
    """The template's file of an environment ``dev`` that differs from the committed one."""
    from aws_cdk import App

    from infra.settings import environments
    from infra.stack import SentimentStack

    dev = {**context["environments"]["dev"], **settings}
    app = App(context=dict(context), outdir=str(folder / "cdk.out"), analytics_reporting=False)
    [environment] = environments({"dev": dev})
    SentimentStack(app, settings=environment, build_folder=folder / "build")
    return Path(app.synth().get_stack_by_name("sentiment-dev").template_full_path)


def settled(template: Template) -> Template:
    """The template with the ARNs of keys, topics, machines and log groups written out."""
    kinds = {name: resource["Type"] for name, resource in template["Resources"].items()}

    def replaced(value: Any) -> Any:
        if isinstance(value, list):
            return [replaced(item) for item in value]
        if not isinstance(value, dict):
            return value
        name, attribute = value.get("Ref"), None
        if isinstance(value.get("Fn::GetAtt"), list):
            name, attribute = value["Fn::GetAtt"]
        arns = _ARNS if attribute == "Arn" else _REFS
        if arn := arns.get(kinds.get(str(name), "")):
            return arn.format(name=str(name).lower())
        return {key: replaced(item) for key, item in value.items()}

    whole: Template = replaced(template)
    return whole


def properties(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a type by logical id, functions replaced."""
    found = of_type(settled(template), kind)
    return {name: resource["Properties"] for name, resource in found.items()}


def the_arn(template: Template, kind: str, part: str = "") -> str:
    """The ARN of the only resource of a type whose logical id has ``part`` in it."""
    [name] = [name for name in of_type(settled(template), kind) if part in name]
    return _ARNS[kind].format(name=name.lower())


def statements_of(template: Template, role: str) -> list[dict[str, Any]]:
    """What the policies of one role allow, known by a part of its logical id."""
    [name] = [name for name in properties(template, "AWS::IAM::Role") if role in name]
    return [
        statement
        for policy in properties(template, "AWS::IAM::Policy").values()
        if name.lower() in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def conditions_for(
    statements: Iterable[Mapping[str, Any]], service: str, action: str
) -> list[dict[str, Any]]:
    """Under which conditions a resource's policy lets a service act; one entry a statement."""
    return [
        statement.get("Condition", {})
        for statement in statements
        if statement["Effect"] == "Allow"
        and service in as_list(statement["Principal"].get("Service", []))
        and any(action.startswith(known.rstrip("*")) for known in as_list(statement["Action"]))
    ]


def matches(pattern: Any, event: Any) -> bool:
    """Whether EventBridge would take an event for one of the pattern."""
    if isinstance(pattern, dict):
        return isinstance(event, dict) and all(
            key in event and matches(wanted, event[key]) for key, wanted in pattern.items()
        )
    return any(_equals(wanted, event) for wanted in pattern)


def _equals(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(wanted == value)
    [(operator, operand)] = wanted.items()
    return {
        "prefix": lambda: value.startswith(operand),
        "numeric": lambda: operand[0] == ">" and value > operand[1],
        "anything-but": lambda: value not in as_list(operand),
    }[operator]()


def sent(rule: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
    """What a rule with one target hands to it: JSON values, one a line."""
    [target] = rule["Targets"]
    template = target["InputTransformer"]["InputTemplate"]
    for name, path in target["InputTransformer"]["InputPathsMap"].items():
        value: Any = event
        for key in path.removeprefix("$.").split("."):
            value = value[key]
        template = template.replace(f"<{name}>", value)
    return [json.loads(line) for line in template.splitlines()]


def machine(template: Template) -> dict[str, Any]:
    """The definition of the only state machine."""
    [found] = properties(template, "AWS::StepFunctions::StateMachine").values()
    definition: dict[str, Any] = json.loads(found["DefinitionString"])
    return definition


def calls(
    definition: Mapping[str, Any], given: Mapping[str, Any], statuses: Iterable[str]
) -> list[tuple[str, dict[str, Any]]]:
    """The calls that a state machine makes for an input, if executions have these statuses.

    Knows the states and functions that the starter is made of, and no others.
    """
    data, made, name = dict(given), [], definition["StartAt"]
    while name:
        state = definition["States"][name]
        if state["Type"] == "Choice":
            [choice] = state["Choices"]
            name = choice["Next"] if _holds(choice, data) else state["Default"]
            continue
        if state["Type"] == "Task":
            made.append((state["Resource"].rpartition(":")[2], _filled(state["Parameters"], data)))
            if selector := state.get("ResultSelector"):
                data[state["ResultPath"].removeprefix("$.")] = {
                    key.removesuffix(".$"): _is_among(function, statuses)
                    for key, function in selector.items()
                }
        name = state.get("Next")
    return made


def _is_among(function: str, statuses: Iterable[str]) -> bool:
    contained = _ARRAY_CONTAINS.fullmatch(function)
    assert contained, function
    return contained[1] in statuses


def _holds(choice: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    if "Or" in choice:
        return any(_holds(inner, data) for inner in choice["Or"])
    value: Any = data
    for key in choice["Variable"].removeprefix("$.").split("."):
        if key not in value:
            return not choice.get("IsPresent", True)
        value = value[key]
    return bool(choice["IsPresent"] if "IsPresent" in choice else choice["BooleanEquals"] is value)


def _filled(parameters: Any, data: Mapping[str, Any]) -> Any:
    if isinstance(parameters, list):
        return [_filled(item, data) for item in parameters]
    if not isinstance(parameters, dict):
        return parameters
    return {
        key.removesuffix(".$"): (
            data.get(str(value).removeprefix("$."), value)
            if key.endswith(".$")
            else _filled(value, data)
        )
        for key, value in parameters.items()
    }


def outputs(template: Template) -> dict[str, Any]:
    """The stack's outputs by name."""
    return {
        name: output["Value"] for name, output in resolved(template["Outputs"], template).items()
    }
