"""Names of the endpoint and of what its deployments create."""

from __future__ import annotations

from dataclasses import dataclass

VARIANT = "AllTraffic"
"""The only variant of the endpoint; blue/green deployments require that it keeps its name."""

LOG_GROUPS = "/aws/sagemaker/Endpoints"
"""Where SageMaker logs; the group of each endpoint is below."""


@dataclass(frozen=True)
class EndpointNames:
    """Names that follow from the environment's.

    endpoint: of the live endpoint. Its models and configurations have the same names, with the
    version's number and a part of a UUID: sentiment-dev-v3-1a2b3c4d.
    """

    endpoint: str

    @property
    def candidate(self) -> str:
        """The endpoint on which a version is tried before it is live."""
        return f"{self.endpoint}-candidate"

    @property
    def both(self) -> tuple[str, str]:
        """Both endpoints."""
        return self.endpoint, self.candidate

    @property
    def resources(self) -> str:
        """The pattern of models and configurations."""
        return f"{self.endpoint}-v*"

    @property
    def state_machine(self) -> str:
        """The state machine that deploys."""
        return f"{self.endpoint}-deploy"

    @property
    def errors_alarm(self) -> str:
        """The alarm for answers with an error of the model."""
        return f"{self.endpoint}-endpoint-errors"

    @property
    def latency_alarm(self) -> str:
        """The alarm for slow answers."""
        return f"{self.endpoint}-endpoint-latency"

    @property
    def scalable(self) -> str:
        """The variant, as Application Auto Scaling names it."""
        return f"endpoint/{self.endpoint}/variant/{VARIANT}"
