"""Paths of a step's facts in a reviewer's words."""

from __future__ import annotations

import re

_WORDS = (
    (r"Type", "type"),
    (r"DisplayName", "display name"),
    (r"Description", "description"),
    (r"CacheConfig\.Enabled", "cache"),
    (r"CacheConfig\.ExpireAfter", "cache holds for"),
    (r"RetryPolicies\[([^\]]*)\].*", "tried again on {}"),
    (r"PropertyFiles\[([^\]]*)\]", "property file {}"),
    (r"Arguments\.(?:.*\.)?(?:ImageUri|TrainingImage|Image)", "image"),
    (r"Arguments\.HyperParameters\.(.+)", "hyperparameter {}"),
    (r"Arguments\.(?:.*\.)?Environment\.(.+)", "environment variable {}"),
    (r"Arguments\.(?:\w+\.)*InstanceType", "instance type"),
    (r"Arguments\.(?:\w+\.)*InstanceCount", "instances"),
    (r"Arguments\.(?:\w+\.)*VolumeSizeInGB", "volume in GB"),
    (r"Arguments\.AppSpecification\.ContainerArguments", "arguments"),
    (r"Arguments\.AppSpecification\.ContainerEntrypoint", "command"),
    (r"Arguments\.ProcessingInputs\[([^\]]*)\]\.(?:S3Input\.)?(.+)", "input {} {}"),
    (
        r"Arguments\.ProcessingOutputConfig\.Outputs\[([^\]]*)\]\.(?:S3Output\.)?(.+)",
        "output {} {}",
    ),
    (
        r"Arguments\.InputDataConfig\[([^\]]*)\]\.(?:DataSource\.)?(?:S3DataSource\.)?(.+)",
        "channel {} {}",
    ),
    (r"Arguments\.(?:\w+\.)*EnableNetworkIsolation", "network isolation"),
    (r"Arguments\.(?:\w+\.)*EnableInterContainerTrafficEncryption", "encryption between hosts"),
    (r"Arguments\.(?:\w+\.)*VpcConfig\.Subnets", "subnets of a VPC"),
    (r"Arguments\.(?:\w+\.)*VpcConfig\.SecurityGroupIds", "security groups of a VPC"),
    (r"Arguments\.(?:(.*)\.)?\w*KmsKey(?:Id)?", "encryption key of {}"),
    (r"Arguments\.StoppingCondition\.MaxRuntimeInSeconds", "runtime limit in seconds"),
    (r"Arguments\.StoppingCondition\.MaxWaitTimeInSeconds", "limit with waiting in seconds"),
    (r"Arguments\.EnableManagedSpotTraining", "spot capacity"),
    (r"Arguments\.(?:Execution)?RoleArn", "role"),
    (r"Arguments\.ErrorMessage", "error message"),
    (r"Arguments\.Conditions.*", "condition"),
    (r"Arguments\.(.+)", "{}"),
)
_PATTERNS = tuple((re.compile(pattern), words) for pattern, words in _WORDS)


def label(path: str) -> tuple[str, tuple[str, ...]]:
    """The words for a path, with ``{}`` for each of the names that follow.

    ``Arguments.HyperParameters.eta`` is ("hyperparameter {}", ("eta",)).
    """
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(path):
            return words, tuple(name or "" for name in found.groups())
    return "{}", (path,)
