"""Types of the settings for datasets in other buckets, and what must hold between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator

from pipeline_steps.regions import partition
from pipeline_steps.settings import text, validate_path

KeyArn = Annotated[
    str,
    text(
        "arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+",
        "the ARN of a KMS key (not of an alias)",
    ),
]
DatasetPrefix = Annotated[
    str,
    text(
        r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/([^*?\s]+/)?",
        "s3://bucket/ or s3://bucket/prefix/, with a slash at the end",
    ),
    AfterValidator(validate_path),
]


def validate_dataset_access(
    region: str, dataset_uri: str, prefixes: Sequence[str], keys: Sequence[str]
) -> None:
    """Raise ValueError for keys that no dataset in another bucket can be encrypted with."""
    if keys and not prefixes and not dataset_uri.startswith("s3://"):
        raise ValueError(
            "dataset_keys has no effect without a dataset in another bucket; set dataset_uri to "
            "s3://bucket/key, or dataset_prefixes"
        )
    for key in keys:
        of = key.split(":")[1]
        if of != partition(region):
            raise ValueError(
                f"dataset_keys: {key} is in partition {of!r}, but region {region} in "
                f"{partition(region)!r}; name a key of the latter"
            )


def validate_score_dataset(dataset: str | None, prefixes: Sequence[str]) -> None:
    """Raise ValueError if the dataset is in a bucket that jobs may not read."""
    if dataset and dataset.startswith("s3://") and not dataset.startswith(tuple(prefixes)):
        raise ValueError(
            f"score_dataset {dataset!r} is below none of the dataset_prefixes; add its prefix, or "
            "jobs may not read it"
        )
