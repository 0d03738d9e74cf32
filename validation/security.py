"""Security of a definition: network isolation, encryption, secrets, pinned images."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from local_runner.definition.expressions import strings
from local_runner.definition.model import Json, PipelineDefinition, Step
from local_runner.platform.images import image_name
from processing.names import Parameter
from validation.tuning import request_of, trains

_CLUSTERS = ("sagemaker-spark-processing",)
"""Images whose hosts communicate with each other."""

_KEY = Parameter.KMS_KEY_ARN
_OF_TRAINING = (("ResourceConfig", "VolumeKmsKeyId"), ("OutputDataConfig", "KmsKeyId"))
_ENCRYPTED = {
    "Processing": (
        ("ProcessingResources", "ClusterConfig", "VolumeKmsKeyId"),
        ("ProcessingOutputConfig", "KmsKeyId"),
    ),
    "Training": _OF_TRAINING,
    "Tuning": _OF_TRAINING,
    "Transform": (("TransformResources", "VolumeKmsKeyId"), ("TransformOutput", "KmsKeyId")),
}
"""By step type, the paths of the keys for volumes and outputs."""

_SECRET = re.compile(
    r"password|passwd|secret|token|credential|private_?key|api_?key", re.IGNORECASE
)
_KEY_ID = re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")
_FLOATING = re.compile(r":latest$|^[^:@]*$")


def problems(definition: PipelineDefinition, network_steps: Collection[str]) -> Iterator[str]:
    """Yield jobs with a network or without the key, secrets, unpinned images, wildcards.

    network_steps: the only steps that may have a network.
    """
    has_key = any(parameter.name == _KEY for parameter in definition.parameters)
    for parameter in definition.parameters:
        if _SECRET.search(parameter.name) or _KEY_ID.search(str(parameter.default)):
            yield f"parameter {parameter.name}: must not be a secret, because all users see it"
    for step in definition.all_steps():
        is_allowed = step.name in network_steps or _is_cluster(step)
        if _has_network(step) and not is_allowed:
            yield f"step {step.name}: must run in network isolation"
        if has_key:
            yield from _unencrypted(step)
        for key, value in strings(step.arguments):
            if key in ("ImageUri", "TrainingImage", "Image") and _FLOATING.search(value):
                yield f"step {step.name}: image {value!r} isn't pinned to a version"
            if value.startswith(("s3://", "arn:")) and "*" in value:
                yield f"step {step.name}: {value!r} contains a wildcard"
            if _KEY_ID.search(value):
                yield f"step {step.name}: {key} contains an access key"


def _unencrypted(step: Step) -> Iterator[str]:
    """Yield where a job doesn't use the definition's key."""
    for path in _ENCRYPTED.get(step.type, ()):
        value: Json = request_of(step)
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value != {"Get": f"Parameters.{_KEY}"}:
            yield f"step {step.name}: {'.'.join(path)} must be parameter {_KEY}"


def _has_network(step: Step) -> bool:
    if step.type == "Processing":
        return not step.arguments.get("NetworkConfig", {}).get("EnableNetworkIsolation")
    if step.type == "Model" or trains(step):
        return not request_of(step).get("EnableNetworkIsolation")
    return False


def _is_cluster(step: Step) -> bool:
    image = step.arguments.get("AppSpecification", {}).get("ImageUri")
    return isinstance(image, str) and image_name(image) in _CLUSTERS
