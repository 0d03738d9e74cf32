"""The look-up of retained resources; tests/emulator/project covers the deployments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import MagicMock

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.stub import Stubber

from infra.delivery import adoption
from tests.support.cdk_context import write_cdk_json

Adopt = Callable[[str], Path]


@pytest.fixture
def adopt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Adopt:
    """Run the look-up for a stack and return the path of the mapping."""
    monkeypatch.chdir(tmp_path)
    write_cdk_json(tmp_path)

    def run(name: str) -> Path:
        adoption.main([name, str(tmp_path / "mapping.json")])
        return tmp_path / "mapping.json"

    return run


def fail_with(error: Exception) -> Callable[..., NoReturn]:
    def fail(*_: Any) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize(
    "error",
    [
        NoCredentialsError(),
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStacks"),
    ],
    ids=["no credentials", "access denied"],
)
def test_failed_look_up_is_a_note_because_the_deployment_may_not_need_it(
    adopt: Adopt,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    monkeypatch.setattr(adoption, "lookup_session", fail_with(error))
    assert not adopt("prod").exists()
    assert capsys.readouterr().err.startswith("note: ")


def look_up(code: str) -> adoption.Retained:
    """Return what is found if a deleted stack kept a bucket, and S3 answers with this error."""
    cloudformation, s3 = (
        boto3.client(name, "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        for name in ("cloudformation", "s3")
    )
    deleted = {
        "StackId": "1",
        "StackName": "sentiment-prod",
        "StackStatus": "DELETE_COMPLETE",
        "CreationTime": "2026-11-29",
        "DeletionTime": "2026-11-29",
    }
    kept = {
        "LogicalResourceId": "Bucket",
        "PhysicalResourceId": "reviews",
        "ResourceType": "AWS::S3::Bucket",
        "ResourceStatus": "DELETE_SKIPPED",
        "LastUpdatedTimestamp": "2026-11-29",
    }
    session = MagicMock()
    session.client = {"cloudformation": cloudformation, "s3": s3}.__getitem__
    with Stubber(cloudformation) as stacks, Stubber(s3) as buckets:
        stacks.add_client_error("describe_stacks", "ValidationError")
        stacks.add_response("list_stacks", {"StackSummaries": [deleted]})
        stacks.add_response("list_stack_resources", {"StackResourceSummaries": [kept]})
        buckets.add_client_error("head_bucket", code)
        return adoption.retained(session, "sentiment-prod")


def test_what_no_longer_exists_is_not_adopted() -> None:
    assert look_up("404") == {}


@pytest.mark.parametrize("code", ["403", "SlowDown"])
def test_other_errors_do_not_count_as_deleted(code: str) -> None:
    """Otherwise a deployment would create a second bucket without the data."""
    with pytest.raises(ClientError, match=code):
        look_up(code)


def test_roles_of_the_delivery_are_never_looked_up(
    adopt: Adopt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adoption, "lookup_session", fail_with(AssertionError()))
    assert not adopt("delivery-roles").exists()
