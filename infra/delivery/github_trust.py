"""Trust in jobs of GitHub Actions: of one repository, on its main branch, of one kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from aws_cdk import aws_iam as iam

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
_BRANCH = "refs/heads/main"


@dataclass(frozen=True)
class GitHubTrust:
    """The identity provider and the repository that trust policies refer to.

    The subject of a token is the repository followed by the job's GitHub environment, or by its
    branch without one. So another claim restricts the branch of a job in an environment. Claims are
    compared as a whole; a missing claim never matches.

    repositories: the spellings of the repository in subjects; several during a migration.
    """

    provider_arn: str
    repositories: tuple[str, ...]
    service: ClassVar[str] = "GitHub"

    def jobs_in(self, environment: str) -> iam.IPrincipal:
        """Return the jobs on main in a GitHub environment, after its reviewers' approval."""
        return self._jobs(f"environment:{environment}")

    def jobs_on_main(self) -> iam.IPrincipal:
        """Return the jobs on main in no GitHub environment, which need no approval."""
        return self._jobs(f"ref:{_BRANCH}")

    def _jobs(self, kind: str) -> iam.IPrincipal:
        subjects = [f"repo:{repository}:{kind}" for repository in self.repositories]
        return iam.WebIdentityPrincipal(
            self.provider_arn,
            conditions={
                "StringEquals": {
                    f"{ISSUER}:aud": AUDIENCE,
                    f"{ISSUER}:ref": _BRANCH,
                    f"{ISSUER}:sub": subjects if len(subjects) > 1 else subjects[0],
                }
            },
        )
