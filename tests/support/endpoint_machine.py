"""The state machine that deploys versions to an endpoint, without the CDK."""

from __future__ import annotations

import json
from typing import Any

from infra.endpoint.machine.definition import definition
from infra.endpoint.names import EndpointNames
from infra.endpoint.requests import Requests
from infra.settings import environments
from tests.support.hosting import GROUP

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def requests_of(**given: Any) -> Requests:
    """Return the requests of an environment with these settings."""
    values = {"region": "us-east-1", "endpoint": {"serverless": {}}, **given}
    [settings] = environments({"dev": values})
    return Requests(
        settings=settings,
        names=EndpointNames(settings.resource_name),
        role_arn="arn:aws:iam::123456789012:role/serving",
        captured_uri="s3://bucket/captured/",
        key_arn=KEY if settings.customer_key else None,
    )


def machine_of(**given: Any) -> str:
    """Return the state machine of an environment with these settings."""
    written = definition(requests_of(**given), group=GROUP)
    return json.dumps(written).replace("${Partition}", "aws")
