"""What is decided at synth about the pipeline itself. Standard library only."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field
from typing import Any

from pipeline_steps.presets import ARTICLE

ARTICLES_DATASET = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"


SINGLE, SPARK = "single", "spark"
"""The engines that Preprocess may run on."""


def setting(meaning: str, *, default: Any = MISSING) -> Any:
    """A field of a settings class with its meaning, which docs/settings.md is made of."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class PipelineSettings:
    """Everything that the definition depends on besides the code."""

    region: str = setting(
        "the AWS region, which decides the registries of the built-in images", default="us-east-1"
    )
    dataset_uri: str = setting(
        "default of DatasetUri: an https:// or s3:// URI, or a key below raw/ in the bucket of the "
        "environment. What s3:// names, the jobs may read",
        default=ARTICLES_DATASET,
    )
    preset: str = setting(
        "which preset's values are the parameters' defaults: `article`, `accurate` or `fast` "
        "(docs/model.md)",
        default=ARTICLE,
    )
    champion_margin: float | None = setting(
        "the gate also refuses a model whose GateMetric is more than this below that of the newest "
        "approved version; default of ChampionMargin",
        default=None,
    )
    no_network: bool = setting(
        "no job has a network: there is no Download, Preprocess reads the dataset where it lies in "
        "S3; needs a dataset_uri in S3",
        default=False,
    )
    processing_engine: str = setting(
        "what Preprocess runs on: `single`, one machine; `spark`, a cluster that makes the same "
        "files, and reads a dataset_uri in S3 where it lies (docs/spark.md)",
        default=SINGLE,
    )
    spark_instance_type: str = setting(
        "default of SparkInstanceType; only with processing_engine spark", default="ml.m5.xlarge"
    )
    processing_instance_type: str = setting(
        "default of ProcessingInstanceType; Preprocess was measured at 135 MB and 4 s of CPU",
        default="ml.m5.large",
    )
    training_instance_type: str = setting(
        "default of TrainingInstanceType; training was measured at 185 MB and 5 s of CPU",
        default="ml.m5.large",
    )
    transform_instance_type: str = setting(
        "default of TransformInstanceType", default="ml.m5.large"
    )
    cache_days: int = setting("how long a cached step may stand for a new run", default=30)
    max_runtime_minutes: int = setting(
        "after which a processing or training job is stopped", default=60
    )
    customer_key: bool = setting(
        "a KMS key of the environment's own for bucket, volumes and outputs; needs instance types "
        "without local disks",
        default=False,
    )
    subnets: tuple[str, ...] = setting(
        "the subnets that every job and the model run in; set together with security_groups",
        default=(),
    )
    security_groups: tuple[str, ...] = setting(
        "the security groups of every job and the model", default=()
    )
    encrypt_traffic: bool = setting(
        "encrypt what the hosts of one job say to each other", default=False
    )
    spot: bool = setting(
        "train on spare capacity, going on from checkpoints if interrupted; Train is then not "
        "cached, because its checkpoints belong to one execution",
        default=False,
    )
    spot_wait_minutes: int = setting(
        "how much longer than max_runtime_minutes a spot job may take, waiting included", default=60
    )

    @property
    def on_spark(self) -> bool:
        """Whether Preprocess runs on a Spark cluster."""
        return self.processing_engine == SPARK

    @property
    def downloads(self) -> bool:
        """Whether the dataset has to be fetched, or Preprocess finds it in S3."""
        in_s3 = self.dataset_uri.startswith(("s3://", "raw/"))
        return not self.no_network and not (self.on_spark and in_s3)
