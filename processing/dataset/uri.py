"""URIs of datasets."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit, urlunsplit


def public_uri(uri: str) -> str:
    """Return a URI without user name, password, query and fragment; of a local file only the name.

    The query of a presigned URL is a credential.

    >>> public_uri("https://user:secret@host:8080/reviews.csv?X-Amz-Signature=abc#top")
    'https://host:8080/reviews.csv'
    >>> public_uri("file:///home/me/datasets/0123456789abcdef/my%20reviews.csv")
    'my reviews.csv'
    >>> public_uri("s3://bucket/raw/a?b.csv")
    's3://bucket/raw/a?b.csv'
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    if parts.scheme == "s3":  # a key may hold "?" and "#"
        return uri
    if parts.scheme == "file":
        return PurePosixPath(unquote(parts.path)).name
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
