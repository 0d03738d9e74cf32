"""Models: containers by name, given or those of a version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.clients import Place
from emulator.pages import between, page, sorted_items
from emulator.sagemaker.names import arn, now
from emulator.sagemaker.packages import ModelRegistry
from emulator.sagemaker.tags import Tags
from emulator.service import Call, Handler, invalid


class Models:
    """The models of every account and region."""

    def __init__(self, tags: Tags, registry: ModelRegistry) -> None:
        self._tags = tags
        self._registry = registry
        self._containers: dict[tuple[Place, str], dict[str, Any]] = {}
        self._models: dict[tuple[Place, str], dict[str, Any]] = {}

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            "CreateModel": self._create,
            "DeleteModel": self._delete,
            "DescribeModel": self._describe,
            "ListModels": self._list,
        }

    def _create(self, call: Call) -> dict[str, Any]:
        name = call["ModelName"]
        identity = arn(call.place, "model", name)
        if (call.place, name) in self._models:
            raise invalid(f"Cannot create already existing model {identity!r}.")
        containers = call.get("Containers") or [call.get("PrimaryContainer", {})]
        self._containers[call.place, name] = self._resolved(call, containers[0])
        described = {key: value for key, value in call.parameters.items() if key != "Tags"}
        self._models[call.place, name] = {
            "EnableNetworkIsolation": False,
            **described,
            "CreationTime": now(),
            "ModelArn": identity,
        }
        self._tags.put(identity, call.get("Tags", []))
        return {"ModelArn": identity}

    def find(self, place: Place, name: str) -> dict[str, Any]:
        """Return the description of a model. Raise ApiError if there is none."""
        return self._models[self._known(place, name)]

    def container(self, place: Place, name: str) -> dict[str, Any]:
        """Return the first container of a model, with what it takes from its version."""
        return self._containers[self._known(place, name)]

    def _resolved(self, call: Call, container: Mapping[str, Any]) -> dict[str, Any]:
        """Return the container with image, archive and environment of its version, if it has one.

        Its own environment extends that of the version. Raise ApiError if that isn't approved.
        """
        version = container.get("ModelPackageName")
        if version is None:
            return dict(container)
        package = self._registry.find(call, version)
        if package["ModelApprovalStatus"] != "Approved":
            raise invalid(f"Model package {version} isn't approved, so no model can be created.")
        [given, *_] = package["InferenceSpecification"]["Containers"]
        variables = {**given.get("Environment", {}), **container.get("Environment", {})}
        return {**given, **container, "Environment": variables}

    def _describe(self, call: Call) -> dict[str, Any]:
        return self.find(call.place, call["ModelName"])

    def _delete(self, call: Call) -> dict[str, Any]:
        key = self._known(call.place, call["ModelName"])
        del self._containers[key]
        self._tags.forget(self._models.pop(key)["ModelArn"])
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        part = call.get("NameContains", "").lower()
        found = [
            {key: model[key] for key in ("CreationTime", "ModelArn", "ModelName")}
            for (place, name), model in self._models.items()
            if place == call.place and part in name.lower()
        ]
        key = "ModelName" if call.get("SortBy") == "Name" else "CreationTime"
        items = sorted_items(between(found, call, "CreationTime"), call, lambda item: item[key])
        return page(items, call, "Models")

    def _known(self, place: Place, name: str) -> tuple[Place, str]:
        key = (place, name)
        if key not in self._models:
            raise invalid(f'Could not find model "{arn(place, "model", name)}".')
        return key
