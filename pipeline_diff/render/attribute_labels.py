"""Readable labels for the paths of step attributes."""

from __future__ import annotations

import re

_LABELS = (
    (r"Type", "type"),
    (r"DisplayName", "display name"),
    (r"Description", "description"),
    (r"CacheConfig\.Enabled", "cache"),
    (r"CacheConfig\.ExpireAfter", "cache expires after"),
    (r"RetryPolicies\[([^\]]*)\].*", "retries on {}"),
    (r"PropertyFiles\[([^\]]*)\]", "property file {}"),
    (r"Arguments\.(?:.*\.)?(?:ImageUri|TrainingImage|Image)", "image"),
    (r"Arguments\.(?:TrainingJobDefinition\.Static)?HyperParameters\.(.+)", "hyperparameter {}"),
    (r"Arguments\.(?:.*\.)?Environment\.(.+)", "environment variable {}"),
    (r"Arguments\.(?:\w+\.)*InstanceType", "instance type"),
    (r"Arguments\.(?:\w+\.)*InstanceCount", "instance count"),
    (r"Arguments\.(?:\w+\.)*VolumeSizeInGB", "volume size in GB"),
    (r"Arguments\.AppSpecification\.ContainerArguments", "arguments"),
    (r"Arguments\.AppSpecification\.ContainerEntrypoint", "command"),
    (r"Arguments\.ProcessingInputs\[([^\]]*)\]\.(?:S3Input\.)?(.+)", "input {} {}"),
    (
        r"Arguments\.ProcessingOutputConfig\.Outputs\[([^\]]*)\]\.(?:S3Output\.)?(.+)",
        "output {} {}",
    ),
    (
        r"Arguments\.(?:TrainingJobDefinition\.)?InputDataConfig\[([^\]]*)\]\.(?:DataSource\.)?(?:S3DataSource\.)?(.+)",
        "channel {} {}",
    ),
    (r"Arguments\.(?:\w+\.)*EnableNetworkIsolation", "network isolation"),
    (
        r"Arguments\.(?:\w+\.)*EnableInterContainerTrafficEncryption",
        "inter-container traffic encryption",
    ),
    (r"Arguments\.(?:\w+\.)*VpcConfig\.Subnets", "VPC subnets"),
    (r"Arguments\.(?:\w+\.)*VpcConfig\.SecurityGroupIds", "VPC security groups"),
    (r"Arguments\.(?:(.*)\.)?\w*KmsKey(?:Id)?", "encryption key of {}"),
    (r"Arguments\.(?:\w+\.)?StoppingCondition\.MaxRuntimeInSeconds", "maximum runtime in seconds"),
    (
        r"Arguments\.(?:\w+\.)?StoppingCondition\.MaxWaitTimeInSeconds",
        "maximum wait time in seconds",
    ),
    (r"Arguments\.(?:\w+\.)?EnableManagedSpotTraining", "managed spot training"),
    (r"Arguments\.(?:\w+\.)?(?:Execution)?RoleArn", "role"),
    (r"Arguments\.ErrorMessage", "error message"),
    (r"Arguments\.Conditions.*", "condition"),
    (r"Arguments\.(.+)", "{}"),
)
_PATTERNS = tuple((re.compile(pattern), words) for pattern, words in _LABELS)


def attribute_label(path: str) -> tuple[str, tuple[str, ...]]:
    """Return the label for a path, with ``{}`` for each of the names that follow it.

    ``Arguments.HyperParameters.eta`` is ("hyperparameter {}", ("eta",)).
    """
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(path):
            return words, tuple(name or "" for name in found.groups())
    return "{}", (path,)
