"""Settings of an environment: typed, validated, read from cdk.json and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from infra.endpoint.settings import EndpointSettings
from infra.guardrails.dataset_settings import (
    DatasetPrefix,
    KeyArn,
    validate_dataset_access,
    validate_score_dataset,
)
from infra.guardrails.tags import ENVIRONMENT, Tags, all_tags
from infra.observability.settings import ObservabilitySettings
from infra.observability.sharing import validate_sharing
from infra.settings_errors import SettingsError, parse
from infra.trigger.settings import TriggerSettings
from pipeline_steps.regions import (
    PARTITIONS,
    WITHOUT_MODEL_REGISTRY,
    partition,
)
from pipeline_steps.settings import (
    MAX_DAYS,
    PipelineSettings,
    Region,
    text,
    validate_place,
)

Name = Annotated[
    str,
    text("[a-z][a-z0-9]{0,15}", "up to 16 lowercase letters and digits, starting with a letter"),
]
Account = Annotated[str, text("[0-9]{12}", "an AWS account ID, a string of 12 digits")]
PolicyArn = Annotated[
    str,
    text(
        "arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]+",
        "the ARN of a managed policy",
    ),
]


class Settings(EndpointSettings, ObservabilitySettings, TriggerSettings):
    """One environment: its name and everything that may differ between environments."""

    name: Name
    region: Region = Field(
        description="the AWS region of the deployment; in GovCloud only us-gov-west-1; not in China"
    )
    account: Account | None = Field(
        default=None, description="the AWS account; by default, that of the credentials"
    )
    keep_data: bool = Field(
        default=True,
        description="keep the buckets, the key and the model package group when the stack is "
        "deleted; with false, they are emptied and deleted",
    )
    run_days: int = Field(
        default=90,
        ge=1,
        le=MAX_DAYS,
        description="days for which the outputs of executions are kept; must exceed cache_days",
    )
    access_log_days: int | None = Field(
        default=None,
        ge=1,
        le=MAX_DAYS,
        description="create a second bucket for the bucket's S3 access logs, which are kept for "
        "these days",
    )
    permission_boundary: PolicyArn | None = Field(
        default=None,
        description="the permissions boundary of every role in the stack; a policy of AWS or of "
        "the environment's account",
    )
    # cdk.json writes an object; pairs keep the settings hashable.
    tags: Tags = Field(
        default=(),
        description="tags of every resource of the stack, and of every job and model that the "
        "pipelines create, in addition to `project` and `environment`, which they may replace; "
        "model versions have the tags of their group (docs/cost.md)",
    )
    asset_key: KeyArn | None = Field(
        default=None,
        description="the KMS key of the CDK's asset bucket, if it was bootstrapped with "
        "--bootstrap-kms-key-id; jobs may decrypt their code with it",
    )
    # As many as fit into the role's policy, which IAM limits to 10,240 characters.
    dataset_prefixes: tuple[DatasetPrefix, ...] = Field(
        default=(),
        strict=False,
        min_length=1,
        max_length=10,
        description="prefixes in other buckets, also of other accounts, below which jobs may read "
        "datasets, in addition to dataset_uri (docs/security.md)",
    )
    dataset_keys: tuple[KeyArn, ...] = Field(
        default=(),
        strict=False,
        min_length=1,
        max_length=5,
        description="KMS keys, also of other accounts, with which dataset_uri or dataset_prefixes "
        "are encrypted; jobs may decrypt those objects with them",
    )
    model_readers: tuple[Account, ...] = Field(
        default=(),
        strict=False,
        min_length=1,
        max_length=10,
        description="other accounts that may read the model versions and their artifacts, to "
        "promote them (docs/delivery.md)",
    )

    @property
    def removal_policy(self) -> str:
        """The name of the CDK's removal policy for data.

        With keep_data, only what a failed first deployment created is deleted, or its name would
        block the next one.
        """
        return "RETAIN_ON_UPDATE_OR_DELETE" if self.keep_data else "DESTROY"

    @property
    def resource_name(self) -> str:
        """The name of the stack, of the training pipeline and of the model package group."""
        return f"sentiment-{self.name}"

    @property
    def scoring_name(self) -> str:
        """The name of the scoring pipeline."""
        return f"{self.resource_name}-score"

    @property
    def resource_tags(self) -> dict[str, str]:
        """The tags of everything in the environment, with the defaults."""
        return all_tags(self.name, dict(self.tags))

    @property
    def environment_tag(self) -> tuple[str, str]:
        """Key and value of the tag for the environment, as the setting may have spelled it."""
        tags = self.resource_tags.items()
        return next((key, value) for key, value in tags if key.lower() == ENVIRONMENT)

    @property
    def pipeline(self) -> PipelineSettings:
        """The settings that the definitions depend on, and no others."""
        given = self.model_dump(include=set(PIPELINE_SETTINGS), exclude_unset=True)
        return PipelineSettings.model_validate(given)

    @model_validator(mode="after")
    def _validate_expiry(self) -> Settings:
        if self.run_days <= self.cache_days:
            raise ValueError(
                f"run_days ({self.run_days}) must exceed cache_days ({self.cache_days}), or a "
                "cached step would refer to expired outputs"
            )
        return self

    @model_validator(mode="after")
    def _validate_readers(self) -> Settings:
        if self.account in self.model_readers:
            raise ValueError(
                f"model_readers has {self.account}, the environment's own account, which IAM "
                "decides about; remove it"
            )
        return self

    @model_validator(mode="after")
    def _validate_dataset_access(self) -> Settings:
        validate_dataset_access(
            self.region, self.dataset_uri, self.dataset_prefixes, self.dataset_keys
        )
        validate_score_dataset(self.score_dataset, self.dataset_prefixes)
        return self

    @model_validator(mode="after")
    def _validate_region_lacks_nothing(self) -> Settings:
        if self.region in WITHOUT_MODEL_REGISTRY:
            raise ValueError(
                f"region {self.region} lacks AWS::SageMaker::ModelPackageGroup; choose another "
                "region"
            )
        if partition(self.region) not in PARTITIONS:
            raise ValueError(
                f"region {self.region} is in partition {partition(self.region)!r}, which isn't "
                f"supported; choose a region of {' or '.join(PARTITIONS)}"
            )
        return self

    @model_validator(mode="after")
    def _validate_places(self) -> Settings:
        for name in ("asset_key", "permission_boundary"):
            if (arn := getattr(self, name)) is not None:
                validate_place(name, arn, self.region, self.account)
        return self


PIPELINE_SETTINGS = tuple(PipelineSettings.model_fields)


def environments(context: Any) -> list[Settings]:
    """Return the environments of cdk.json's context, sorted by name. Raise SettingsError."""
    if not isinstance(context, Mapping) or not context:
        raise SettingsError('cdk.json: context "environments" must define at least one environment')
    found = [
        parse(Settings, context[name], f"cdk.json: environment {name!r}", name=name)
        for name in sorted(context)
    ]
    validate_sharing(found)
    return found
