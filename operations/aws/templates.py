"""The template of a deployed stack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from operations.aws.client import Deployment, connected
from operations.aws.pipelines import missing
from operations.errors import CliError


def deployed_template(environment: str, region: str | None) -> tuple[str, Mapping[str, Any]]:
    """The name of the environment's stack, and its template. Raises CliError or UsageError."""
    with connected(environment, region) as deployment:
        body = _body(deployment)
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            raise CliError(
                f"the template of {deployment.name} isn't JSON, as the CDK writes it"
            ) from None
    return deployment.name, body


def _body(deployment: Deployment) -> Any:
    """The template; botocore has read it already, if it is JSON."""
    try:
        answer = deployment.client("cloudformation").get_template(StackName=deployment.name)
    except ClientError as error:
        # CloudFormation has no code of its own for a stack that isn't there.
        if "does not exist" not in str(error):
            raise
        raise CliError(missing(deployment)) from None
    return answer["TemplateBody"]
