"""Local emulations of container images, by the name and tag of the image."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from local_runner.errors import DefinitionError
from local_runner.platform.image_tags import IMAGE_TAGS

PYTHON = (sys.executable,)

_COMMANDS: dict[str, tuple[str, ...]] = {
    "sagemaker-xgboost": (*PYTHON, "-m", "local_runner.algorithms.xgboost"),
}
FRAMEWORKS = ("sagemaker-scikit-learn", "sagemaker-xgboost")
"""Images that train and serve with the user's scripts."""
_ENTRY_POINTS: dict[str, tuple[str, ...]] = {"sagemaker-spark-processing": ("smspark-submit",)}


def image_name(image: str) -> str:
    """Return the repository name of an image URI.

    >>> image_name("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5")
    'sagemaker-xgboost'
    """
    return image.rsplit("/", 1)[-1].split(":", 1)[0].split("@", 1)[0]


def entry_point(image: str) -> tuple[str, ...]:
    """Return the image's own entry point; empty if it has none."""
    return _ENTRY_POINTS.get(image_name(image), ())


def emulation_command(image: str) -> tuple[str, ...]:
    """Return the program that runs the image's commands ``train`` and ``transform``."""
    version = image_version(image)
    return (*_COMMANDS[image_name(image)], *(("--image-version", version) if version else ()))


def image_version(image: str) -> str | None:
    """Return the version of an image with an emulation; None for a tag that AWS doesn't publish."""
    return IMAGE_TAGS[image_name(image)].version(_tag(image))


@cache
def emulations_version() -> str:
    """Return a hash of the code that emulates jobs and images, and of XGBoost's version."""
    # importlib.metadata would do, but takes 40 ms to import.
    library = find_spec("xgboost")
    assert library is not None
    assert library.origin is not None
    digest = hashlib.sha256(Path(library.origin).with_name("VERSION").read_bytes())
    package = Path(__file__).parents[1]
    for folder in ("algorithms", "jobs"):
        for path in sorted((package / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def require_emulation(image: str) -> None:
    """Raise DefinitionError if there is no local emulation of the image, by name and tag."""
    tags = IMAGE_TAGS.get(image_name(image))
    if tags is None:
        raise DefinitionError(
            f"local runs have no emulation of the image {image!r}; use one of "
            f"{', '.join(sorted(IMAGE_TAGS))}, or run the step on AWS"
        )
    tag = _tag(image)
    if tags.version(tag) is None:
        problem = f"AWS publishes no {image_name(image)}:{tag}" if tag else f"{image!r} has no tag"
        raise DefinitionError(f"{problem}; use one of the tags {', '.join(tags.tags)}")


def require_entry_point(image: str) -> None:
    """Raise DefinitionError if a job without ContainerEntrypoint can't run in the image here."""
    require_emulation(image)
    if not entry_point(image):
        raise DefinitionError(
            f"ContainerEntrypoint is missing, and the image {image!r} has no entry point of its own"
        )


def require_training(image: str) -> None:
    """Raise DefinitionError if the image has no algorithm that can be trained here."""
    require_emulation(image)
    if image_name(image) not in _COMMANDS:
        raise DefinitionError(
            f"the image {image_name(image)} has no algorithm of its own; train in script mode "
            f"(hyperparameter sagemaker_program), or use {' or '.join(_COMMANDS)}"
        )


def require_serving(image: str) -> None:
    """Raise DefinitionError if models can't be served with the image here."""
    require_emulation(image)
    if image_name(image) not in _COMMANDS:
        raise DefinitionError(
            f"the image {image_name(image)} serves only scripts; name one in Environment "
            "(SAGEMAKER_PROGRAM and SAGEMAKER_SUBMIT_DIRECTORY), or use "
            f"{' or '.join(_COMMANDS)}"
        )


def version_note(image: str) -> str | None:
    """Return which version runs instead of an image of another major version, or None."""
    tags = IMAGE_TAGS.get(image_name(image))
    version = tags.version(_tag(image)) if tags else None
    if tags is None or version is None or version.split(".")[0] == tags.major:
        return None
    # Imported late: takes 40 ms.
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed_version

    try:
        installed = installed_version(tags.package)
    except PackageNotFoundError:
        installed = tags.major
    return f"{image_name(image)}:{_tag(image)} runs as {tags.package} {installed}"


def _tag(image: str) -> str:
    return image.rsplit("/", 1)[-1].partition(":")[2].partition("@")[0]
