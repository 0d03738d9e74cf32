"""Web addresses of S3 objects in definitions, which the API takes as S3 URIs."""

from __future__ import annotations

import json

import pytest

from local_runner.definition.parsing import parse
from local_runner.s3_uri import s3_uri

ADDRESSES = [
    "https://bucket.s3.amazonaws.com/a/b.csv",
    "https://bucket.s3.eu-west-1.amazonaws.com/a/b.csv",
    "https://bucket.s3-us-east-1.amazonaws.com/a/b.csv",
    "https://s3.amazonaws.com/bucket/a/b.csv",
    "https://s3.cn-north-1.amazonaws.com.cn/bucket/a/b.csv",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_address_of_an_object_is_its_uri(address: str) -> None:
    assert s3_uri(address) == "s3://bucket/a/b.csv"


@pytest.mark.parametrize(
    "text", ["s3://bucket/a", "https://example.com/a", "https://s3.example.com/bucket/a", ""]
)
def test_other_text_is_kept(text: str) -> None:
    assert s3_uri(text) == text


def test_only_arguments_that_are_uris_are_changed() -> None:
    address = ADDRESSES[0]
    container = {"ModelDataUrl": address, "Environment": {"DATA": address}}
    arguments = {"PrimaryContainer": container}
    text = json.dumps(
        {"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": "Model", "Arguments": arguments}]}
    )
    [step] = parse(text).steps
    assert step.arguments["PrimaryContainer"] == {
        "ModelDataUrl": "s3://bucket/a/b.csv",
        "Environment": {"DATA": address},
    }
