"""Versions in the local model registry, by what somebody calls them."""

from __future__ import annotations

from dataclasses import dataclass

from local_runner.errors import LocalRunnerError
from local_runner.execution.record import SUCCEEDED
from local_runner.platform.model_registry import Package
from local_runner.workdir import Workdir
from operations.errors import CliError, UsageError
from operations.local.deployment_values import GROUP
from operations.local.summary import failure

_APPROVED, _REJECTED = "Approved", "Rejected"
_REGISTER = "RegisterModel"


@dataclass(frozen=True)
class Version:
    """A version of the local model package group.

    approval: its ModelApprovalStatus. model, vocabulary, evaluation: the S3 URIs of the model
    archive, of the vocabulary's folder, and of the evaluation report.
    """

    number: int
    arn: str
    approval: str
    model: str
    vocabulary: str
    evaluation: str

    def __str__(self) -> str:
        return f"version {self.number} ({self.approval})"


def versions(workdir: Workdir) -> list[Version]:
    """All versions, newest first."""
    try:
        packages = workdir.registry.versions(GROUP)
    except LocalRunnerError as error:
        raise CliError(str(error)) from None
    return [_read(package) for package in reversed(packages)]


def find(workdir: Workdir, wanted: str | None) -> tuple[Version, str]:
    """(version, why it is this one).

    wanted: a version's number or ARN, or the id of the execution that has registered it; None for
    the newest approved one, or else the newest that wasn't rejected. Raises UsageError, saying
    what there is.
    """
    known = versions(workdir)
    if not known and not _is_execution(wanted):
        raise UsageError(f"there is no model in {workdir.root} yet; `sentiment run` trains one")
    if wanted is None:
        return _newest(known)
    arn = _registered_by(workdir, wanted) if _is_execution(wanted) else wanted
    for version in known:
        if arn in (str(version.number), version.arn):
            return version, "as asked for"
    there = ", ".join(f"{version.number} ({version.approval})" for version in known) or "none"
    raise UsageError(f"there is no version {wanted} in {workdir.root}; there are: {there}")


def _newest(known: list[Version]) -> tuple[Version, str]:
    for version in known:
        if version.approval == _APPROVED:
            return version, "the newest approved one"
    for version in known:
        if version.approval != _REJECTED:
            return version, "the newest; none is approved"
    raise UsageError("every version was rejected; choose one with --model, by its number")


def _is_execution(wanted: str | None) -> bool:
    return wanted is not None and wanted.startswith("local-")


def _registered_by(workdir: Workdir, execution_id: str) -> str:
    """The ARN of the version that an execution has registered."""
    execution = workdir.executions.load(execution_id)
    if execution is None:
        raise UsageError(f"there is no execution {execution_id} in {workdir.root}")
    step = execution.steps.get(_REGISTER)
    if step and step.status == SUCCEEDED:
        return str(step.properties["ModelPackageArn"])
    why = failure(execution) or f"it is {execution.status}"
    raise UsageError(f"execution {execution_id} has registered no version: {why}")


def _read(package: Package) -> Version:
    try:
        [container] = package["InferenceSpecification"]["Containers"]
        return Version(
            number=package["ModelPackageVersion"],
            arn=package["ModelPackageArn"],
            approval=package["ModelApprovalStatus"],
            model=container["ModelDataUrl"],
            vocabulary=package["CustomerMetadataProperties"]["vocabulary"],
            evaluation=package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"],
        )
    except (ValueError, KeyError, TypeError) as error:
        arn = package["ModelPackageArn"]
        raise CliError(f"{arn} isn't a version of this pipeline ({error!r}); remove it") from None
