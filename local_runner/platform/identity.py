"""The pipeline, account and region that an execution's ARNs name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """A pipeline's name, region and account; the defaults are those of local executions.

    >>> Identity().arn("training-job", "pipelines-1-train")
    'arn:aws:sagemaker:local-1:000000000000:training-job/pipelines-1-train'
    """

    pipeline: str = "local"
    region: str = "local-1"
    account: str = "000000000000"

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a SageMaker resource."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name}"


LOCAL = Identity()
"""The identity of local executions; its ARNs can't be mistaken for AWS's."""
