"""The tags of AWS's images that have a local emulation, and the versions that run here instead.

Source: image_uri_config/{xgboost,sklearn,spark}.json of sagemaker-core 2.27.0 (SageMaker Python SDK
3.27.0), read on 2026-11-29. Tags with and without the suffix ``-cpu-py3`` are accepted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class ImageTags:
    """The tags of one repository.

    versions: those of AWS, oldest first. suffix: a pattern of what may follow a version.
    package: the Python package whose version runs here. major: the major version of that package.
    """

    versions: tuple[str, ...]
    suffix: str
    package: str
    major: str

    def version(self, tag: str) -> str | None:
        """Return the version in a tag; None if AWS has no such tag."""
        for version in self.versions:
            if tag.startswith(version) and re.fullmatch(self.suffix, tag[len(version) :]):
                return version
        return None


IMAGE_TAGS = {
    "sagemaker-scikit-learn": ImageTags(
        ("0.20.0", "0.23-1", "1.0-1", "1.2-1", "1.4-2", "1.4-2-py312", "1.9-0"),
        r"(-cpu-py3)?",
        "scikit-learn",
        "1",
    ),
    "sagemaker-spark-processing": ImageTags(
        ("2.4", "3.0", "3.1", "3.2", "3.3", "3.5"), r"-cpu-py3\d+-v1(\.\d+)*", "pyspark", "3"
    ),
    "sagemaker-xgboost": ImageTags(
        (
            *("0.90-1", "0.90-2", "1.0-1", "1.2-1", "1.2-2", "1.3-1", "1.5-1", "1.7-1"),
            *("3.0-5", "3.2-0"),
        ),
        r"(-[cg]pu-py3)?",
        "xgboost",
        "3",
    ),
}
