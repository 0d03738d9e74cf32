"""Names of pipeline parameters, derived from the names of Python fields."""

from __future__ import annotations


def parameter_name(field: str) -> str:
    """Return the name of the pipeline parameter that a field stands for.

    >>> parameter_name("artifacts_uri")
    'ArtifactsUri'
    """
    return "".join(word.capitalize() for word in field.split("_"))
