"""Local emulations of container images, by the name of the image's repository."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from local_runner.errors import DefinitionError

PYTHON = (sys.executable,)

_EMULATIONS: dict[str, tuple[str, ...]] = {
    "sagemaker-scikit-learn": PYTHON,
    "sagemaker-spark-processing": PYTHON,
    "sagemaker-xgboost": (*PYTHON, "-m", "local_runner.algorithms.xgboost"),
}


def image_name(image: str) -> str:
    """Return the repository name of an image URI.

    >>> image_name("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5")
    'sagemaker-xgboost'
    """
    return image.rsplit("/", 1)[-1].split(":", 1)[0].split("@", 1)[0]


def emulation_command(image: str) -> tuple[str, ...]:
    """Return the command line that replaces the image's entry point."""
    return _EMULATIONS[image_name(image)]


@cache
def emulations_version() -> str:
    """Return a hash of the emulations' code and of the version of XGBoost they use."""
    # importlib.metadata would do, but takes 40 ms to import.
    library = find_spec("xgboost")
    assert library is not None
    assert library.origin is not None
    digest = hashlib.sha256(Path(library.origin).with_name("VERSION").read_bytes())
    for path in sorted((Path(__file__).parents[1] / "algorithms").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def require_emulation(image: str) -> None:
    """Raise DefinitionError if there is no local emulation of the image."""
    if image_name(image) not in _EMULATIONS:
        raise DefinitionError(
            f"there is no local emulation of the image {image!r}; "
            f"use one of {', '.join(sorted(_EMULATIONS))}"
        )
