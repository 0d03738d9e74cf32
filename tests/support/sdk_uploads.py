"""Definitions rendered by the SDK together with what it uploads: scripts and stored functions."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from pipeline_steps.sdk import offline
from tests.support.runner_samples import put_object

BUCKET = "uploads"


def rendered_with_uploads(render: Callable[[], str], root: Path) -> str:
    """Return what ``render`` returns; the objects that it uploads are put into the work folder."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "none")
        with mock_aws(), offline():
            s3 = boto3.client("s3")
            s3.create_bucket(Bucket=BUCKET)
            definition = render()
            gc.collect()  # temporary folders of the SDK, here without its warnings
            for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
                content = s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read()
                put_object(root, f"s3://{BUCKET}/{item['Key']}", content)
    return definition
