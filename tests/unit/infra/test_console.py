"""Links to the console: the stack and the command ``sentiment`` give the same ones."""

from __future__ import annotations

import pytest

from infra.console import studio_url
from operations.aws import pipelines
from operations.aws.client import Deployment


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("eu-central-1", "console.aws.amazon.com"),
        ("cn-northwest-1", "console.amazonaws.cn"),
        ("us-gov-east-1", "console.amazonaws-us-gov.com"),
        ("eusc-de-east-1", "console.amazonaws-eusc.eu"),
    ],
)
def test_link_to_studio_fits_the_partition_of_the_region(region: str, domain: str) -> None:
    url = f"https://{region}.{domain}/sagemaker/home?region={region}#/studio-landing"
    assert studio_url(region) == url
    assert pipelines.studio_url(Deployment.of("dev", region)) == url


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("region", ["xx-east-1", "us-iso-east-1"])
def test_link_of_an_unknown_console_uses_the_default_partition(region: str) -> None:
    url = studio_url(region)
    assert url.startswith(f"https://{region}.console.aws.amazon.com/")
    assert pipelines.studio_url(Deployment.of("dev", region)) == url
