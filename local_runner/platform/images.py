"""What stands on this machine for an image, by the name of its repository."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from local_runner.errors import DefinitionError

PYTHON = (sys.executable,)

_STAND_INS: dict[str, tuple[str, ...]] = {
    "sagemaker-scikit-learn": PYTHON,
    "sagemaker-spark-processing": PYTHON,
    "sagemaker-xgboost": (*PYTHON, "-m", "local_runner.algorithms.xgboost"),
}


def image_name(image: str) -> str:
    """The repository's name of an image URI.

    >>> image_name("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5")
    'sagemaker-xgboost'
    """
    return image.rsplit("/", 1)[-1].split(":", 1)[0].split("@", 1)[0]


def stand_in(image: str) -> tuple[str, ...]:
    """The program that stands for the image's own, as a command line."""
    return _STAND_INS[image_name(image)]


@cache
def stand_ins_version() -> str:
    """Changes with the stand-ins' code and with the library that they stand on."""
    # importlib.metadata knows the version too, and takes 40 ms to be imported.
    library = find_spec("xgboost")
    assert library is not None
    assert library.origin is not None
    digest = hashlib.sha256(Path(library.origin).with_name("VERSION").read_bytes())
    for path in sorted((Path(__file__).parents[1] / "algorithms").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def insist_runnable(image: str) -> None:
    """Raises DefinitionError if nothing here stands for the image."""
    if image_name(image) not in _STAND_INS:
        raise DefinitionError(
            f"nothing on this machine stands for the image {image!r}; "
            f"it has {', '.join(sorted(_STAND_INS))}"
        )
