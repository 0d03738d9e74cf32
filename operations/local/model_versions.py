"""The model package group in the work folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local_runner.errors import LocalRunnerError
from local_runner.platform.model_registry import Package
from local_runner.workdir import Workdir
from operations.errors import CliError, UsageError
from operations.evaluation_report import EvaluationReport
from operations.execution_summary import ExecutionSummary, next_words
from operations.local.deployment_values import GROUP
from operations.local.errors import translated_errors
from operations.models import version as model_version
from operations.models.registry import Approval
from operations.models.version import PENDING, ModelVersion, evaluation_uri, newest_usable
from operations.program import local_command
from processing import names


@dataclass(frozen=True)
class LocalModelVersion(ModelVersion):
    """A version. package, model: S3 URIs of the archives that take text and rows of features.

    vocabulary: S3 URI of its folder. evaluation: S3 URI of its evaluation report; None without one.
    """

    package: str
    model: str
    vocabulary: str
    evaluation: str | None


@dataclass(frozen=True)
class Choice:
    """A version to score with, why it was chosen, and what the user should know about it."""

    version: LocalModelVersion
    reason: str
    warning: str = ""

    def __str__(self) -> str:
        return f"model {self.version}, {self.reason}"

    @property
    def details(self) -> dict[str, str]:
        """The version as JSON."""
        return {"approval": self.version.approval, "model_package_arn": self.version.arn}


@dataclass(frozen=True)
class LocalModelRegistry:
    """The model package group in a work folder: a `ModelRegistry`.

    path: of the work folder, as the user gave it.
    """

    path: Path

    @property
    def workdir(self) -> Workdir:
        """The work folder."""
        return Workdir(self.path.resolve())

    @property
    def group(self) -> str:
        """The path of the work folder."""
        return str(self.workdir.root)

    def versions(self) -> list[LocalModelVersion]:
        """Return all versions, newest first."""
        with translated_errors(self.workdir.root):
            packages = self.workdir.registry.versions(GROUP)
        return [_version(package) for package in reversed(packages)]

    def choose(self, wanted: str | None) -> Choice:
        """Return the version to score with.

        wanted: a number, an ARN, or the execution that registered it; None for the default. Raise
        UsageError if there is no such version, CliError if there is none to use.
        """
        if wanted is not None:
            if model_version.is_execution(wanted):
                wanted = self.registered_by(wanted)
            version = model_version.version_named(self.versions(), wanted, self.group)
            return Choice(version, "chosen with --model")
        versions = self.versions()
        usable = newest_usable(versions)
        if usable is None and versions:
            raise CliError(
                f"every model version in {self.group} is rejected; choose one with --model"
            )
        if usable is None:
            raise CliError(model_version.missing("model version", versions, self.group))
        if usable.is_approved:
            return Choice(usable, "the newest approved version")
        return Choice(
            usable,
            "the newest version that isn't rejected",
            f"no version is approved; using the newest, {usable}. Approve it with "
            f"{self.command('approve', str(usable.number))}, or choose one of "
            f"{self.command('versions')} with --model",
        )

    def is_pending(self, arn: str) -> bool:
        """Return whether the version waits for approval; False if versions can't be read."""
        try:
            version = model_version.version_named(self.versions(), arn, self.group)
        except CliError:
            return False
        return version.approval == PENDING

    def registered_by(self, execution: str) -> str:
        """Return the ARN of the version that an execution registered. Raise UsageError."""
        from operations.local.results import load_execution, summarize  # slow to import

        summary = summarize(load_execution(self.workdir, execution), self.workdir)
        if summary.model_package_arn is None:
            reason = summary.failure_reason or f"its status is {summary.status}"
            raise UsageError(
                f"execution {summary.execution_id} registered no model version: {reason}"
            )
        return summary.model_package_arn

    def description(self, version: ModelVersion) -> Package:
        """Return the version as DescribeModelPackage does."""
        try:
            package = self.workdir.registry.describe(version.arn)
        except LocalRunnerError as error:
            raise CliError(str(error)) from None
        if package is None:
            raise CliError(f"{version.arn} has just been deleted")
        return package

    def evaluations(self, versions: Sequence[ModelVersion]) -> Iterator[EvaluationReport | None]:
        """Yield the evaluation report of each version, None for one that can't be read."""
        for version in versions:
            try:
                yield self.required_evaluation(version)
            except CliError:
                yield None

    def required_evaluation(self, version: ModelVersion) -> EvaluationReport | None:
        """Return the evaluation report; None if there never was one. Raise CliError."""
        uri = version.evaluation if isinstance(version, LocalModelVersion) else None
        if uri is None:
            return None
        try:
            path = self.workdir.store.path(uri)
            return EvaluationReport.parse(str(path), path.read_bytes())
        except LocalRunnerError as error:
            raise CliError(f"{version.arn}: {error}") from None
        except OSError as error:
            raise CliError(f"{error.filename}: {error.strerror}") from None

    def set_approval(self, version: ModelVersion, approval: Approval, comment: str | None) -> None:
        """Set the approval status; a comment becomes the version's ApprovalDescription."""
        changes: dict[str, str] = {"ModelApprovalStatus": approval}
        if comment is not None:
            changes["ApprovalDescription"] = comment
        with translated_errors(self.workdir.root):
            self.workdir.registry.update(GROUP, version.number, changes)

    def used_for_scoring(self, versions: Iterable[ModelVersion]) -> ModelVersion | None:
        """Return the newest approved version, else the newest that isn't rejected."""
        return newest_usable(versions)

    def next_command(self, summary: ExecutionSummary) -> str:
        """Return the command that usually comes next after an execution; empty without one."""
        words = next_words(summary, self.is_pending)
        return self.command(*words) if words else ""

    def command(self, *words: str) -> str:
        """Return a command for the user to run next."""
        return local_command(self.path, *words)


def _version(package: Package) -> LocalModelVersion:
    try:
        [container] = package["InferenceSpecification"]["Containers"]
        metadata = package["CustomerMetadataProperties"]
        return LocalModelVersion(
            number=package["ModelPackageVersion"],
            arn=package["ModelPackageArn"],
            approval=package["ModelApprovalStatus"],
            registered=datetime.fromtimestamp(package["CreationTime"], UTC),
            package=container["ModelDataUrl"],
            model=metadata[names.MODEL],
            vocabulary=metadata[names.VOCABULARY],
            evaluation=evaluation_uri(package),
        )
    except (ValueError, KeyError, TypeError) as error:
        arn = package["ModelPackageArn"]
        raise CliError(
            f"{arn}: not a model version of this pipeline ({error!r}); delete it from the model "
            "registry"
        ) from None
