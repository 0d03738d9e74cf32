"""CreateModel: an image and a model archive under a name."""

from __future__ import annotations

import json

from local_runner.errors import JobFailed
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.json_file import write_json_atomically


def run(arguments: Arguments, context: JobContext) -> Properties:
    """Checks that the model archive is there; the model is nothing but its description."""
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
