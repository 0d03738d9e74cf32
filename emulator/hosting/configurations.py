"""Endpoint configurations: which models an endpoint serves, and with which capacity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.clients import Place
from emulator.pages import between, page, sorted_items
from emulator.sagemaker.models import Models
from emulator.sagemaker.names import arn, now
from emulator.sagemaker.tags import Tags
from emulator.service import Call, Handler, invalid

_KIND = "endpoint-config"
_LISTED = ("CreationTime", "EndpointConfigArn", "EndpointConfigName")
_NOT_EMULATED = ("AsyncInferenceConfig", "ExplainerConfig", "ShadowProductionVariants")


class Configurations:
    """The endpoint configurations of every account and region."""

    def __init__(self, tags: Tags, models: Models) -> None:
        self._tags = tags
        self._models = models
        self._configurations: dict[tuple[Place, str], dict[str, Any]] = {}

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            "CreateEndpointConfig": self._create,
            "DeleteEndpointConfig": self._delete,
            "DescribeEndpointConfig": lambda call: self.find(call),
            "ListEndpointConfigs": self._list,
        }

    def find(self, call: Call) -> dict[str, Any]:
        """Return the configuration that a call names. Raise ApiError if there is none."""
        return self._configurations[self._known(call)]

    def _create(self, call: Call) -> dict[str, Any]:
        name = call["EndpointConfigName"]
        identity = arn(call.place, _KIND, name)
        if (call.place, name) in self._configurations:
            raise invalid(f'Cannot create already existing endpoint configuration "{identity}".')
        if unsupported := [key for key in _NOT_EMULATED if call.get(key)]:
            raise invalid(f"{unsupported[0]} isn't emulated.")
        variants = call["ProductionVariants"]
        if len(variants) != 1:
            raise invalid("Only endpoints with one production variant are emulated.")
        self._validate(call, variants[0])
        described = {key: value for key, value in call.parameters.items() if key != "Tags"}
        variant = {"InitialVariantWeight": 1.0, **variants[0]}
        self._configurations[call.place, name] = {
            **described,
            "CreationTime": now(),
            "EndpointConfigArn": identity,
            "ProductionVariants": [variant],
        }
        self._tags.put(identity, call.get("Tags", []))
        return {"EndpointConfigArn": identity}

    def _validate(self, call: Call, variant: Mapping[str, Any]) -> None:
        """Raise ApiError for a variant without a model or without a capacity."""
        model = self._models.find(call.place, variant["ModelName"])
        is_serverless = "ServerlessConfig" in variant
        if is_serverless == ("InstanceType" in variant):
            raise invalid("A variant must have one of ServerlessConfig and InstanceType.")
        if is_serverless and (model["EnableNetworkIsolation"] or "VpcConfig" in model):
            raise invalid(
                "Serverless endpoints support neither network isolation nor a VpcConfig: "
                f"{model['ModelArn']}"
            )
        if is_serverless and call.get("DataCaptureConfig", {}).get("EnableCapture"):
            raise invalid("Serverless endpoints don't support DataCaptureConfig.")

    def _delete(self, call: Call) -> dict[str, Any]:
        self._tags.forget(self._configurations.pop(self._known(call))["EndpointConfigArn"])
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        part = call.get("NameContains", "").lower()
        found = [
            {key: configuration[key] for key in _LISTED}
            for (place, name), configuration in self._configurations.items()
            if place == call.place and part in name.lower()
        ]
        key = "EndpointConfigName" if call.get("SortBy") == "Name" else "CreationTime"
        items = sorted_items(between(found, call, "CreationTime"), call, lambda item: item[key])
        return page(items, call, "EndpointConfigs")

    def _known(self, call: Call) -> tuple[Place, str]:
        key = (call.place, call["EndpointConfigName"])
        if key not in self._configurations:
            identity = arn(call.place, _KIND, key[1])
            raise invalid(f'Could not find endpoint configuration "{identity}".')
        return key
