"""Links to the AWS console. The command ``sentiment`` prints the same ones."""

from __future__ import annotations

from pipeline_steps.regions import partition

_DOMAINS = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-eusc": "console.amazonaws-eusc.eu",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def studio_url(region: str) -> str:
    """Return the URL of SageMaker Studio's page in the console.

    Studio lists the pipelines; its own URL contains IDs of the account's domain and user profiles.
    """
    domain = _DOMAINS.get(partition(region), _DOMAINS["aws"])
    return f"https://{region}.{domain}/sagemaker/home?region={region}#/studio-landing"
