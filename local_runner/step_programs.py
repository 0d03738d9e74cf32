"""The images and programs of a step's arguments: what this machine must be able to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from local_runner.definition.model import Json
from local_runner.errors import DefinitionError
from local_runner.jobs.script_mode import is_script_mode
from local_runner.platform.images import (
    require_emulation,
    require_entry_point,
    require_serving,
    require_training,
    version_note,
)
from local_runner.platform.programs import require_program

_ENTRY_POINT = "ContainerEntrypoint"
_PROCESSING, _TRAINING = "AppSpecification", "AlgorithmSpecification"
_SERVING = "PrimaryContainer"
_IMAGES = ((_PROCESSING, "ImageUri"), (_TRAINING, "TrainingImage"), (_SERVING, "Image"))


def program_refusals(arguments: Mapping[str, Json]) -> Iterator[str]:
    """Yield a message for each image or program that can't run here.

    arguments: with the parameters' values. The image of a model version is known only when its
    model is created.
    """
    for parent, key in _IMAGES:
        specification = arguments.get(parent, {})
        if not isinstance(specification, Mapping):
            yield f"{parent} must be a JSON object"
            continue
        program = specification.get(_ENTRY_POINT)
        if isinstance(program, (list, tuple)):
            yield from _refusal(partial(require_program, program))
        if isinstance(image := specification.get(key), str):
            is_script = is_script_mode(arguments if parent == _TRAINING else specification)
            if is_script and parent == _SERVING:
                yield (
                    "script mode isn't supported for serving in local runs; "
                    "run the step on AWS, or score in a processing job"
                )
            elif parent == _PROCESSING and not program:
                yield from _refusal(partial(require_entry_point, image))
            elif program or is_script:
                yield from _refusal(partial(require_emulation, image))
            elif parent == _SERVING:
                yield from _refusal(partial(require_serving, image))
            else:
                yield from _refusal(partial(require_training, image))


def version_notes(arguments: Mapping[str, Json]) -> Iterator[str]:
    """Yield which version runs instead of each image of another major version."""
    for parent, key in _IMAGES:
        specification = arguments.get(parent)
        image = specification.get(key) if isinstance(specification, Mapping) else None
        if isinstance(image, str) and (note := version_note(image)):
            yield note


def _refusal(require: Callable[[], None]) -> Iterator[str]:
    try:
        require()
    except DefinitionError as error:
        yield str(error)
