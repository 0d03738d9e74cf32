"""`sentiment start` of a dataset in another bucket, with a role that may read one folder of it."""

from __future__ import annotations

import json

import pytest

from operations.options import DEFINITION
from tests.support.emulated_pipelines import ROLE, create_project_pipeline
from tests.support.emulator_process import Emulator

BUCKET, THEIRS = "own-reviews", "another-owners-reviews"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{THEIRS}/movies/*"}
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _deployed(emulator: Emulator) -> None:
    s3, iam = emulator.client("s3"), emulator.client("iam")
    for bucket in (BUCKET, THEIRS):
        s3.create_bucket(Bucket=bucket)
    for key in ("movies/reviews.csv", "books/reviews.csv"):
        s3.put_object(Bucket=THEIRS, Key=key, Body=b"text,label")
    name = ROLE.rpartition("/")[2]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(POLICY))
    create_project_pipeline(emulator, "sentiment-dev", DEFINITION, BUCKET)


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        pytest.param("movies/reviews.csv", 0, "", id="allowed"),
        pytest.param("movies/", 0, "", id="allowed-folder"),
        pytest.param("books/reviews.csv", 1, "dataset_prefixes", id="denied"),
        pytest.param("books/", 1, "dataset_prefixes", id="denied-folder"),
        pytest.param("movies/review", 2, "doesn't exist", id="missing"),
    ],
)
def test_only_datasets_that_the_role_can_read_are_started(
    emulator: Emulator, key: str, code: int, words: str
) -> None:
    ended = emulator.sentiment("start", "--dry-run", "--dataset", f"s3://{THEIRS}/{key}")
    assert ended.returncode == code, ended.stderr
    assert words in ended.stderr
