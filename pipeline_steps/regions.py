"""AWS's regions, and what they lack of what this project deploys, as of November 2026.

Sources, with which the tests compare the tables: the copy of CloudFormation's registry in cfn-lint
1.58 and the images that the SageMaker Python SDK knows.
"""

from __future__ import annotations

REGIONS = frozenset(
    "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 "
    "ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 "
    "ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 cn-north-1 cn-northwest-1 eu-central-1 "
    "eu-central-2 eu-isoe-west-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 "
    "eusc-de-east-1 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 "
    "us-east-2 us-gov-east-1 us-gov-west-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 "
    "us-isob-west-1 us-isof-east-1 us-isof-south-1 us-west-1 us-west-2".split()
)
WITHOUT_IMAGES = frozenset(
    "ap-east-2 ap-southeast-5 ap-southeast-6 ap-southeast-7 eu-isoe-west-1 eusc-de-east-1 "
    "mx-central-1 us-iso-west-1 us-isob-west-1".split()
)
"""Regions without AWS's images of XGBoost and scikit-learn."""
WITHOUT_SPARK = frozenset(
    "us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 us-isof-east-1 "
    "us-isof-south-1".split()
)
"""Regions without SageMaker's Spark image."""
WITHOUT_MODEL_REGISTRY = frozenset(
    "ap-east-2 ap-south-2 ap-southeast-4 ap-southeast-6 cn-north-1 cn-northwest-1 "
    "us-gov-east-1".split()
)
"""Regions without AWS::SageMaker::ModelPackageGroup."""
WITHOUT_BUDGETS = frozenset(
    "af-south-1 ap-east-1 ap-east-2 ap-northeast-3 ap-south-2 ap-southeast-3 ap-southeast-4 "
    "ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-west-1 eu-central-2 eu-north-1 eu-south-1 "
    "eu-south-2 il-central-1 me-central-1 mx-central-1 us-gov-east-1 us-gov-west-1".split()
)
"""Regions without AWS::Budgets::Budget."""
WITHOUT_CHATBOT = frozenset("cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1".split())
"""Regions without AWS::Chatbot."""

PARTITIONS = ("aws", "aws-us-gov")
"""Partitions whose endpoints and console links the templates have."""

_PARTITIONS = {
    "cn-": "aws-cn",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
}


def partition(region: str) -> str:
    """Return the partition of a region, the second part of its ARNs.

    >>> partition("eu-west-1"), partition("us-gov-west-1")
    ('aws', 'aws-us-gov')
    """
    found = (name for prefix, name in _PARTITIONS.items() if region.startswith(prefix))
    return next(found, "aws")
