"""Which pipeline of which account and region an execution belongs to: what ARNs are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """A pipeline's name, region and account; the defaults are a local run's.

    >>> Identity().arn("training-job", "pipelines-1-train")
    'arn:aws:sagemaker:local-1:000000000000:training-job/pipelines-1-train'
    """

    pipeline: str = "local"
    region: str = "local-1"
    account: str = "000000000000"

    def arn(self, kind: str, name: str) -> str:
        """The ARN of something of SageMaker's."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name}"


LOCAL = Identity()
"""Of a local run; nobody can mistake its ARNs for AWS's."""
