"""Definitions and templates for tests of `sentiment diff`, and edits of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from local_runner.definition.parsing import parse
from operations.errors import CliError
from pipeline_diff.compare import Comparison, compare
from pipeline_diff.diff import Diff, diff
from pipeline_diff.errors import SourceError
from pipeline_diff.pipeline import Pipeline
from pipeline_diff.render.markdown import markdown
from pipeline_diff.template import Template
from tests.support.clean_room import DEFINITION

Document = dict[str, Any]
Edit = Callable[[Document], object]

ROLE = {"Fn::GetAtt": ["ExecutionRoleCDF74862", "Arn"]}
BUCKET = {"Ref": "StorageBucket5CB7C8EA"}


def committed() -> Document:
    """The committed definition; a copy that the test may change."""
    document: Document = json.loads(DEFINITION.read_text(encoding="utf-8"))
    return document


def edited(*edits: Edit) -> Document:
    """The committed definition after some edits."""
    document = committed()
    for edit in edits:
        edit(document)
    return document


def step(document: Document, name: str) -> Any:
    """A step by its name, inside the gate, too."""
    steps = list(document["Steps"])
    for outer in document["Steps"]:
        for branch in ("IfSteps", "ElseSteps"):
            steps += outer["Arguments"].get(branch, [])
    return next(found for found in steps if found["Name"] == name)


def parameter(document: Document, name: str) -> Any:
    """A parameter by its name."""
    return next(found for found in document["Parameters"] if found["Name"] == name)


def default(name: str, value: Any) -> Edit:
    """The edit that gives a parameter another default."""
    return lambda document: parameter(document, name).update(DefaultValue=value)


def renamed(old: str, new: str) -> Edit:
    """The edit that renames a step and all references to it."""

    def edit(document: Document) -> None:
        text = json.dumps(document).replace(f"Steps.{old}.", f"Steps.{new}.")
        document.update(json.loads(text))
        step(document, old)["Name"] = new

    return edit


def pipeline(document: Document) -> Pipeline:
    """A definition as a side."""
    return Pipeline(None, parse(json.dumps(document)))


def compared(old: Document, new: Document) -> Comparison:
    """Two definitions compared."""
    return compare(pipeline(old), pipeline(new))


def markdown_between(old: Document, new: Document) -> str:
    """The Markdown for two definitions."""
    return markdown(Diff("old", "new", (compared(old, new),)))


def markdown_of(*edits: Edit) -> str:
    """The Markdown for edits of the committed definition."""
    return markdown_between(committed(), edited(*edits))


def template(
    definition: Document | None = None,
    statements: Sequence[Mapping[str, Any]] = (),
    role: Mapping[str, Any] | None = None,
    **resources: Any,
) -> Document:
    """A template as the CDK writes it: the definition in pieces, a role with its policy."""
    document = copy.deepcopy(definition if definition is not None else committed())
    for name, value in (("ArtifactsUri", "@bucket@"), ("ExecutionRoleArn", "@role@")):
        if any(found["Name"] == name for found in document["Parameters"]):
            parameter(document, name)["DefaultValue"] = value
    head, _, rest = json.dumps(document).partition("@bucket@")
    middle, _, tail = rest.partition("@role@")
    body = {"Fn::Join": ["", [head, BUCKET, middle, ROLE, tail]]}
    return {
        "Resources": {
            "StorageBucket5CB7C8EA": {"Type": "AWS::S3::Bucket"},
            "ExecutionRoleCDF74862": {"Type": "AWS::IAM::Role", "Properties": dict(role or {})},
            "ExecutionRolePolicy79A7F477": {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "PolicyDocument": {"Statement": list(statements), "Version": "2012-10-17"},
                    "Roles": [{"Ref": "ExecutionRoleCDF74862"}],
                },
            },
            "PipelineD808E361": {
                "Type": "AWS::SageMaker::Pipeline",
                "Properties": {"PipelineDefinition": {"PipelineDefinitionBody": body}},
            },
            **resources,
        }
    }


def allow(*actions: str, resource: Any = BUCKET, **more: Any) -> dict[str, Any]:
    """A statement that allows actions on a resource."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def stack(document: Document, name: str = "sentiment-dev") -> Pipeline:
    """A template as a side."""
    found = Template.of(document)
    return Pipeline(
        name, parse(found.definitions()[False]), found.grants(), endpoint=found.endpoint()
    )


def markdown_of_stacks(old: Document, new: Document) -> str:
    """The Markdown for two templates of one stack."""
    return markdown(Diff("old", "new", (compare(stack(old), stack(new)),)))


def section(text: str, title: str) -> str:
    """The Markdown below a heading; empty without that heading."""
    _, found, rest = text.partition(f"### {title}\n")
    return rest.partition("\n### ")[0] if found else ""


def nothing_deployed(environment: str) -> tuple[str, Any]:
    """An AWS account without environments."""
    raise CliError(f"{environment} isn't deployed")


def diffed(old: object, new: object) -> Diff:
    """The diff of two sides, by their names on the command line."""
    return diff(str(old), str(new), nothing_deployed)


def refused(old: object, new: object) -> str:
    """The error of two sides that can't be compared."""
    with pytest.raises(SourceError) as caught:
        diffed(old, new)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def written(path: Path, document: Any) -> Path:
    """A file with a document, or with text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path
