"""Limits of local runs: the fields of requests whose values aren't all supported, as data.

The plan checks them before anything runs, and each job again, when all of its values are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local_runner.definition.expressions import call, item_name
from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.jobs.context import is_sandbox_path
from local_runner.jobs.records.filters import refused_filters
from local_runner.platform.bound_to_parent import OPT_ML

_LOCAL_PATHS = (
    ("ProcessingInputs[].S3Input.LocalPath", f"{OPT_ML}/processing"),
    ("ProcessingOutputConfig.Outputs[].S3Output.LocalPath", OPT_ML),
)
"""Fields and the folders that their values must be below; the service's rule for inputs."""


@dataclass(frozen=True)
class Limit:
    """A field and its supported values; None means that the field may be absent.

    path: the keys, with ``[]`` after those of lists. default: the service's value if it is absent.
    remedy: replaces the list of supported values in the message.
    """

    path: str
    supported: tuple[Json, ...] = (None,)
    default: Json = None
    remedy: str = ""

    def refusal(self, where: str, value: Json) -> str:
        """Return the message for an unsupported value."""
        known = " or ".join(repr(item) for item in self.supported if item is not None)
        remedy = self.remedy or (f"use {known}" if known else "leave it out")
        given = "" if isinstance(value, Mapping | list) else f" {value!r:.60}"
        return f"{where}{given} isn't supported by local runs; {remedy}"


_FILE = (None, "File", "FastFile")
_NO_COMPRESSION = (None, "None")
_ASSEMBLIES = (None, "None", "Line")
_PREFIX = (None, "S3Prefix")
_DISTRIBUTION = (None, "FullyReplicated", "ShardedByS3Key")

_CONTAINER = (
    ("Mode", (None, "SingleModel"), ""),
    ("ModelDataSource", (None,), "give an archive as ModelDataUrl"),
)

_TRAINING = (
    Limit("AlgorithmSpecification.AlgorithmName", remedy="use TrainingImage"),
    Limit("AlgorithmSpecification.TrainingInputMode", _FILE),
    Limit("ResourceConfig.InstanceGroups", remedy="use InstanceType and InstanceCount"),
    Limit("InputDataConfig[].InputMode", _FILE),
    Limit("InputDataConfig[].CompressionType", _NO_COMPRESSION),
    Limit("InputDataConfig[].RecordWrapperType", _NO_COMPRESSION),
    Limit("InputDataConfig[].ShuffleConfig"),
    Limit("InputDataConfig[].DataSource.FileSystemDataSource", remedy="use S3DataSource"),
    Limit("InputDataConfig[].DataSource.DatasetSource", remedy="use S3DataSource"),
    Limit("InputDataConfig[].DataSource.S3DataSource.S3DataType", _PREFIX),
    Limit("InputDataConfig[].DataSource.S3DataSource.S3DataDistributionType", _DISTRIBUTION),
)
_STRATEGIES = (None, "Random", "Grid", "Bayesian")

LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "Processing": (
        Limit("ProcessingInputs[].DatasetDefinition", remedy="use S3Input"),
        Limit("ProcessingInputs[].S3Input.S3InputMode", (None, "File")),
        Limit("ProcessingInputs[].S3Input.S3DataType", _PREFIX),
        Limit("ProcessingInputs[].S3Input.S3CompressionType", _NO_COMPRESSION),
        Limit("ProcessingInputs[].S3Input.S3DataDistributionType", _DISTRIBUTION),
        Limit("ProcessingOutputConfig.Outputs[].FeatureStoreOutput"),
        Limit("ProcessingOutputConfig.Outputs[].S3Output.S3UploadMode", (None, "EndOfJob")),
    ),
    "Training": _TRAINING,
    "Tuning": (
        Limit("Autotune"),
        Limit("WarmStartConfig"),
        Limit("TrainingJobDefinitions", remedy="use TrainingJobDefinition"),
        Limit("HyperParameterTuningJobConfig.Strategy", _STRATEGIES),
        Limit("HyperParameterTuningJobConfig.ParameterRanges.AutoParameters"),
        Limit(
            "TrainingJobDefinition.HyperParameterTuningResourceConfig.InstanceConfigs",
            remedy="use InstanceType and InstanceCount",
        ),
        *(replace(limit, path=f"TrainingJobDefinition.{limit.path}") for limit in _TRAINING),
    ),
    "Model": tuple(
        Limit(f"{container}.{key}", supported, remedy=remedy)
        for container in ("PrimaryContainer", "Containers[]")
        for key, supported, remedy in _CONTAINER
    ),
    "Transform": (
        Limit("TransformInput.CompressionType", (*_NO_COMPRESSION, "Gzip")),
        Limit("TransformInput.SplitType", _ASSEMBLIES),
        Limit("TransformInput.DataSource.S3DataSource.S3DataType", _PREFIX),
        Limit("TransformOutput.AssembleWith", _ASSEMBLIES),
    ),
}


def refused_fields(step_type: str, arguments: Json) -> Iterator[str]:
    """Yield a message for each field that has an unsupported value.

    Fields whose values are expressions are left out: their values aren't known.
    """
    containers = arguments.get("Containers")
    if isinstance(containers, list) and len(containers) > 1:
        yield f"Containers: local models have one container, got {len(containers)}"
    yield from refused_filters(arguments)
    for limit in LIMITS.get(step_type, ()):
        for where, value in _values(arguments, tuple(limit.path.split(".")), "", limit.default):
            if not call(value)[0] and value not in limit.supported:
                yield limit.refusal(where, value)
    for path, folder in _LOCAL_PATHS if step_type == "Processing" else ():
        for where, value in _values(arguments, tuple(path.split(".")), "", None):
            if value is None:
                yield f"{where} is missing"
            elif isinstance(value, str) and not (
                is_sandbox_path(value) and value.startswith(f"{folder}/")
            ):
                yield f"{where} {value!r:.60} must be a path below {folder}"


def input_mode_notes(request: Json) -> Iterator[str]:
    """Yield a note for each input mode of a training job that runs as File, with equal results."""
    for path in ("AlgorithmSpecification.TrainingInputMode", "InputDataConfig[].InputMode"):
        for where, value in _values(request, tuple(path.split(".")), "", None):
            if value == "FastFile":
                yield f"{where} FastFile runs as File"


def require_supported(step_type: str, arguments: Json) -> None:
    """Raise JobFailed for the first field that has an unsupported value."""
    for message in refused_fields(step_type, arguments):
        raise JobFailed(f"ClientError: {message}")


def _values(
    value: Any, keys: tuple[str, ...], where: str, default: Json
) -> Iterator[tuple[str, Json]]:
    """Yield (path, value) of a field wherever its parents exist; items of lists by their names."""
    if not isinstance(value, Mapping) or call(value)[0]:
        return
    key, *rest = keys
    name = key.removesuffix("[]")
    here = f"{where}.{name}" if where else name
    if not rest:
        yield here, value.get(name, default)
    elif name == key:
        yield from _values(value.get(name), tuple(rest), here, default)
    elif isinstance(items := value.get(name), list):
        for number, item in enumerate(items):
            label = repr(item_name(item) or number)
            yield from _values(item, tuple(rest), f"{here}[{label}]", default)
