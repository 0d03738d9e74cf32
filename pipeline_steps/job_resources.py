"""What jobs run on: one machine with scikit-learn or XGBoost, or a Spark cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline_steps.context import Context
from pipeline_steps.parameters import Parameters
from pipeline_steps.sdk import image_uris

_SCIKIT_LEARN_VERSION = "1.4-2-py312"
_XGBOOST_VERSION = "3.0-5"
_VOLUME_GB = 30
# Spark 3.5.6, Java 17, Python 3.12. In older images `python3` is another Python, 3.9.
_SPARK_VERSION, _SPARK_PYTHON, _SPARK_IMAGE_VERSION = "3.5", "py312", "v1.3"


@dataclass(frozen=True)
class Machines:
    """An image, and how many machines of which type run it, with how large a volume each."""

    image_uri: str
    instance_type: Any
    instance_count: Any
    volume_gb: int


def one_machine(context: Context[Any]) -> Machines:
    """Python with scikit-learn; needs no network."""
    image = image_uris.retrieve(
        "sklearn",
        context.settings.region,
        version=_SCIKIT_LEARN_VERSION,
        image_scope="training",
    )
    return Machines(image, context.parameters.processing_instance_type, 1, _VOLUME_GB)


def machine_with_xgboost(context: Context[Any]) -> Machines:
    """The image that trains and serves, for a job that reads the model or draws: it has matplotlib.

    Source: requirements.txt of github.com/aws/sagemaker-xgboost-container, tag v3.0-5.
    """
    image, kind = xgboost_image(context), context.parameters.processing_instance_type
    return Machines(image, kind, 1, _VOLUME_GB)


def xgboost_image(context: Context[Any]) -> str:
    """The built-in XGBoost."""
    image: str = image_uris.retrieve("xgboost", context.settings.region, version=_XGBOOST_VERSION)
    return image


def spark_cluster(context: Context[Parameters]) -> Machines:
    """Spark, whose hosts speak to each other: never in network isolation."""
    image = image_uris.retrieve(
        "spark",
        context.settings.region,
        version=_SPARK_VERSION,
        py_version=_SPARK_PYTHON,
        container_version=_SPARK_IMAGE_VERSION,
    )
    parameters = context.parameters
    # Each host holds the whole dataset, and what its share of the work spills.
    return Machines(image, parameters.spark_instance_type, parameters.spark_instance_count, 100)
