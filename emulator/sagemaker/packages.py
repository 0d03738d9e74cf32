"""The model registry: groups of model packages, their versions, and approval."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from emulator.clients import Place, place_in
from emulator.events import Events
from emulator.pages import between, page, sorted_items
from emulator.policies import allows_account, denial
from emulator.sagemaker.names import arn, name_of, now
from emulator.sagemaker.tags import Tags
from emulator.service import (
    ApiError,
    Call,
    Handler,
    invalid,
)
from local_runner.jobs.model_package import model_card_problem
from local_runner.platform.aws.model_packages import MODEL_PACKAGE_SUMMARY

_GROUP, _PACKAGE = "model-package-group", "model-package"
_APPROVAL = ("ModelApprovalStatus", "ApprovalDescription", "CustomerMetadataProperties")
_NOT_DESCRIBED = {"ClientToken", "Tags"}


class ModelRegistry:
    """The groups and versions of every account and region. Version numbers are never used again.

    Another account may do with a group's versions what the group's policy allows.
    """

    def __init__(self, tags: Tags, events: Events) -> None:
        self._tags = tags
        self._events = events
        self._groups: dict[str, dict[str, Any]] = {}
        self._packages: dict[str, dict[str, Any]] = {}
        self._numbers: dict[str, int] = {}
        self._policies: dict[str, str] = {}

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            "CreateModelPackage": self._create,
            "CreateModelPackageGroup": self._create_group,
            "DeleteModelPackage": self._delete,
            "DeleteModelPackageGroup": self._delete_group,
            "DeleteModelPackageGroupPolicy": self._delete_policy,
            "DescribeModelPackage": self._describe,
            "DescribeModelPackageGroup": self._describe_group,
            "GetModelPackageGroupPolicy": self._get_policy,
            "ListModelPackageGroups": self._list_groups,
            "ListModelPackages": self._list,
            "PutModelPackageGroupPolicy": self._put_policy,
            "UpdateModelPackage": self._update,
        }

    def find(self, call: Call, version: str) -> dict[str, Any]:
        """Return the version with a name or an ARN. Raise ApiError if there is none."""
        return self._package(call, version)

    def _create_group(self, call: Call) -> dict[str, Any]:
        identity = arn(call.place, _GROUP, call["ModelPackageGroupName"])
        if identity in self._groups:
            raise invalid(f"Model Package Group already exists: {identity}")
        self._groups[identity] = {
            "CreatedBy": {},
            "CreationTime": now(),
            "ModelPackageGroupArn": identity,
            "ModelPackageGroupDescription": call.get("ModelPackageGroupDescription"),
            "ModelPackageGroupName": call["ModelPackageGroupName"],
            "ModelPackageGroupStatus": "Completed",
        }
        self._tags.put(identity, call.get("Tags", []))
        return {"ModelPackageGroupArn": identity}

    def _describe_group(self, call: Call) -> dict[str, Any]:
        return self._group(call)

    def _delete_group(self, call: Call) -> dict[str, Any]:
        group = self._group(call)
        name, identity = group["ModelPackageGroupName"], group["ModelPackageGroupArn"]
        if any(_is_in(package, call.place, name) for package in self._packages.values()):
            raise ApiError(
                "ConflictException",
                f"Model Package Group cannot be deleted, it still contains model packages: {name}",
            )
        del self._groups[identity]
        self._policies.pop(identity, None)
        self._tags.forget(identity)
        return {}

    def _put_policy(self, call: Call) -> dict[str, Any]:
        identity = self._group(call)["ModelPackageGroupArn"]
        self._policies[identity] = call["ResourcePolicy"]
        return {"ModelPackageGroupArn": identity}

    def _get_policy(self, call: Call) -> dict[str, Any]:
        identity = self._group(call)["ModelPackageGroupArn"]
        if identity not in self._policies:
            raise invalid(f"Resource policy of {identity} does not exist.")
        return {"ResourcePolicy": self._policies[identity]}

    def _delete_policy(self, call: Call) -> dict[str, Any]:
        self._policies.pop(self._group(call)["ModelPackageGroupArn"], None)
        return {}

    def _list_groups(self, call: Call) -> dict[str, Any]:
        part, prefix = call.get("NameContains", ""), arn(call.place, _GROUP, "")
        found = [
            {key: value for key, value in group.items() if key != "CreatedBy"}
            for identity, group in self._groups.items()
            if identity.startswith(prefix) and part in group["ModelPackageGroupName"]
        ]
        key = "ModelPackageGroupName" if call.get("SortBy") == "Name" else "CreationTime"
        items = sorted_items(between(found, call, "CreationTime"), call, lambda item: item[key])
        return page(items, call, "ModelPackageGroupSummaryList")

    def _create(self, call: Call) -> dict[str, Any]:
        group = self._group(call)
        if problem := model_card_problem(call.parameters):
            raise invalid(problem)
        number = self._numbers.get(group["ModelPackageGroupArn"], 0) + 1
        self._numbers[group["ModelPackageGroupArn"]] = number
        name = group["ModelPackageGroupName"]
        identity = arn(place_in(group["ModelPackageGroupArn"]), _PACKAGE, f"{name}/{number}")
        self._packages[identity] = {
            "ModelApprovalStatus": "PendingManualApproval",
            **{key: call[key] for key in call.parameters.keys() - _NOT_DESCRIBED},
            "CreationTime": now(),
            "ModelPackageArn": identity,
            "ModelPackageGroupName": name,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "ModelPackageVersion": number,
        }
        self._tags.put(identity, call.get("Tags", []))
        self._emit(self._packages[identity])
        return {"ModelPackageArn": identity}

    def _describe(self, call: Call) -> dict[str, Any]:
        return self._package(call, call["ModelPackageName"])

    def _update(self, call: Call) -> dict[str, Any]:
        package = self._package(call, call["ModelPackageArn"])
        for key in _APPROVAL:
            if key in call.parameters:
                package[key] = call[key]
        package["LastModifiedTime"] = now()
        self._emit(package)
        return {"ModelPackageArn": package["ModelPackageArn"]}

    def _delete(self, call: Call) -> dict[str, Any]:
        identity = self._package(call, call["ModelPackageName"])["ModelPackageArn"]
        del self._packages[identity]
        self._tags.forget(identity)
        detail = {
            "eventSource": "sagemaker.amazonaws.com",
            "eventName": call.operation,
            "requestParameters": {"modelPackageName": call["ModelPackageName"]},
        }
        self._events.emit(place_in(identity), "AWS API Call via CloudTrail", [], detail)
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        place, name = call.place, None
        if "ModelPackageGroupName" in call.parameters:
            group = self._group(call)
            place, name = place_in(group["ModelPackageGroupArn"]), group["ModelPackageGroupName"]
        wanted = call.get("ModelApprovalStatus")
        found = [
            {key: package.get(key) for key in MODEL_PACKAGE_SUMMARY}
            for package in self._packages.values()
            if _is_in(package, place, name) and wanted in (None, package["ModelApprovalStatus"])
        ]
        items = sorted_items(between(found, call, "CreationTime"), call, _by_age)
        return page(items, call, "ModelPackageSummaryList")

    def _group(self, call: Call) -> dict[str, Any]:
        given = call["ModelPackageGroupName"]
        identity = arn(_place(given, call), _GROUP, name_of(given))
        self._require_access(call, identity, identity)
        if identity not in self._groups:
            raise invalid(f"Model Package Group {identity} does not exist.")
        return self._groups[identity]

    def _package(self, call: Call, given: str) -> dict[str, Any]:
        place, name = _place(given, call), name_of(given)
        identity = arn(place, _PACKAGE, name)
        self._require_access(call, identity, arn(place, _GROUP, name.partition("/")[0]))
        if identity not in self._packages:
            raise invalid(f"ModelPackage {identity} does not exist.")
        return self._packages[identity]

    def _require_access(self, call: Call, identity: str, group: str) -> None:
        """Raise ApiError unless the caller's account has the resource or the policy allows it."""
        caller, action = call.place.account, f"sagemaker:{call.operation}"
        statements = json.loads(self._policies.get(group, '{"Statement": []}'))["Statement"]
        is_own = place_in(identity).account == caller
        if not is_own and not allows_account(statements, caller, action, identity, {}):
            raise ApiError("AccessDeniedException", denial(caller, action, identity))

    def _emit(self, package: Mapping[str, Any]) -> None:
        detail = {
            key: package.get(key)
            for key in (
                "ModelApprovalStatus",
                "ModelPackageArn",
                "ModelPackageDescription",
                "ModelPackageGroupName",
                "ModelPackageStatus",
                "ModelPackageVersion",
            )
        }
        identity = package["ModelPackageArn"]
        self._events.emit(
            place_in(identity), "SageMaker Model Package State Change", [identity], detail
        )


def _place(name_or_arn: str, call: Call) -> Place:
    """Return where a group or package is: as its ARN says, else with the caller."""
    return place_in(name_or_arn) if name_or_arn.startswith("arn:") else call.place


def _is_in(package: Mapping[str, Any], place: Place, group: str | None) -> bool:
    is_there = package["ModelPackageArn"].startswith(arn(place, _PACKAGE, ""))
    return is_there and group in (None, package["ModelPackageGroupName"])


def _by_age(package: Mapping[str, Any]) -> Any:
    return package["CreationTime"], package["ModelPackageVersion"]
