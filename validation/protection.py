"""What a security review asks of a definition, and no off-the-shelf rule looks at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from local_runner.definition.model import Json, PipelineDefinition, Step
from local_runner.platform.images import image_name

_MAY_REACH_OUT = ("Champion", "Download", "FindModel")
"""The jobs whose purpose is to ask or to fetch something."""
_CLUSTERS = ("sagemaker-spark-processing",)
"""The images whose hosts speak to each other."""

_KEY = "KmsKeyArn"
_ENCRYPTED = {
    "Processing": (
        ("ProcessingResources", "ClusterConfig", "VolumeKmsKeyId"),
        ("ProcessingOutputConfig", "KmsKeyId"),
    ),
    "Training": (("ResourceConfig", "VolumeKmsKeyId"), ("OutputDataConfig", "KmsKeyId")),
    "Transform": (("TransformResources", "VolumeKmsKeyId"), ("TransformOutput", "KmsKeyId")),
}
"""Where a job of each type names its keys: of its volumes, of its outputs."""

_SECRET = re.compile(
    r"password|passwd|secret|token|credential|private_?key|api_?key", re.IGNORECASE
)
_KEY_ID = re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")
_FLOATING = re.compile(r":latest$|^[^:@]*$")


def problems(definition: PipelineDefinition) -> Iterator[str]:
    """Jobs with a network or without the key, secrets, images that float, paths with wildcards."""
    has_key = any(parameter.name == _KEY for parameter in definition.parameters)
    for parameter in definition.parameters:
        if _SECRET.search(parameter.name) or _KEY_ID.search(str(parameter.default)):
            yield f"parameter {parameter.name}: everybody sees parameters; keep secrets out"
    for step in definition.all_steps():
        if _has_network(step) and step.name not in _MAY_REACH_OUT and not _is_cluster(step):
            yield f"step {step.name}: must run in network isolation"
        if has_key:
            yield from _unencrypted(step)
        for key, value in _texts(step.arguments):
            if key in ("ImageUri", "TrainingImage", "Image") and _FLOATING.search(value):
                yield f"step {step.name}: image {value!r} isn't pinned to a version"
            if value.startswith(("s3://", "arn:")) and "*" in value:
                yield f"step {step.name}: {value!r} holds a wildcard"
            if _KEY_ID.search(value):
                yield f"step {step.name}: {key} holds an access key"


def _unencrypted(step: Step) -> Iterator[str]:
    """Where a job of a definition that has a key doesn't use it."""
    for path in _ENCRYPTED.get(step.type, ()):
        value: Json = step.arguments
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value != {"Get": f"Parameters.{_KEY}"}:
            yield f"step {step.name}: {'.'.join(path)} must be parameter {_KEY}"


def _has_network(step: Step) -> bool:
    if step.type == "Processing":
        return not step.arguments.get("NetworkConfig", {}).get("EnableNetworkIsolation")
    if step.type in ("Training", "Model"):
        return not step.arguments.get("EnableNetworkIsolation")
    return False


def _is_cluster(step: Step) -> bool:
    image = step.arguments.get("AppSpecification", {}).get("ImageUri")
    return isinstance(image, str) and image_name(image) in _CLUSTERS


def _texts(value: Json, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text with the key that it stands behind; functions are looked through."""
    if isinstance(value, Mapping):
        items: Mapping[str, Any] = value
        for name, item in items.items():
            yield from _texts(item, key if name.startswith("Std:") or name == "Values" else name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)
    elif isinstance(value, str):
        yield key, value
