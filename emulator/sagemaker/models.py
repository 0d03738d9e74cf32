"""Models: containers by name."""

from __future__ import annotations

from typing import Any

from emulator.clients import Place
from emulator.pages import between, page, sorted_items
from emulator.sagemaker.names import arn, now
from emulator.sagemaker.tags import Tags
from emulator.service import Call, Handler, invalid


class Models:
    """The models of every account and region."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags
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
        described = {key: value for key, value in call.parameters.items() if key != "Tags"}
        self._models[call.place, name] = {
            "EnableNetworkIsolation": False,
            **described,
            "CreationTime": now(),
            "ModelArn": identity,
        }
        self._tags.put(identity, call.get("Tags", []))
        return {"ModelArn": identity}

    def _describe(self, call: Call) -> dict[str, Any]:
        return self._models[self._known(call)]

    def _delete(self, call: Call) -> dict[str, Any]:
        self._tags.forget(self._models.pop(self._known(call))["ModelArn"])
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

    def _known(self, call: Call) -> tuple[Place, str]:
        key = (call.place, call["ModelName"])
        if key not in self._models:
            raise invalid(f'Could not find model "{arn(call.place, "model", key[1])}".')
        return key
