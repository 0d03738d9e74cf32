"""Damaged archives and malformed requests."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import JobFailed
from local_runner.jobs.model_resource import create_model
from local_runner.jobs.transform_job import create_transform_job
from tests.support.runner_samples import (
    SKLEARN,
    XGBOOST,
    FakeContainer,
    document,
    execute,
    job_context,
    planned,
    put_object,
)


def plain_archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("xgboost-model")
        member.size = 100_000
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    return buffer.getvalue()


def with_a_wrong_checksum() -> bytes:
    content = bytearray(gzip.compress(plain_archive()))
    content[-8] ^= 0xFF
    return bytes(content)


def with_an_invalid_block() -> bytes:
    compressor = zlib.compressobj(wbits=31)
    start = compressor.compress(plain_archive()[:60_000]) + compressor.flush(zlib.Z_FULL_FLUSH)
    return start + b"\x07" * 64


@pytest.mark.parametrize("archive", [with_a_wrong_checksum, with_an_invalid_block])
def test_damaged_model_archive_is_named(tmp_path: Path, archive: Any) -> None:
    put_object(tmp_path, "s3://b/model.tar.gz", archive())
    put_object(tmp_path, "s3://b/test/part-0.csv", "1\n")
    container = {"Image": XGBOOST, "ModelDataUrl": "s3://b/model.tar.gz"}
    described = create_model(
        {"PrimaryContainer": container}, job_context(tmp_path, FakeContainer(), "model")
    )
    request = {
        "ModelName": described["ModelName"],
        "TransformInput": {
            "SplitType": "Line",
            "DataSource": {"S3DataSource": {"S3Uri": "s3://b/test"}},
        },
        "TransformOutput": {"AssembleWith": "Line", "S3OutputPath": "s3://b/scores"},
    }
    with pytest.raises(JobFailed, match=r"^ClientError: s3://b/model.tar.gz can't be unpacked \("):
        create_transform_job(request, job_context(tmp_path, FakeContainer()))


IMAGE = {"AppSpecification": {"ContainerEntrypoint": ["python3"], "ImageUri": SKLEARN}}


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("Processing", {**IMAGE, "ProcessingInputs": [{"InputName": "x"}]}),
        ("Processing", {**IMAGE, "ProcessingOutputConfig": {"Outputs": [{"OutputName": "x"}]}}),
    ],
    ids=["input", "output"],
)
def test_request_without_a_member_that_is_needed_fails_its_step(
    tmp_path: Path, kind: str, arguments: Any
) -> None:
    step = {"Name": "A", "Type": kind, "Arguments": arguments}
    execution = execute(planned(document(step)), tmp_path, FakeContainer())
    assert execution.steps["A"].status == "Failed"
    assert execution.steps["A"].failure_reason != ""
