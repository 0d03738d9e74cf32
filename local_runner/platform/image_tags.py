"""The tags of AWS's images that have a local emulation, and the versions that run here instead.

Source: image_uri_config/{xgboost,sklearn,spark}.json of sagemaker-core 2.27.0 (SageMaker Python SDK
3.27.0), read on 2026-11-29. Tags with and without the optional suffixes are accepted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class ImageTags:
    """The tags of one repository.

    tags: as the SDK names them, oldest first. optional: a pattern of what may end a tag.
    package: the Python package whose version runs here. major: the major version of that package.
    """

    tags: tuple[str, ...]
    optional: str
    package: str
    major: str

    def version(self, tag: str) -> str | None:
        """Return the tag without its optional end; None if AWS has no such tag."""
        version = self._without_end(tag)
        return version if version in map(self._without_end, self.tags) else None

    def _without_end(self, tag: str) -> str:
        return re.sub(rf"({self.optional})\Z", "", tag)


IMAGE_TAGS = {
    "sagemaker-scikit-learn": ImageTags(
        (
            *("0.20.0-cpu-py3", "0.23-1-cpu-py3", "1.0-1-cpu-py3", "1.2-1-cpu-py3"),
            *("1.4-2-cpu-py3", "1.4-2-py312-cpu-py3", "1.9-0-cpu-py3"),
        ),
        "-cpu-py3",
        "scikit-learn",
        "1",
    ),
    "sagemaker-spark-processing": ImageTags(
        (
            *("2.4-cpu-py37-v1", "3.0-cpu-py37-v1", "3.1-cpu-py37-v1", "3.2-cpu-py39-v1"),
            *("3.3-cpu-py39-v1", "3.5-cpu-py39-v1", "3.5-cpu-py312-v1"),
            *("2.4-cpu", "3.0-cpu", "3.1-cpu", "3.2-cpu", "3.3-cpu", "3.5-cpu"),
        ),
        r"(?<=-v1)(\.\d+)+",
        "pyspark",
        "3",
    ),
    "sagemaker-xgboost": ImageTags(
        (
            *("0.90-1-cpu-py3", "0.90-2-cpu-py3", "1.0-1-cpu-py3", "1.2-1", "1.2-2", "1.3-1"),
            *("1.5-1", "1.7-1", "3.0-5", "3.2-0"),
        ),
        "-[cg]pu-py3",
        "xgboost",
        "3",
    ),
}
