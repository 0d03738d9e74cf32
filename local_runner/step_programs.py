"""The images and programs of a step's arguments: what this machine must be able to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from local_runner.definition.model import Json
from local_runner.function_steps import calls_function, function_step_refusals
from local_runner.jobs.script_mode import CHANNELS, is_script_mode, source_faults
from local_runner.jobs.serving import refusal, serving_refusals
from local_runner.platform.image_tags import IMAGE_TAGS
from local_runner.platform.images import (
    image_name,
    require_emulation,
    require_entry_point,
    require_training,
    version_note,
)
from local_runner.platform.programs import require_program

_ENTRY_POINT = "ContainerEntrypoint"
_PROCESSING, _TRAINING = "AppSpecification", "AlgorithmSpecification"
_SERVING = "PrimaryContainer"
_PROGRAMS = ((_PROCESSING, "ImageUri"), (_TRAINING, "TrainingImage"))
_IMAGES = (*_PROGRAMS, (_SERVING, "Image"))


def program_refusals(arguments: Mapping[str, Json]) -> Iterator[str]:
    """Yield a message for each image or program that can't run here.

    arguments: with the parameters' values. The image of a model version is known only when its
    model is created.
    """
    for parent, key in _PROGRAMS:
        specification = arguments.get(parent, {})
        if not isinstance(specification, Mapping):
            yield f"{parent} must be a JSON object"
            continue
        program = specification.get(_ENTRY_POINT)
        if isinstance(program, (list, tuple)):
            yield from refusal(partial(require_program, program))
        if isinstance(image := specification.get(key), str):
            is_script = parent == _TRAINING and is_script_mode(arguments) and not program
            if is_script:
                yield from source_faults(arguments, CHANNELS)
            if calls_function(arguments):
                continue
            if program or is_script:
                yield from refusal(partial(require_emulation, image))
            elif parent == _PROCESSING:
                yield from refusal(partial(require_entry_point, image))
            else:
                yield from refusal(partial(require_training, image))
    yield from function_step_refusals(arguments)
    for container in (arguments.get(_SERVING), *(arguments.get("Containers") or ())):
        if isinstance(container, Mapping):
            yield from serving_refusals(container)


def version_notes(arguments: Mapping[str, Json]) -> Iterator[str]:
    """Yield what runs instead of each image: another major version, or this environment."""
    for parent, key in _IMAGES:
        specification = arguments.get(parent)
        image = specification.get(key) if isinstance(specification, Mapping) else None
        if not isinstance(image, str):
            continue
        if note := version_note(image):
            yield note
        is_function = parent == _TRAINING and calls_function(arguments)
        if is_function and image_name(image) not in IMAGE_TAGS:
            yield f"the function runs in this environment instead of the image {image}"
