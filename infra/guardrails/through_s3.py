"""The condition under which keys may be used: by S3, for some objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def through_s3(region: str | Sequence[str], objects: str | Sequence[str]) -> dict[str, Any]:
    """Return the condition. region: of the keys. objects: ARNs in S3's encryption context.

    With a bucket key, the context has the bucket's ARN. The service has this name in every
    partition, as in the CDK's bootstrap template.
    """
    regions = [region] if isinstance(region, str) else region
    services = [f"s3.{it}.amazonaws.com" for it in regions]
    return {
        "StringEquals": {"kms:ViaService": services if len(services) > 1 else services[0]},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": objects},
    }
