"""Requests for another account's buckets, keys and roles, which the policies there must allow.

moto lets every account read and write every bucket, and assume every role. What the policies of the
caller allow isn't evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError
from moto.s3.models import s3_backends
from werkzeug import Request, Response

from emulator.clients import Clients, Place, place_in
from emulator.policies import allows_account, denial

_READ = "s3:GetObject"
_OBJECT_ACTIONS = {"DELETE": "s3:DeleteObject", "GET": _READ, "HEAD": _READ}
_LISTING = frozenset(
    ("continuation-token", "delimiter", "encoding-type", "list-type", "max-keys", "prefix")
)
_OWNER, _SOURCE = "X-Amz-Expected-Bucket-Owner", "X-Amz-Copy-Source"
_SOURCE_OWNER = "X-Amz-Source-Expected-Bucket-Owner"


@dataclass(frozen=True)
class _Access:
    """What a request does with an object or, without a key, with a bucket."""

    bucket: str
    key: str
    action: str
    prefix: str
    expected_owner: str | None

    @property
    def arn(self) -> str:
        return f"{self.bucket_arn}/{self.key}" if self.key else self.bucket_arn

    @property
    def bucket_arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}"


class OtherAccounts:
    """Refuses what the policies of another account don't allow."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def objects_refusal(self, request: Request, caller: Place) -> Response | None:
        """Return the response to a request to S3 that isn't allowed; None for any other."""
        for access in _accesses(request):
            if message := self._refused_access(access, caller):
                return _denied(f"<Error>{_code(message)}</Error>")
        return None

    def role_refusal(self, form: Mapping[str, list[str]], caller: Place) -> Response | None:
        """Return the response to a caller that may not assume the role; None for any other.

        form: the parameters of AssumeRole.
        """
        [role] = form["RoleArn"]
        context = {"sts:ExternalId": form.get("ExternalId", [])}
        if place_in(role).account == caller.account or self._trusts(role, caller, context):
            return None
        message = _code(denial(caller.account, "sts:AssumeRole", role))
        return _denied(f"<ErrorResponse><Error>{message}</Error></ErrorResponse>")

    def _refused_access(self, access: _Access, caller: Place) -> str | None:
        _, owner = s3_backends.bucket_accounts.get(access.bucket, ("aws", caller.account))
        if access.expected_owner not in (None, owner):
            return "Access Denied"
        if owner == caller.account:
            return None
        place, context = Place(caller.region, owner), {"s3:prefix": [access.prefix]}
        allowed = self._bucket_policy(access.bucket, place)
        if not allows_account(allowed, caller.account, access.action, access.arn, context):
            return denial(caller.account, access.action, access.arn)
        key = self._key(access.bucket, place) if access.action == _READ else None
        if key and not self._decrypts(key, place, access, caller):
            return denial(caller.account, "kms:Decrypt", key)
        return None

    def _bucket_policy(self, bucket: str, place: Place) -> list[Mapping[str, Any]]:
        try:
            policy = self._clients("s3", place).get_bucket_policy(Bucket=bucket)["Policy"]
        except ClientError:  # none
            return []
        return _statements(policy)

    def _key(self, bucket: str, place: Place) -> str | None:
        """Return the ARN of the key with which the bucket encrypts; None for S3's own."""
        try:
            found = self._clients("s3", place).get_bucket_encryption(Bucket=bucket)
        except ClientError:  # none
            return None
        [rule] = found["ServerSideEncryptionConfiguration"]["Rules"]
        key = rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID")
        return str(key) if key else None

    def _decrypts(self, key: str, place: Place, access: _Access, caller: Place) -> bool:
        """Whether the key's policy allows S3 to decrypt for the caller; with a bucket key."""
        found = self._clients("kms", place).get_key_policy(KeyId=key, PolicyName="default")
        context = {
            "kms:EncryptionContext:aws:s3:arn": [access.bucket_arn],
            "kms:ViaService": [f"s3.{caller.region}.amazonaws.com"],
        }
        statements = _statements(found["Policy"])
        return allows_account(statements, caller.account, "kms:Decrypt", key, context)

    def _trusts(self, role: str, caller: Place, context: Mapping[str, list[str]]) -> bool:
        iam = self._clients("iam", Place(caller.region, place_in(role).account))
        try:
            found = iam.get_role(RoleName=role.rpartition("/")[2])["Role"]
        except ClientError:  # it doesn't exist
            return False
        trust = found["AssumeRolePolicyDocument"]["Statement"]
        return allows_account(trust, caller.account, "sts:AssumeRole", role, context)


def _accesses(request: Request) -> Iterator[_Access]:
    """Yield what a request does, with the source of a copy."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    is_creation = request.method == "PUT" and not key and not request.args
    if bucket and not is_creation:
        prefix, owner = request.args.get("prefix", ""), request.headers.get(_OWNER)
        yield _Access(bucket, key, _action(request, key), prefix, owner)
    if _SOURCE in request.headers:
        source = unquote(request.headers[_SOURCE].partition("?")[0]).lstrip("/")
        bucket, _, key = source.partition("/")
        yield _Access(bucket, key, _READ, "", request.headers.get(_SOURCE_OWNER))


def _action(request: Request, key: str) -> str:
    """Return the action; for less usual ones a name that only a policy for all of them allows."""
    if key:
        return _OBJECT_ACTIONS.get(request.method, "s3:PutObject")
    is_listing = request.method in ("GET", "HEAD") and set(request.args) <= _LISTING
    return "s3:ListBucket" if is_listing else "s3:*"


def _statements(policy: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = json.loads(policy)["Statement"]
    return found


def _code(message: str) -> str:
    return f"<Code>AccessDenied</Code><Message>{escape(message)}</Message>"


def _denied(body: str) -> Response:
    return Response(body, 403, content_type="text/xml")
