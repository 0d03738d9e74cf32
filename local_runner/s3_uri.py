"""S3 URIs: ``s3://bucket/key``, and the web addresses that the API takes in their place."""

from __future__ import annotations

import re

_ENDPOINT = r"s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
_ADDRESS = re.compile(rf"https://(?:([^/]+)\.{_ENDPOINT}|{_ENDPOINT}/([^/]+))(?:/(.*))?")


def s3_uri(text: str) -> str:
    """Return the S3 URI of an object's web address; any other text as it is.

    >>> s3_uri("https://bucket.s3.eu-west-1.amazonaws.com/a/b.csv")
    's3://bucket/a/b.csv'
    >>> s3_uri("https://s3-us-east-1.amazonaws.com/bucket/a"), s3_uri("https://example.com/a")
    ('s3://bucket/a', 'https://example.com/a')
    """
    match = _ADDRESS.fullmatch(text)
    return f"s3://{match[1] or match[2]}/{match[3] or ''}" if match else text
