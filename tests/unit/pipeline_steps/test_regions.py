"""The tables of regions agree with AWS's data in the installed packages."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest

from pipeline_steps.regions import REGIONS, WITHOUT_IMAGES, WITHOUT_SPARK, partition
from pipeline_steps.steps import job_resources


def _without(resources: Callable[[Any], object]) -> set[str]:
    """Return the regions for which the SDK has no image."""
    found = set()
    parameters = SimpleNamespace(
        processing_instance_type="", spark_instance_type="", spark_instance_count=1
    )
    for region in REGIONS:
        settings = SimpleNamespace(region=region)
        try:
            resources(SimpleNamespace(settings=settings, parameters=parameters))
        except ValueError:
            found.add(region)
    return found


def test_partition_is_that_of_botocore() -> None:
    session = botocore.session.get_session()
    expected = {region: session.get_partition_for_region(region) for region in REGIONS}
    assert {region: partition(region) for region in REGIONS} == expected


@pytest.mark.parametrize(
    ("resources", "regions"),
    [
        pytest.param(job_resources.xgboost_instance, WITHOUT_IMAGES, id="xgboost"),
        pytest.param(job_resources.sklearn_instance, WITHOUT_IMAGES, id="scikit-learn"),
        pytest.param(job_resources.spark_cluster, WITHOUT_SPARK, id="spark"),
    ],
)
def test_regions_without_an_image_are_those_of_the_sdk(
    resources: Callable[[Any], object], regions: frozenset[str]
) -> None:
    assert _without(resources) == regions
