"""The model registry: groups of model packages, their versions, and approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.events import Events
from emulator.pages import between, page, sorted_items
from emulator.sagemaker.names import arn, name_of, now
from emulator.sagemaker.tags import Tags
from emulator.service import (
    ApiError,
    Call,
    Handler,
    invalid,
)
from local_runner.platform.aws.model_packages import MODEL_PACKAGE_SUMMARY

_GROUP, _PACKAGE = "model-package-group", "model-package"
_APPROVAL = ("ModelApprovalStatus", "ApprovalDescription", "CustomerMetadataProperties")
_NOT_DESCRIBED = {"ClientToken", "Tags"}


class ModelRegistry:
    """The groups and versions of every region. Version numbers are never used again."""

    def __init__(self, tags: Tags, events: Events) -> None:
        self._tags = tags
        self._events = events
        self._groups: dict[str, dict[str, Any]] = {}
        self._packages: dict[str, dict[str, Any]] = {}
        self._numbers: dict[str, int] = {}

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            "CreateModelPackage": self._create,
            "CreateModelPackageGroup": self._create_group,
            "DeleteModelPackage": self._delete,
            "DeleteModelPackageGroup": self._delete_group,
            "DescribeModelPackage": self._describe,
            "DescribeModelPackageGroup": self._describe_group,
            "ListModelPackageGroups": self._list_groups,
            "ListModelPackages": self._list,
            "UpdateModelPackage": self._update,
        }

    def _create_group(self, call: Call) -> dict[str, Any]:
        identity = arn(call.region, _GROUP, call["ModelPackageGroupName"])
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
        if any(self._is_in(package, call.region, name) for package in self._packages.values()):
            raise ApiError(
                "ConflictException",
                f"Model Package Group cannot be deleted, it still contains model packages: {name}",
            )
        del self._groups[identity]
        self._tags.forget(identity)
        return {}

    def _list_groups(self, call: Call) -> dict[str, Any]:
        part, prefix = call.get("NameContains", ""), arn(call.region, _GROUP, "")
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
        number = self._numbers.get(group["ModelPackageGroupArn"], 0) + 1
        self._numbers[group["ModelPackageGroupArn"]] = number
        name = group["ModelPackageGroupName"]
        identity = arn(call.region, _PACKAGE, f"{name}/{number}")
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
        self._emit(call.region, self._packages[identity])
        return {"ModelPackageArn": identity}

    def _describe(self, call: Call) -> dict[str, Any]:
        return self._package(call, call["ModelPackageName"])

    def _update(self, call: Call) -> dict[str, Any]:
        package = self._package(call, call["ModelPackageArn"])
        for key in _APPROVAL:
            if key in call.parameters:
                package[key] = call[key]
        package["LastModifiedTime"] = now()
        self._emit(call.region, package)
        return {"ModelPackageArn": package["ModelPackageArn"]}

    def _delete(self, call: Call) -> dict[str, Any]:
        identity = self._package(call, call["ModelPackageName"])["ModelPackageArn"]
        del self._packages[identity]
        self._tags.forget(identity)
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        is_one_group = "ModelPackageGroupName" in call.parameters
        name = self._group(call)["ModelPackageGroupName"] if is_one_group else None
        wanted = call.get("ModelApprovalStatus")
        found = [
            {key: package.get(key) for key in MODEL_PACKAGE_SUMMARY}
            for package in self._packages.values()
            if self._is_in(package, call.region, name)
            and wanted in (None, package["ModelApprovalStatus"])
        ]
        items = sorted_items(between(found, call, "CreationTime"), call, _by_age)
        return page(items, call, "ModelPackageSummaryList")

    def _group(self, call: Call) -> dict[str, Any]:
        identity = arn(call.region, _GROUP, name_of(call["ModelPackageGroupName"]))
        if identity not in self._groups:
            raise invalid(f"Model Package Group {identity} does not exist.")
        return self._groups[identity]

    def _package(self, call: Call, name: str) -> dict[str, Any]:
        identity = arn(call.region, _PACKAGE, name_of(name))
        if identity not in self._packages:
            raise invalid(f"ModelPackage {identity} does not exist.")
        return self._packages[identity]

    def _is_in(self, package: Mapping[str, Any], region: str, group: str | None) -> bool:
        here = package["ModelPackageArn"].startswith(arn(region, _PACKAGE, ""))
        return here and group in (None, package["ModelPackageGroupName"])

    def _emit(self, region: str, package: Mapping[str, Any]) -> None:
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
        self._events.emit(
            region, "SageMaker Model Package State Change", [package["ModelPackageArn"]], detail
        )


def _by_age(package: Mapping[str, Any]) -> Any:
    return package["CreationTime"], package["ModelPackageVersion"]
