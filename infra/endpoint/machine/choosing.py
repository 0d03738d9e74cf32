"""The states that choose the version which is deployed, if any."""

from __future__ import annotations

from infra.endpoint.machine.paths import LIVE_VERSION, NUMBER, VERSION
from infra.endpoint.machine.states import (
    States,
    both,
    call,
    choice,
    formatted,
    is_equal,
    is_present,
    is_text,
    is_true,
    is_zero,
    outcome,
    put,
    report_error,
)
from processing.names import MODEL_VERSION_VARIABLE

FIRST = "HowDeployed"

# Inputs of the state machine.
GIVEN = "$.version"
"""The version that an operator deploys."""

APPROVED = "$.approvedVersion"
"""The version that was approved. Without either, a version was rejected or deleted."""


def choosing(endpoint: str, group: str, *, then: str) -> States:
    """Return the states that choose the version for the input."""
    newest = {"version.$": "States.ArrayGetItem($.approved.versions, 0)"}
    is_none = is_zero("$.approved.count")
    number = "States.ArrayGetItem(States.StringSplit($.target.version, '/'), 2)"
    unique = "States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 0)"
    return {
        "HowDeployed": choice(
            (is_present(GIVEN), "DescribeGiven"),
            (both(is_present(APPROVED), is_none), "NewerVersionIsApproved"),
            (is_present(APPROVED), "TakeNewest"),
            otherwise="IsLiveApproved",
        ),
        "DescribeGiven": call(
            "sagemaker:describeModelPackage",
            {"ModelPackageName.$": GIVEN},
            select={"version.$": "$.ModelPackageArn", "approval.$": "$.ModelApprovalStatus"},
            to="$.target",
            then="IsGivenApproved",
        ),
        "IsGivenApproved": choice(
            (is_text("$.target.approval", "Approved"), "NameVersion"), otherwise="NotApproved"
        ),
        "NotApproved": report_error(
            "NotApproved",
            "{} has the approval status {}; approve it before you deploy it.",
            "$.target.version",
            "$.target.approval",
        ),
        "TakeNewest": put("$.target", newest, "IsNewest"),
        "IsNewest": choice(
            (is_equal(VERSION, APPROVED), "IsServed"), otherwise="NewerVersionIsApproved"
        ),
        "NewerVersionIsApproved": outcome("NewerVersionIsApproved"),
        "IsServed": choice(
            (is_equal(VERSION, LIVE_VERSION), "AlreadyServed"), otherwise="NameVersion"
        ),
        "AlreadyServed": outcome("AlreadyServed", **{"version.$": VERSION}),
        "IsLiveApproved": put(
            "$.rejection",
            {"isApproved.$": f"States.ArrayContains($.approved.versions, {LIVE_VERSION})"},
            "IsReplaced",
        ),
        "IsReplaced": choice(
            (is_text(LIVE_VERSION, ""), "NothingIsServed"),
            (is_true("$.rejection.isApproved"), "ApprovedVersionIsServed"),
            (is_none, "NothingIsApproved"),
            otherwise="TakeReplacement",
        ),
        "NothingIsServed": outcome("NothingIsServed"),
        "ApprovedVersionIsServed": outcome(
            "ApprovedVersionIsServed", **{"version.$": LIVE_VERSION}
        ),
        "NothingIsApproved": report_error(
            "NothingIsApproved",
            f"No version in {group} is approved, so endpoint {endpoint} keeps {{}}, which "
            "was rejected or deleted.",
            LIVE_VERSION,
        ),
        "TakeReplacement": put("$.target", newest, "NameVersion"),
        "NameVersion": put(
            "$.target",
            {
                "version.$": VERSION,
                "number.$": number,
                "name.$": formatted(f"{endpoint}-v{{}}-{{}}", number, unique),
            },
            "DescribeVersion",
        ),
        **_read_environment(then),
    }


def _read_environment(then: str) -> States:
    """Return the states that add the version's number to the variables of its container."""
    variables = "$.InferenceSpecification.Containers[*].Environment"
    first = "States.ArrayGetItem($.package.environments, 0)"
    return {
        "DescribeVersion": call(
            "sagemaker:describeModelPackage",
            {"ModelPackageName.$": VERSION},
            select={"environments.$": variables, "count.$": f"States.ArrayLength({variables})"},
            to="$.package",
            then="TakesText",
        ),
        "TakesText": choice((is_zero("$.package.count"), "TakesNoText"), otherwise="NumberVersion"),
        "TakesNoText": report_error(
            "TakesNoText",
            "{} was registered without the code that reads text; train and approve a new version.",
            VERSION,
        ),
        "NumberVersion": put("$.added", {f"{MODEL_VERSION_VARIABLE}.$": NUMBER}, "MergeVariables"),
        "MergeVariables": put(
            "$.variables", {"all.$": f"States.JsonMerge({first}, $.added, false)"}, then
        ),
    }
