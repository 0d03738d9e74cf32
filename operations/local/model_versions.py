"""Model versions in the local model registry."""

from __future__ import annotations

from dataclasses import dataclass

from local_runner.errors import LocalRunnerError
from local_runner.platform.model_registry import Package
from local_runner.workdir import Workdir
from operations import model_version
from operations.errors import CliError, UsageError
from operations.local.deployment_values import GROUP
from operations.local.results import load_execution, summarize
from operations.model_version import ModelVersion
from processing import names


@dataclass(frozen=True)
class LocalModelVersion(ModelVersion):
    """A version. model, vocabulary: S3 URIs of the model archive and the vocabulary's folder."""

    model: str
    vocabulary: str


def versions(workdir: Workdir) -> list[LocalModelVersion]:
    """Return all versions, newest first."""
    try:
        packages = workdir.registry.versions(GROUP)
    except LocalRunnerError as error:
        raise CliError(str(error)) from None
    return [_version(package) for package in reversed(packages)]


def find_version(workdir: Workdir, wanted: str | None) -> tuple[LocalModelVersion, str]:
    """Return a version and why it was chosen.

    wanted: a number, an ARN, or the execution that registered the version; None for the newest
    usable one. Raise UsageError, listing the versions.
    """
    group = str(workdir.root)
    if wanted is None:
        return model_version.newest_usable(versions(workdir), group)
    if model_version.is_execution(wanted):
        wanted = _registered_by(workdir, wanted)
    return model_version.version_named(versions(workdir), wanted, group), "chosen with --model"


def _registered_by(workdir: Workdir, execution_id: str) -> str:
    """Return the ARN of the version that an execution registered."""
    summary = summarize(load_execution(workdir, execution_id), workdir)
    if summary.model_package_arn is None:
        reason = summary.failure_reason or f"its status is {summary.status}"
        raise UsageError(f"execution {execution_id} registered no model version: {reason}")
    return summary.model_package_arn


def _version(package: Package) -> LocalModelVersion:
    try:
        [container] = package["InferenceSpecification"]["Containers"]
        return LocalModelVersion(
            number=package["ModelPackageVersion"],
            arn=package["ModelPackageArn"],
            approval=package["ModelApprovalStatus"],
            model=container["ModelDataUrl"],
            vocabulary=package["CustomerMetadataProperties"][names.VOCABULARY],
        )
    except (ValueError, KeyError, TypeError) as error:
        arn = package["ModelPackageArn"]
        raise CliError(
            f"{arn}: not a model version of this pipeline ({error!r}); delete it from the model "
            "registry"
        ) from None
