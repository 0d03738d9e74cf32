"""Endpoints: created and updated in the background, while the server before still answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from emulator.clients import Clients, Place
from emulator.hosting.configurations import Configurations
from emulator.hosting.servers import Fleet, start_fleet
from emulator.pages import between, page, sorted_items
from emulator.sagemaker.models import Models
from emulator.sagemaker.names import arn, now
from emulator.sagemaker.tags import Tags
from emulator.service import ApiError, Call, Handler, invalid
from local_runner.errors import ServingError

_LISTED = ("CreationTime", "EndpointArn", "EndpointName", "EndpointStatus", "LastModifiedTime")
_CHANGING = ("Creating", "Updating", "Deleting")


@dataclass
class _Endpoint:
    """An endpoint. configuration: that of its fleet, or of the creation that has failed."""

    place: Place
    name: str
    configuration: Mapping[str, Any]
    status: str = "Creating"
    created: datetime = field(default_factory=now)
    modified: datetime = field(default_factory=now)
    reason: str | None = None
    fleet: Fleet | None = None
    deployment: Mapping[str, Any] | None = None

    @property
    def variant(self) -> Mapping[str, Any]:
        """The only variant."""
        found: Mapping[str, Any] = self.configuration["ProductionVariants"][0]
        return found

    def described(self) -> dict[str, Any]:
        """Return what DescribeEndpoint does."""
        count, weight = self.variant.get("InitialInstanceCount"), 1.0
        return {
            "CreationTime": self.created,
            "EndpointArn": arn(self.place, "endpoint", self.name),
            "EndpointConfigName": self.configuration["EndpointConfigName"],
            "EndpointName": self.name,
            "EndpointStatus": self.status,
            "FailureReason": self.reason,
            "LastDeploymentConfig": self.deployment,
            "LastModifiedTime": self.modified,
            "ProductionVariants": [
                {
                    "VariantName": self.variant["VariantName"],
                    "CurrentWeight": weight,
                    "DesiredWeight": weight,
                    "CurrentInstanceCount": count,
                    "DesiredInstanceCount": count,
                    "CurrentServerlessConfig": self.variant.get("ServerlessConfig"),
                }
            ],
        }


class Endpoints:
    """The endpoints of every account and region.

    The lock guards them: their background threads change them, and requests read them.
    """

    def __init__(
        self, clients: Clients, tags: Tags, models: Models, configurations: Configurations
    ) -> None:
        self._clients = clients
        self._tags = tags
        self._models = models
        self._configurations = configurations
        self._endpoints: dict[tuple[Place, str], _Endpoint] = {}
        self._lock = threading.RLock()

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            "CreateEndpoint": self._create,
            "DeleteEndpoint": self._delete,
            "DescribeEndpoint": lambda call: self._known(call).described(),
            "ListEndpoints": self._list,
            "UpdateEndpoint": self._update,
        }

    @contextmanager
    def serving(self, place: Place, name: str) -> Iterator[tuple[Fleet, str]]:
        """Yield an endpoint's fleet and its variant.

        The server doesn't stop before the end of the block. Raise ApiError if there is none.
        """
        with self._lock:
            endpoint = self._endpoints.get((place, name))
            fleet = endpoint.fleet if endpoint and endpoint.status != "Deleting" else None
            if endpoint is None or fleet is None:
                raise ApiError(
                    "ValidationError", f"Endpoint {name} of account {place.account} not found."
                )
            if not fleet.begin():
                raise ApiError("ThrottlingException", "Rate exceeded")
        try:
            yield fleet, endpoint.variant["VariantName"]
        finally:
            fleet.done()

    def close(self) -> None:
        """Stop every server."""
        with self._lock:
            endpoints = list(self._endpoints.values())
            self._endpoints.clear()
            fleets = [endpoint.fleet for endpoint in endpoints if endpoint.fleet]
        for fleet in fleets:
            fleet.stop()

    def _create(self, call: Call) -> dict[str, Any]:
        key = (call.place, call["EndpointName"])
        identity = arn(call.place, "endpoint", key[1])
        with self._lock:
            if key in self._endpoints:
                raise invalid(f'Cannot create already existing endpoint "{identity}".')
            configuration = self._configurations.find(call)
            endpoint = _Endpoint(*key, configuration, deployment=call.get("DeploymentConfig"))
            self._endpoints[key] = endpoint
            self._tags.put(identity, call.get("Tags", []))
            self._start(endpoint, configuration)
        return {"EndpointArn": identity}

    def _update(self, call: Call) -> dict[str, Any]:
        with self._lock:
            endpoint = self._stable(call)
            if endpoint.status == "Failed":
                raise invalid(f"Cannot update failed endpoint {endpoint.name}.")
            configuration = self._configurations.find(call)
            is_serverless = "ServerlessConfig" in configuration["ProductionVariants"][0]
            if is_serverless != ("ServerlessConfig" in endpoint.variant):
                raise invalid("Cannot update between serverless and instance-based variants.")
            endpoint.status, endpoint.reason, endpoint.modified = "Updating", None, now()
            endpoint.deployment = call.get("DeploymentConfig")
            self._start(endpoint, configuration)
        return {"EndpointArn": arn(call.place, "endpoint", endpoint.name)}

    def _delete(self, call: Call) -> dict[str, Any]:
        with self._lock:
            endpoint = self._stable(call)
            endpoint.status, endpoint.modified = "Deleting", now()
        threading.Thread(target=self._end, args=(endpoint,), daemon=True).start()
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        part, status = call.get("NameContains", "").lower(), call.get("StatusEquals")
        with self._lock:
            listed = [
                {key: value for key, value in endpoint.described().items() if key in _LISTED}
                for (place, name), endpoint in self._endpoints.items()
                if place == call.place and part in name.lower()
            ]
        found = [item for item in listed if status in (None, item["EndpointStatus"])]
        key = {"Name": "EndpointName", "Status": "EndpointStatus"}.get(
            call.get("SortBy", ""), "CreationTime"
        )
        items = sorted_items(between(found, call, "CreationTime"), call, lambda item: item[key])
        return page(items, call, "Endpoints")

    def _start(self, endpoint: _Endpoint, configuration: Mapping[str, Any]) -> None:
        """Start the servers of a configuration in the background."""
        variant = configuration["ProductionVariants"][0]
        container = self._models.container(endpoint.place, variant["ModelName"])
        threading.Thread(
            target=self._deploy, args=(endpoint, configuration, container), daemon=True
        ).start()

    def _deploy(
        self, endpoint: _Endpoint, configuration: Mapping[str, Any], container: Mapping[str, Any]
    ) -> None:
        """Start a server, and replace the one before when it is ready."""
        variant, fleet, reason = configuration["ProductionVariants"][0], None, None
        try:
            fleet = start_fleet(
                self._clients, endpoint.place, endpoint.name, variant, dict(container)
            )
            fleet.server.wait_until_ready()
            reason = self._alarm(endpoint)
        except ServingError as error:
            reason = (
                f"The primary container for production variant {variant['VariantName']} did not "
                f"pass the ping health check ({error}). Please check CloudWatch logs for this "
                "endpoint."
            )
        except Exception as error:
            reason = f"Request to service failed: {type(error).__name__}: {error}"
        unused = fleet
        with self._lock:
            if reason is None and (endpoint.place, endpoint.name) in self._endpoints:
                unused, endpoint.fleet = endpoint.fleet, fleet
                endpoint.configuration = configuration
            endpoint.reason, endpoint.modified = reason, now()
            endpoint.status = "InService" if endpoint.fleet else "Failed"
        if unused:
            unused.end()

    def _alarm(self, endpoint: _Endpoint) -> str | None:
        """Return why an update is rolled back: one of its alarms is in the state ALARM."""
        rollback = (endpoint.deployment or {}).get("AutoRollbackConfiguration", {})
        names = [alarm["AlarmName"] for alarm in rollback.get("Alarms", ())]
        if not names or endpoint.fleet is None:
            return None
        cloudwatch = self._clients("cloudwatch", endpoint.place)
        found = cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
        # moto ignores the request's StateValue beside names
        raised = ", ".join(
            sorted(alarm["AlarmName"] for alarm in found if alarm["StateValue"] == "ALARM")
        )
        return f"The update was rolled back because of alarms: {raised}" if raised else None

    def _end(self, endpoint: _Endpoint) -> None:
        """End a deleted endpoint after its requests."""
        if endpoint.fleet:
            endpoint.fleet.end()
        with self._lock:
            self._endpoints.pop((endpoint.place, endpoint.name), None)
            self._tags.forget(arn(endpoint.place, "endpoint", endpoint.name))

    def _known(self, call: Call) -> _Endpoint:
        with self._lock:
            found = self._endpoints.get((call.place, call["EndpointName"]))
        if found is None:
            identity = arn(call.place, "endpoint", call["EndpointName"])
            raise invalid(f'Could not find endpoint "{identity}".')
        return found

    def _stable(self, call: Call) -> _Endpoint:
        """Return an endpoint that isn't being changed. Raise ApiError otherwise."""
        endpoint = self._known(call)
        if endpoint.status in _CHANGING:
            identity = arn(call.place, "endpoint", endpoint.name)
            raise invalid(f'Cannot update in-progress endpoint "{identity}".')
        return endpoint
