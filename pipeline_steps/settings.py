"""Settings of the pipeline, decided at synth: each field holds its type, range and meaning.

docs/settings.md and the error messages are generated from the fields.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pipeline_steps.presets import ARTICLE, PRESETS
from pipeline_steps.ranges import INSTANCE_TYPE
from pipeline_steps.regions import REGIONS, WITHOUT_IMAGES, WITHOUT_SPARK, partition

ARTICLES_DATASET = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"

# Instance families whose volumes are local disks, which a customer-managed key can't encrypt.
_LOCAL_DISKS = re.compile(
    r"ml\.([a-z]+\d[a-z]*d[a-z]*|g4dn|g5|g6|g6e|i3|i3en|p3dn|p4d|p4de|p5|p5e|p5en|p6[a-z0-9-]*"
    r"|trn\d[a-z]*)\."
)
_IN_S3 = ("s3://", "raw/")

# The maximum of CreateProcessingJob: nine days.
_MAX_PROCESSING_MINUTES = 9 * 24 * 60
# The longest MaxWaitTimeInSeconds of built-in algorithms that don't checkpoint.
_MAX_SPOT_MINUTES = 60
# A century. S3 and SageMaker document no maximum; S3's own type for days has 32 bits.
MAX_DAYS = 36_500


def text(pattern: str, expected: str) -> Any:
    """The constraint of a string: the whole of it must match ``pattern``.

    expected: what documentation and error messages call such a string.
    """
    return Field(pattern=f"^(?:{pattern})$", json_schema_extra={"expected": expected})


def _validate_region(region: str) -> str:
    if region not in REGIONS:
        raise ValueError
    return region


def validate_path(uri: str) -> str:
    """Refuse segments that S3 takes literally, but clients and policies don't."""
    if uri.startswith(_IN_S3):
        segments = uri.removeprefix("s3://").removesuffix("/").split("/")
        if not {"", ".", ".."}.isdisjoint(segments):
            raise ValueError("a path can't have empty segments, '.' or '..'")
    return uri


def validate_place(name: str, arn: str, region: str, account: str | None = None) -> None:
    """Raise ValueError if the setting's ARN is in another partition, region or account.

    An ARN of IAM has no region, and AWS's own policies belong to no account.
    """
    _, of, _, its_region, its_account, _ = arn.split(":", 5)
    if of != partition(region) or its_region not in ("", region):
        raise ValueError(
            f"{name} is in {f'{of} {its_region}'.strip()}, but the environment in "
            f"{partition(region)} {region}; name one there"
        )
    if account is not None and its_account not in ("aws", account):
        raise ValueError(
            f"{name} is in account {its_account}, but the environment in {account}; name one there"
        )


Region = Annotated[
    str,
    AfterValidator(_validate_region),
    Field(json_schema_extra={"expected": "an AWS region such as us-east-1"}),
]
DatasetUri = Annotated[
    str,
    text(
        r"https://[A-Za-z0-9.-]+(:[0-9]+)?/\S+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^*?\s]+"
        r"|raw/[^*?\s]+",
        "an https:// URL, s3://bucket/key, or raw/... for the environment's own bucket",
    ),
    AfterValidator(validate_path),
]
Preset = Annotated[str, text("|".join(PRESETS), f"one of {', '.join(map(repr, sorted(PRESETS)))}")]
InstanceType = Annotated[
    str,
    text(INSTANCE_TYPE["pattern"], INSTANCE_TYPE["expected"]),
]
SubnetId = Annotated[str, text("subnet-[0-9a-f]{8,17}", "a subnet ID such as subnet-01234567")]
SecurityGroupId = Annotated[
    str, text("sg-[0-9a-f]{8,17}", "a security group ID such as sg-01234567")
]
MlflowArn = Annotated[
    str,
    text(
        r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:mlflow-(tracking-server|app)/[A-Za-z0-9-]+",
        "the ARN of an MLflow tracking server or MLflow App in SageMaker",
    ),
]


def used_with(setting: str, value: Any = None) -> Any:
    """The constraint of a field that has no effect unless ``setting`` is ``value`` (None: set)."""
    return Field(json_schema_extra={"used_with": [setting, value]})


class FrozenSettings(BaseModel):
    """Base of all settings: immutable, of exactly the declared types, without unknown names."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class TuningSettings(FrozenSettings):
    """A search of hyperparameters in place of one training."""

    jobs: int = Field(
        default=20, ge=1, le=750, description="training jobs, each with other hyperparameters"
    )
    parallel_jobs: int = Field(
        default=2,
        ge=1,
        le=100,
        description="training jobs at the same time, at most `jobs`. `Bayesian` learns from those "
        "that have ended, so fewer find better values, and more find them sooner",
    )
    strategy: Literal["Bayesian", "Random"] = Field(
        default="Bayesian",
        description="what chooses the hyperparameters: the results so far (`Bayesian`) or chance "
        "(`Random`)",
    )

    @model_validator(mode="after")
    def _validate_parallel_jobs(self) -> TuningSettings:
        if self.parallel_jobs > self.jobs:
            raise ValueError(
                f"parallel_jobs ({self.parallel_jobs}) must be at most jobs ({self.jobs}); lower "
                "it or raise jobs"
            )
        return self


class PipelineSettings(FrozenSettings):
    """Everything that the definition depends on, except the code."""

    region: Region = Field(default="us-east-1", description="the AWS region")
    dataset_uri: DatasetUri = Field(
        default=ARTICLES_DATASET,
        description="default of DatasetUri; if it is in S3, Preprocess reads it in place, without "
        "a Download step; then executions can't choose web addresses; with s3://, jobs may read "
        "this object or prefix, too",
    )
    preset: Preset = Field(
        default=ARTICLE, description="the preset that sets the parameters' defaults (docs/model.md)"
    )
    champion_margin: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="the quality gate also rejects a model whose GateMetric is lower than that of "
        "the newest approved version by more than this; default of ChampionMargin",
    )
    no_network: bool = Field(
        default=False,
        description="run every job without network access; removes the scoring pipeline, which "
        "calls the model registry; requires a dataset_uri in S3",
    )
    tuning: TuningSettings | None = Field(
        default=None,
        description="Train searches the hyperparameters in pipeline_steps/tuning_ranges.json, "
        "which are no parameters of executions then; the best model goes on (docs/tuning.md)",
    )
    processing_engine: Literal["single", "spark"] = Field(
        default="single",
        description="what runs Preprocess: one instance (`single`), or a Spark cluster (`spark`) "
        "that writes the same files (docs/spark.md)",
    )
    spark_instance_type: Annotated[InstanceType, used_with("processing_engine", "spark")] = Field(
        default="ml.m5.xlarge",
        description="default of SparkInstanceType; used with processing_engine `spark` only",
    )
    processing_instance_type: InstanceType = Field(
        default="ml.m5.large", description="default of ProcessingInstanceType"
    )
    training_instance_type: InstanceType = Field(
        default="ml.m5.large", description="default of TrainingInstanceType"
    )
    transform_instance_type: InstanceType = Field(
        default="ml.m5.large", description="default of TransformInstanceType"
    )
    cache_days: int = Field(
        default=30,
        ge=1,
        le=MAX_DAYS,
        description="days for which the result of a cached step may be reused",
    )
    max_runtime_minutes: int = Field(
        default=60,
        ge=1,
        le=_MAX_PROCESSING_MINUTES,
        description="minutes after which a processing or training job is stopped",
    )
    customer_key: bool = Field(
        default=False,
        description="create a customer-managed KMS key for the bucket, the volumes, the outputs "
        "and the stack's own logs, not for the job logs, whose groups belong to the account; "
        "requires instance types without local disks",
    )
    # cdk.json writes lists; tuples keep the settings hashable.
    subnets: Annotated[tuple[SubnetId, ...], used_with("security_groups")] = Field(
        default=(),
        strict=False,
        min_length=1,
        max_length=16,
        description="subnets of all jobs and models; requires security_groups",
    )
    security_groups: Annotated[tuple[SecurityGroupId, ...], used_with("subnets")] = Field(
        default=(),
        strict=False,
        min_length=1,
        max_length=5,
        description="security groups of all jobs and models; requires subnets",
    )
    encrypt_traffic: bool = Field(
        default=False, description="encrypt the traffic between the instances of a job"
    )
    spot: bool = Field(
        default=False,
        description="train on Spot capacity; an interrupted training starts again at the first "
        f"round, and fails {_MAX_SPOT_MINUTES} minutes after its start, waiting included; requires "
        f"max_runtime_minutes <= {_MAX_SPOT_MINUTES}",
    )
    mlflow_tracking_server: MlflowArn | None = Field(
        default=None,
        description="record the executions in this MLflow tracking server or MLflow App of the "
        "environment's region; the role may create and read experiments and runs there",
    )

    @property
    def spot_minutes(self) -> int | None:
        """Minutes in which a Spot training must end, waiting included; None without ``spot``."""
        return _MAX_SPOT_MINUTES if self.spot else None

    @property
    def on_spark(self) -> bool:
        """Whether Preprocess runs on a Spark cluster."""
        return self.processing_engine == "spark"

    @property
    def has_champion(self) -> bool:
        """Whether new models are compared with the newest approved version."""
        return self.champion_margin is not None

    @property
    def has_download(self) -> bool:
        """Whether there is a Download step; without it, Preprocess reads the dataset from S3."""
        return not self.dataset_uri.startswith(_IN_S3)

    @property
    def has_scoring(self) -> bool:
        """Whether there is a scoring pipeline: one of its jobs calls the model registry."""
        return not self.no_network

    @model_validator(mode="after")
    def _validate_images(self) -> PipelineSettings:
        if self.region in WITHOUT_IMAGES:
            raise ValueError(
                f"region {self.region} lacks AWS's XGBoost image; choose another region"
            )
        if self.on_spark and self.region in WITHOUT_SPARK:
            raise ValueError(
                f"region {self.region} lacks SageMaker's Spark image; choose another region or "
                "the processing_engine 'single'"
            )
        return self

    @model_validator(mode="after")
    def _validate_tracking_server(self) -> PipelineSettings:
        if self.mlflow_tracking_server is not None:
            validate_place("mlflow_tracking_server", self.mlflow_tracking_server, self.region)
        return self

    @model_validator(mode="after")
    def _validate_network(self) -> PipelineSettings:
        if not self.no_network:
            return self
        if self.has_download:
            raise ValueError(
                "no_network excludes downloads; set dataset_uri to s3://bucket/key or raw/..."
            )
        if self.champion_margin is not None:
            raise ValueError(
                "champion_margin requires access to the model registry, which no_network excludes; "
                "remove one of them"
            )
        if self.on_spark:
            raise ValueError(
                "processing_engine 'spark' requires a network between instances, which no_network "
                "excludes; remove one of them"
            )
        return self

    @model_validator(mode="after")
    def _validate_spot(self) -> PipelineSettings:
        if self.spot and self.max_runtime_minutes > _MAX_SPOT_MINUTES:
            raise ValueError(
                f"spot limits a training to {_MAX_SPOT_MINUTES} minutes, waiting included, but "
                f"max_runtime_minutes is {self.max_runtime_minutes}; lower it or remove spot"
            )
        return self

    @model_validator(mode="after")
    def _validate_local_disks(self) -> PipelineSettings:
        for kind in ("processing", "spark", "training", "transform"):
            name = f"{kind}_instance_type"
            self.require_no_local_disks(name, getattr(self, name))
        return self

    def require_no_local_disks(self, name: str, instance_type: str) -> None:
        """Raise ValueError for local disks with customer_key. name: of the setting."""
        if self.customer_key and _LOCAL_DISKS.match(instance_type):
            raise ValueError(
                f"{name} {instance_type} has local disks, which customer_key can't encrypt; "
                "choose a type without them, such as ml.m5.large"
            )
