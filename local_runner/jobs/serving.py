"""The containers of models: whether they can serve here, and the command that does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from local_runner.definition.model import Json
from local_runner.errors import DefinitionError
from local_runner.jobs import script_mode
from local_runner.jobs.hosts import Hosts
from local_runner.platform.images import (
    FRAMEWORKS,
    image_name,
    require_emulation,
    require_serving,
)

_MODEL = "/opt/ml/model"


def serving_refusals(container: Mapping[str, Json]) -> Iterator[str]:
    """Yield a message for each part of a model's container with which it can't serve here.

    Values that are expressions, and those of model packages, aren't known yet and are left out.
    """
    image = container.get("Image")
    if not script_mode.is_script_mode(container):
        if isinstance(image, str):
            yield from refusal(partial(require_serving, image))
        if image is not None and "ModelDataUrl" not in container:
            yield "ModelDataUrl is missing"
        return
    if isinstance(image, str):
        yield from refusal(partial(require_emulation, image))
        if image_name(image) not in FRAMEWORKS:
            yield f"the image {image!r} serves no scripts; use one of {', '.join(FRAMEWORKS)}"
    yield from script_mode.source_faults(container, _MODEL)


def serving_command(container: Mapping[str, Json], hosts: Hosts) -> tuple[str, ...]:
    """Return the command that serves the container's model; of a script, fetch the source."""
    if not script_mode.is_script_mode(container):
        return ("transform",)
    script_mode.fetch_source(container, hosts)
    return (*script_mode.COMMAND, "transform", "--image", image_name(container["Image"]))


def refusal(require: Callable[[], None]) -> Iterator[str]:
    """Yield the message if what is required isn't there."""
    try:
        require()
    except DefinitionError as error:
        yield str(error)
