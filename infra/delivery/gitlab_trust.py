"""Trust in jobs of GitLab CI/CD: of one project, on its main branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from aws_cdk import aws_iam as iam

from infra.delivery.github_trust import AUDIENCE


@dataclass(frozen=True)
class GitLabTrust:
    """The identity provider and the project that trust policies refer to.

    The subject of a token is the project and the branch, whether the job is in a GitLab environment
    or not, and AWS evaluates no other claim of GitLab's. So GitLab alone enforces approvals.

    issuer: the address of the GitLab instance without ``https://``.
    """

    provider_arn: str
    issuer: str
    project: str
    service: ClassVar[str] = "GitLab"

    def jobs_in(self, _environment: str) -> iam.IPrincipal:
        """Return the jobs on main, among them those in a GitLab environment."""
        return self.jobs_on_main()

    def jobs_on_main(self) -> iam.IPrincipal:
        """Return the jobs on main."""
        subject = f"project_path:{self.project}:ref_type:branch:ref:main"
        return iam.WebIdentityPrincipal(
            self.provider_arn,
            conditions={
                "StringEquals": {f"{self.issuer}:aud": AUDIENCE, f"{self.issuer}:sub": subject}
            },
        )
