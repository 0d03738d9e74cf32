"""Which of several uploads was the last one.

Each one writes the same object below triggers/, with its own name in the metadata. Later it reads
the object: if it has another name, another upload came later and goes on instead.
"""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as states
from aws_cdk import aws_stepfunctions_tasks as tasks

from infra.guardrails.through_s3 import through_s3
from infra.trigger.calls import DATASET, Calls
from infra.trigger.prefixes import TRIGGERS

_NAME = "$$.Execution.Name"
_LAST = "$.last"

HASH = f"States.Hash({DATASET}, 'SHA-256')"
"""The expression of the dataset's identity."""

LAST_HASH = f"{_LAST}.dataset"
"""The path of the identity of the last upload's dataset, after it was found."""


class Arrivals:
    """The states that write and read such an object."""

    def __init__(self, calls: Calls, bucket: s3.IBucket) -> None:
        self._calls = calls
        self._bucket = bucket
        self._objects = [bucket.arn_for_objects(f"{TRIGGERS}*")]

    def announce(self, id: str, key: str) -> tasks.CallAwsService:
        """Return the state that writes the object. key: of the object, below triggers/."""
        given = {
            "Bucket": self._bucket.bucket_name,
            "Key": key,
            "Metadata": {
                "arrival": states.JsonPath.string_at(_NAME),
                # Metadata are ASCII, names of objects needn't be.
                "dataset": states.JsonPath.string_at(HASH),
            },
        }
        return self._calls.call(
            id, "s3", "putObject", given, self._objects, result_path=states.JsonPath.DISCARD
        )

    def find_last(self, id: str, key: str) -> tasks.CallAwsService:
        """Return the state that reads the object; see `LAST_HASH`."""
        return self._calls.call(
            id,
            "s3",
            "headObject",
            {"Bucket": self._bucket.bucket_name, "Key": key},
            self._objects,
            iam_action="s3:GetObject",
            result_selector={
                "arrival": states.JsonPath.string_at("$.Metadata.arrival"),
                "own": states.JsonPath.string_at(_NAME),
                "dataset": states.JsonPath.string_at("$.Metadata.dataset"),
            },
            result_path=_LAST,
        )

    @staticmethod
    def is_last() -> states.Condition:
        """Return the condition that no other upload came later."""
        return states.Condition.string_equals_json_path(f"{_LAST}.arrival", f"{_LAST}.own")

    def grant(self, machine: states.StateMachine, key: kms.IKey | None) -> None:
        """Let the machine use the bucket's key, if it has one."""
        if key:
            machine.add_to_role_policy(
                iam.PolicyStatement(
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=[key.key_arn],
                    conditions=through_s3(
                        Stack.of(machine).region, [self._bucket.bucket_arn, *self._objects]
                    ),
                )
            )
