"""CloudFormation templates: pipeline definitions and policies, with functions replaced by text.

Values that are only known at deployment become placeholders: ``<StorageBucket>``,
``<AccountId>``, ``<ExecutionRole.Arn>``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from local_runner.definition.model import Json
from pipeline_diff.endpoint.capacity import EndpointCapacity, capacity
from pipeline_diff.iam_permissions import Grant, grants
from pipeline_diff.values import canonical

PIPELINE = "AWS::SageMaker::Pipeline"

_SCORING_SUFFIX = "-score"
"""Suffix of the scoring pipeline's name."""

_HASH = re.compile(r"[0-9A-F]{8}$")
_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


class UnreadableTemplate(Exception):
    """The template has no readable definition; the message says why."""


@dataclass(frozen=True)
class Template:
    """A template. names: placeholder names of its resources, logical IDs without their hash."""

    resources: Mapping[str, Json]
    names: Mapping[str, str]

    @classmethod
    def of(cls, document: Mapping[str, Json]) -> Template:
        """Build the template of a document that has Resources."""
        resources = {
            name: item for name, item in document["Resources"].items() if isinstance(item, Mapping)
        }
        short = {name: _HASH.sub("", name) or name for name in resources}
        count = Counter(short.values())
        names = {name: name if count[short[name]] > 1 else short[name] for name in resources}
        return cls(resources, names)

    @property
    def has_pipeline(self) -> bool:
        """Whether a pipeline is one of the resources."""
        return bool(self._pipelines())

    def definitions(self) -> dict[bool, str]:
        """Return the definitions as text, by whether the pipeline is the scoring pipeline.

        The pipeline's name decides. Raises UnreadableTemplate.
        """
        found: dict[bool, str] = {}
        for pipeline in self._pipelines():
            properties = pipeline.get("Properties", {})
            is_scoring = str(self.readable(properties.get("PipelineName", ""))).endswith(
                _SCORING_SUFFIX
            )
            if is_scoring in found:
                which = f" named *{_SCORING_SUFFIX}" if is_scoring else ""
                raise UnreadableTemplate(f"has several SageMaker pipelines{which}")
            found[is_scoring] = self._definition(properties)
        if not found:
            raise UnreadableTemplate("has no SageMaker pipeline")
        return found

    def _definition(self, properties: Json) -> str:
        match properties:
            case {"PipelineDefinition": {"PipelineDefinitionBody": body}}:
                return self._body(body)
        raise UnreadableTemplate("has a pipeline without a definition in the template")

    def grants(self) -> frozenset[Grant]:
        """Return the permissions in its policies."""
        return grants(
            {f"<{self.names[name]}>": self.readable(item) for name, item in self.resources.items()}
        )

    def endpoint(self) -> EndpointCapacity | None:
        """Return the capacity of the endpoint that one of its state machines deploys to, if any."""
        for resource in self.resources.values():
            match resource:
                case {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}:
                    if found := capacity(self._body(properties.get("DefinitionString"))):
                        return found
        return None

    def _pipelines(self) -> list[Mapping[str, Json]]:
        return [
            resource for resource in self.resources.values() if resource.get("Type") == PIPELINE
        ]

    def _body(self, body: Json) -> str:
        """Return the JSON inside the template; placeholders are inside its strings."""
        match body:
            case {"Fn::Join": [str(separator), [*parts]]}:
                return separator.join(
                    part if isinstance(part, str) else json.dumps(self.readable(part))[1:-1]
                    for part in parts
                )
        return str(self.readable(body))

    def readable(self, value: Json) -> Json:
        """Return ``value`` with every CloudFormation function replaced by text."""
        if isinstance(value, list):
            return [self.readable(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            [(function, operand)] = value.items()
            if function == "Ref":
                return self._reference(str(operand))
            if function.startswith("Fn::"):
                return self._called(function.removeprefix("Fn::"), operand)
        return {key: self.readable(item) for key, item in value.items()}

    def _called(self, function: str, operand: Json) -> str:
        match function, operand:
            case "GetAtt", [*parts]:
                return self._reference(".".join(map(str, parts)))
            case "GetAtt", str():
                return self._reference(operand)
            case "Join", [str(separator), [*parts]]:
                return separator.join(str(self.readable(part)) for part in parts)
            case "Sub", str():
                return self._substituted(operand, {})
            case "Sub", [str(text), dict(given)]:
                return self._substituted(text, given)
        inner = self.readable(operand)
        return f"<{function} {inner if isinstance(inner, str) else canonical(inner)}>"

    def _substituted(self, text: str, given: Mapping[str, Json]) -> str:
        def value(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            return str(self.readable(given[name])) if name in given else self._reference(name)

        return _VARIABLE.sub(value, text)

    def _reference(self, name: str) -> str:
        resource, dot, attribute = name.removeprefix("AWS::").partition(".")
        return f"<{self.names.get(resource, resource)}{dot}{attribute}>"
