"""CreateModel: an image and a model archive under a name, as given or from a model package."""

from __future__ import annotations

import json

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.jobs.description import now
from local_runner.jobs.limits import require_supported
from local_runner.jobs.serving import serving_refusals
from local_runner.platform.json_file import write_json_atomically

_FROM_PACKAGE = ("Image", "ModelDataUrl")


def create_model(arguments: Arguments, context: JobContext) -> Properties:
    """Store the model's description. Raise JobFailed if its archive doesn't exist."""
    require_supported("Model", arguments)
    arn = package_arn(arguments)
    if arn is not None:
        arguments = with_package(arguments, _package(arn, context))
    container = container_of(arguments)
    for message in serving_refusals(container):
        raise JobFailed(f"ClientError: {message}")
    if "ModelDataUrl" in container:
        require_model_archive(container, context)
    described = {
        **arguments,
        "CreationTime": now(),
        "ModelArn": context.arn("model"),
        "ModelName": context.name,
    }
    write_json_atomically(context.models / f"{context.name}.json", described)
    return described


def describe_model(name: str, context: JobContext) -> Properties:
    """Return the model with this name. Raise JobFailed if there is none."""
    try:
        described: Properties = json.loads((context.models / f"{name}.json").read_text("utf-8"))
    except FileNotFoundError:
        raise JobFailed(
            f"ClientError: there is no model {name!r}; use one that a Model step created in this "
            "work folder"
        ) from None
    return described


def require_model_archive(container: Arguments, context: JobContext) -> None:
    """Raise JobFailed if the container's model archive doesn't exist."""
    if not context.store.exists(container["ModelDataUrl"]):
        raise JobFailed(f"ClientError: no model archive at {container['ModelDataUrl']}")


def container_of(model: Arguments) -> Arguments:
    """Return the model's container. Raise JobFailed for an inference pipeline of several."""
    containers = [model["PrimaryContainer"]] if "PrimaryContainer" in model else None
    containers = containers or list(model.get("Containers", ()))
    if len(containers) != 1:
        raise JobFailed(
            f"ClientError: Containers: local models have one container, got {len(containers)}"
        )
    container: Arguments = containers[0]
    return container


def package_arn(model: Arguments) -> str | None:
    """Return the ARN of the model package that the model is created from; None if it has none."""
    container = container_of(model)
    if "ModelPackageName" not in container:
        return None
    if given := [key for key in _FROM_PACKAGE if key in container]:
        raise JobFailed(
            f"ClientError: {given[0]} can't be combined with ModelPackageName; remove one of them"
        )
    return str(container["ModelPackageName"])


def with_package(model: Arguments, package: Arguments) -> Arguments:
    """Return the model with the image, archive and environment of a described model package."""
    container = container_of(package["InferenceSpecification"])
    return {**model, "PrimaryContainer": {**container, **container_of(model)}}


def _package(arn: str, context: JobContext) -> Properties:
    try:
        package = context.registry.describe(arn)
    except ValueError as error:
        raise JobFailed(f"ClientError: {error}") from None
    if package is None:
        raise JobFailed(f"ClientError: ModelPackage {arn} does not exist")
    return package
