"""What fixes errors of access, keys, quotas and networks: by the words of AWS's reasons.

docs/troubleshooting.md has the same rows; a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Remedy:
    """A kind of error. pattern: of AWS's words. symptom: as the documentation describes it."""

    pattern: str
    symptom: str
    cause: str
    remedy: str

    def lines(self) -> tuple[str, str]:
        """Return the cause and the remedy for a terminal."""
        return f"cause: {self.cause}", f"remedy: {self.remedy}"


REMEDIES = (
    Remedy(
        r"\bservice control policy\b",
        "`explicit deny in a service control policy`",
        "a rule of the organization forbids the call, often because of missing tags or a missing "
        "VPC or key",
        "set what it requires (`tags`, `subnets` and `security_groups`, `customer_key`) and deploy "
        "again",
    ),
    Remedy(
        r"permissions boundary",
        "`no permissions boundary allows the action`",
        "the policy in `permission_boundary` doesn't allow what the role's policy allows",
        "extend that policy by the actions in docs/security.md, or name another one and deploy "
        "again",
    ),
    Remedy(
        r"iam:PassRole",
        "`not authorized to perform: iam:PassRole`",
        "the role may not pass itself to SageMaker: its policy was changed, or its ARN is another "
        "than that in `ExecutionRoleArn`",
        "deploy again, and start without the parameter `ExecutionRoleArn`",
    ),
    Remedy(
        r"\bkms:|KMS\.\w+Exception|\bKMS key\b|AWS KMS|ciphertext refers to",
        "`not authorized to perform: kms:Decrypt`, or another error of KMS",
        "the role may not use the key of an object or a volume, or the key is disabled",
        "name the key of the CDK's asset bucket in `asset_key`, that of a dataset in "
        "`dataset_keys`, and deploy again; the policy of another account's key must allow the "
        "role, too",
    ),
    Remedy(
        r"\becr:|denied for (registry|repository)|pull (the )?image",
        "`not authorized to perform: ecr:...`, or the image can't be pulled",
        "the role or the subnets' endpoints don't allow the registry of AWS's images",
        "deploy again; with `subnets`, allow the endpoints `ecr.api`, `ecr.dkr` and S3; "
        "`sentiment preflight` checks the images",
    ),
    Remedy(
        r"\bs3:[A-Z]\w+|Amazon S3; Status Code: 403|\bS3\b.*[Aa]ccess [Dd]enied",
        "`not authorized to perform: s3:...`, or S3 denies access",
        "the role may read the environment's bucket, `dataset_uri` and `dataset_prefixes` only",
        "copy the data to `raw/` in the environment's bucket, or add its folder to "
        "`dataset_prefixes` and deploy again; the policy of another account's bucket must allow "
        "the role, too",
    ),
    Remedy(
        r"\bec2:\w",
        "`not authorized to perform: ec2:...`",
        "the role may create network interfaces in the subnets and security groups of the "
        "settings only",
        "set `subnets` and `security_groups` in cdk.json, and deploy again",
    ),
    Remedy(
        r"Invalid(Subnet|Group|SecurityGroup)\w*\.NotFound"
        r"|(subnet|security group)\b.*\b(does not|doesn't) exist",
        "a subnet or security group doesn't exist",
        "it was deleted, or belongs to another region or account",
        "correct `subnets` and `security_groups`, and deploy again",
    ),
    Remedy(
        r"InsufficientFreeAddresses|(not enough|insufficient) (free )?(IP )?addresses",
        "`InsufficientFreeAddressesInSubnet`",
        "the subnets have no free addresses",
        "name more or larger `subnets` and deploy again, or wait for other jobs to end",
    ),
    Remedy(
        r"VPC endpoint|Connect timeout on endpoint URL|Could not connect to the endpoint URL",
        "jobs in a VPC hang and then fail, such as with `Connect timeout on endpoint URL`",
        "the subnets have no route to AWS's services",
        "create the endpoints S3 (gateway), `sagemaker.api`, `ecr.api`, `ecr.dkr`, `logs`, "
        "`monitoring`, `sts`, `kms`, and let their security groups admit the jobs'",
    ),
    Remedy(
        r"ResourceLimitExceeded|\bservice limit\b",
        "`ResourceLimitExceeded`, or a step runs for minutes without a job",
        "the account's quota for the instance type is 0, or other jobs use it. SageMaker retries "
        "for about half an hour, because instances in use become free; a quota of 0 never does",
        "stop the execution; request an increase in Service Quotas, or choose another type by "
        "parameter (`ProcessingInstanceType`, `TrainingInstanceType`, `TransformInstanceType`); "
        "`sentiment preflight` checks the quotas",
    ),
    Remedy(
        r"CapacityError|InsufficientInstanceCapacity|[Uu]nable to provision",
        "`CapacityError`",
        "AWS has no free instance of the type in the region or in the subnets' zones",
        "`sentiment retry` later, choose another type by parameter, remove `spot`, or name "
        "`subnets` in more zones",
    ),
    Remedy(
        r"AccessDenied|not authorized to perform",
        "`AccessDenied`, or `not authorized to perform` another action",
        "the role lacks an action that the step needs",
        "deploy again; docs/security.md lists each step's actions",
    ),
)
"""In the order in which they are tried."""


def remedy_lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Return cause and remedy of the first known error in the texts; nothing without one."""
    found = (it for text in texts for it in REMEDIES if re.search(it.pattern, text))
    return next((it.lines() for it in found), ())
