"""Images and instances of jobs: one instance with scikit-learn or XGBoost, or a Spark cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline_steps.context import Context
from pipeline_steps.parameters import Parameters
from pipeline_steps.sdk import image_uris

_SCIKIT_LEARN_VERSION = "1.4-2-py312"
_XGBOOST_VERSION = "3.0-5"
VOLUME_GB = 30
# Each instance holds the whole dataset and the spilled data of its tasks.
_SPARK_VOLUME_GB = 100
# Spark 3.5.6, Java 17, Python 3.12. In older images, `python3` is Python 3.9.
_SPARK_VERSION, _SPARK_PYTHON, _SPARK_IMAGE_VERSION = "3.5", "py312", "v1.3"


@dataclass(frozen=True)
class JobResources:
    """An image, and the number, type and volume size of the instances that run it."""

    image_uri: str
    instance_type: Any
    instance_count: Any
    volume_gb: int


def sklearn_instance(context: Context[Any]) -> JobResources:
    """Return one instance with the scikit-learn image."""
    image = image_uris.retrieve(
        "sklearn",
        context.settings.region,
        version=_SCIKIT_LEARN_VERSION,
        image_scope="training",
    )
    return JobResources(image, context.parameters.processing_instance_type, 1, VOLUME_GB)


def xgboost_instance(context: Context[Any]) -> JobResources:
    """Return one instance with the XGBoost image, for jobs that read the model or plot.

    The image contains matplotlib. Source: requirements.txt of
    github.com/aws/sagemaker-xgboost-container, tag v3.0-5.
    """
    image, kind = xgboost_image(context), context.parameters.processing_instance_type
    return JobResources(image, kind, 1, VOLUME_GB)


def xgboost_image(context: Context[Any]) -> str:
    """Return the URI of the built-in XGBoost image, which trains and serves."""
    image: str = image_uris.retrieve("xgboost", context.settings.region, version=_XGBOOST_VERSION)
    return image


def spark_cluster(context: Context[Parameters]) -> JobResources:
    """Return a Spark cluster. Its instances communicate, which network isolation forbids."""
    image = image_uris.retrieve(
        "spark",
        context.settings.region,
        version=_SPARK_VERSION,
        py_version=_SPARK_PYTHON,
        container_version=_SPARK_IMAGE_VERSION,
    )
    parameters = context.parameters
    return JobResources(
        image,
        parameters.spark_instance_type,
        parameters.spark_instance_count,
        _SPARK_VOLUME_GB,
    )
