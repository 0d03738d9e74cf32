"""Accounts of the emulated AWS: apart from each other, except for what their policies allow."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.emulated_stacks import create
from tests.support.emulator_process import REGION, Emulator

OWNER, OTHER = "123456789012", "210987654321"
PRINCIPAL = {"AWS": f"arn:aws:iam::{OTHER}:root"}
BUCKET, GROUP = "bucket-of-owner", "group-of-owner"
GROUP_ARN = f"arn:aws:sagemaker:{REGION}:{OWNER}:model-package-group/{GROUP}"
VERSION_ARN = f"arn:aws:sagemaker:{REGION}:{OWNER}:model-package/{GROUP}/1"
ROLE = "trusting"


def refused(call: Callable[[], Any]) -> bool:
    """Whether the account may not do this; other errors are raised."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("403", "AccessDenied", "AccessDeniedException"):
            raise
        return True
    return False


def statement(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": PRINCIPAL, **more}


@pytest.fixture(scope="module")
def owner(emulator: Emulator) -> Emulator:
    """The emulated AWS with a bucket, a version and a role, of which others may use a part."""
    read = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
    prefix = {"StringLike": {"s3:prefix": "models/*"}}
    bucket = f"arn:aws:s3:::{BUCKET}"
    policies = {
        "Bucket": [
            statement(Action="s3:ListBucket", Resource=bucket, Condition=prefix),
            statement(Action="s3:GetObject", Resource=f"{bucket}/models/*"),
        ],
        "Group": [statement(Action=read, Resource=[GROUP_ARN, VERSION_ARN])],
    }
    create(
        emulator,
        "shared",
        {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": BUCKET}},
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {
                    "Bucket": {"Ref": "Bucket"},
                    "PolicyDocument": {"Statement": policies["Bucket"]},
                },
            },
            "Group": {
                "Type": "AWS::SageMaker::ModelPackageGroup",
                "Properties": {
                    "ModelPackageGroupName": GROUP,
                    "ModelPackageGroupPolicy": {"Statement": policies["Group"]},
                },
            },
        },
    )
    for key in ("models/a", "raw/a"):
        emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"a")
    emulator.client("sagemaker").create_model_package(ModelPackageGroupName=GROUP)
    without = {"Null": {"sts:ExternalId": "true"}}
    trust = {"Statement": [statement(Action="sts:AssumeRole", Condition=without)]}
    emulator.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    return emulator


def test_access_key_of_twelve_digits_is_of_that_account(emulator: Emulator) -> None:
    found = {emulator.client("sts", it).get_caller_identity()["Account"] for it in (OWNER, OTHER)}
    assert found == {OWNER, OTHER}


def test_another_account_has_stacks_buckets_and_groups_of_its_own(owner: Emulator) -> None:
    client = owner.client
    assert client("cloudformation", OTHER).describe_stacks()["Stacks"] == []
    assert client("s3", OTHER).list_buckets()["Buckets"] == []
    groups = client("sagemaker", OTHER).list_model_package_groups()
    assert groups["ModelPackageGroupSummaryList"] == []
    client("sagemaker", OTHER).create_model_package_group(ModelPackageGroupName=GROUP)
    client("sagemaker", OTHER).delete_model_package_group(ModelPackageGroupName=GROUP)
    assert client("sagemaker").describe_model_package_group(ModelPackageGroupName=GROUP)


def test_policy_of_the_group_decides_what_another_account_may_do(owner: Emulator) -> None:
    sagemaker = owner.client("sagemaker", OTHER)
    [listed] = sagemaker.list_model_packages(ModelPackageGroupName=GROUP_ARN)[
        "ModelPackageSummaryList"
    ]
    assert listed["ModelPackageArn"] == VERSION_ARN
    assert sagemaker.describe_model_package(ModelPackageName=VERSION_ARN)["ModelPackageVersion"]
    update = {"ModelPackageArn": VERSION_ARN, "ModelApprovalStatus": "Approved"}
    assert refused(lambda: sagemaker.update_model_package(**update))
    assert refused(lambda: sagemaker.create_model_package(ModelPackageGroupName=GROUP_ARN))


def test_arn_of_another_region_is_not_that_of_the_version_here(owner: Emulator) -> None:
    elsewhere = VERSION_ARN.replace(REGION, "eu-west-1")
    with pytest.raises(ClientError, match="does not exist"):
        owner.client("sagemaker").describe_model_package(ModelPackageName=elsewhere)


def test_policy_of_the_bucket_decides_what_another_account_may_do(owner: Emulator) -> None:
    s3 = owner.client("s3", OTHER)
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="models/")["KeyCount"] == 1
    assert s3.get_object(Bucket=BUCKET, Key="models/a")["Body"].read() == b"a"
    assert refused(lambda: s3.list_objects_v2(Bucket=BUCKET))
    assert refused(lambda: s3.list_objects_v2(Bucket=BUCKET, Prefix="raw/"))
    assert refused(lambda: s3.get_object(Bucket=BUCKET, Key="raw/a"))
    assert refused(lambda: s3.put_object(Bucket=BUCKET, Key="models/b", Body=b"b"))
    assert refused(lambda: s3.get_bucket_policy(Bucket=BUCKET))


def test_copy_needs_access_to_its_source(owner: Emulator) -> None:
    s3 = owner.client("s3", OTHER)
    s3.create_bucket(Bucket="bucket-of-other")
    target = {"Bucket": "bucket-of-other", "Key": "copy"}
    s3.copy_object(**target, CopySource=f"{BUCKET}/models/a", ExpectedSourceBucketOwner=OWNER)
    assert s3.get_object(**target)["Body"].read() == b"a"
    assert refused(lambda: s3.copy_object(**target, CopySource=f"{BUCKET}/raw/a"))


@pytest.mark.parametrize("option", ["ExpectedBucketOwner", "ExpectedSourceBucketOwner"])
def test_bucket_of_an_unexpected_owner_is_refused(owner: Emulator, option: str) -> None:
    s3, target = owner.client("s3"), {"Bucket": BUCKET, "Key": "models/copy"}
    assert refused(
        lambda: s3.copy_object(**target, CopySource=f"{BUCKET}/models/a", **{option: OTHER})
    )


@pytest.mark.parametrize(("through", "is_refused"), [("s3", False), ("ec2", True)])
def test_policy_of_the_key_decides_whether_an_object_is_decrypted(
    owner: Emulator, through: str, is_refused: bool
) -> None:
    name = f"encrypted-through-{through}"
    service = {"StringEquals": {"kms:ViaService": f"{through}.{REGION}.amazonaws.com"}}
    decrypt = statement(Action="kms:Decrypt", Resource="*", Condition=service)
    key = owner.client("kms").create_key(Policy=json.dumps({"Statement": [decrypt]}))
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["KeyMetadata"]["Arn"]}
    s3 = owner.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]},
    )
    read = statement(Action="s3:GetObject", Resource=f"arn:aws:s3:::{name}/*")
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Statement": [read]}))
    s3.put_object(Bucket=name, Key="a", Body=b"a")
    other = owner.client("s3", OTHER)
    assert refused(lambda: other.get_object(Bucket=name, Key="a")) == is_refused


def test_only_a_role_that_trusts_an_account_can_be_assumed_by_it(owner: Emulator) -> None:
    sts, role = owner.client("sts", OTHER), f"arn:aws:iam::{OWNER}:role"
    given = {"RoleArn": f"{role}/{ROLE}", "RoleSessionName": "test"}
    assert refused(lambda: sts.assume_role(**given, ExternalId="any"))
    found = sts.assume_role(**given)["Credentials"]
    assumed = boto3.Session(
        found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"], region_name=REGION
    )
    identity = assumed.client("sts", endpoint_url=owner.endpoint).get_caller_identity()
    assert identity["Account"] == OWNER
    groups = assumed.client("sagemaker", endpoint_url=owner.endpoint).list_model_package_groups()
    assert GROUP in {
        item["ModelPackageGroupName"] for item in groups["ModelPackageGroupSummaryList"]
    }
    assert refused(lambda: sts.assume_role(RoleArn=f"{role}/no-such", RoleSessionName="test"))
    strict = {"Statement": [statement(Action="sts:AssumeRole", Principal={"AWS": OWNER})]}
    owner.client("iam").create_role(RoleName="strict", AssumeRolePolicyDocument=json.dumps(strict))
    assert refused(lambda: sts.assume_role(RoleArn=f"{role}/strict", RoleSessionName="test"))
