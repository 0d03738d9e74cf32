"""CreateModel: an image and a model archive under a name, as given or as a version has them."""

from __future__ import annotations

import json

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.platform.images import insist_runnable
from local_runner.platform.json_file import write_json_atomically

_OF_VERSION = ("Image", "ModelDataUrl")


def run(arguments: Arguments, context: JobContext) -> Properties:
    """Checks that the model archive is there; the model is nothing but its description."""
    package = package_of(arguments)
    if package is not None:
        arguments = filled(arguments, _registered(package, context))
        insist_runnable(container_of(arguments)["Image"])
    insist_archive(container_of(arguments), context)
    described = {**arguments, "ModelArn": context.arn("model"), "ModelName": context.name}
    write_json_atomically(context.models / f"{context.name}.json", described)
    return described


def describe(name: str, context: JobContext) -> Properties:
    """The model called ``name``. Raises JobFailed if there is none."""
    try:
        described: Properties = json.loads((context.models / f"{name}.json").read_text("utf-8"))
    except FileNotFoundError:
        raise JobFailed(f"ClientError: there is no model {name!r}") from None
    return described


def insist_archive(container: Arguments, context: JobContext) -> None:
    """Raises JobFailed if the container's model archive doesn't exist."""
    if not context.store.exists(container["ModelDataUrl"]):
        raise JobFailed(f"ClientError: no model archive at {container['ModelDataUrl']}")


def container_of(model: Arguments) -> Arguments:
    """The one container of a model. Raises JobFailed for an inference pipeline of several."""
    containers = [model["PrimaryContainer"]] if "PrimaryContainer" in model else None
    containers = containers or list(model.get("Containers", ()))
    if len(containers) != 1:
        raise JobFailed(f"ClientError: a local model has one container, not {len(containers)}")
    container: Arguments = containers[0]
    return container


def package_of(model: Arguments) -> str | None:
    """The ARN of the version that the model is made of; None where it is given part by part."""
    container = container_of(model)
    if "ModelPackageName" not in container:
        return None
    if given := [key for key in _OF_VERSION if key in container]:
        raise JobFailed(f"ClientError: a model of a version takes its {given[0]} from there")
    return str(container["ModelPackageName"])


def filled(model: Arguments, package: Arguments) -> Arguments:
    """The model with the image, archive and environment of a version, as it is described."""
    of_version = container_of(package["InferenceSpecification"])
    return {**model, "PrimaryContainer": {**of_version, **container_of(model)}}


def _registered(package: str, context: JobContext) -> Properties:
    """The version of this ARN. Raises JobFailed if there is none."""
    try:
        described = context.registry.describe(package)
    except ValueError as error:
        raise JobFailed(f"ClientError: {error}") from None
    if described is None:
        raise JobFailed(f"ClientError: ModelPackage {package} does not exist")
    return described
