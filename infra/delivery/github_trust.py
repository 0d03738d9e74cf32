"""Which jobs of GitHub Actions a role trusts: this repository's, on main, and of one kind."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_iam as iam

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
_BRANCH = "refs/heads/main"


@dataclass(frozen=True)
class GitHubTrust:
    """The identity provider and the repository; makes the principals of trust policies.

    A token's subject is the repository, followed by the job's GitHub environment, or by its branch
    if it has none. So the branch of a job in an environment is asked of another claim. Each is
    compared as a whole, and a claim that is missing never matches.
    """

    provider_arn: str
    repository: str

    def jobs_in(self, environment: str) -> iam.IPrincipal:
        """The jobs on main in a GitHub environment, whose reviewers have let them through."""
        return self._jobs(f"environment:{environment}")

    def jobs_on_main(self) -> iam.IPrincipal:
        """The jobs on main in no GitHub environment, which nobody has to let through."""
        return self._jobs(f"ref:{_BRANCH}")

    def _jobs(self, kind: str) -> iam.IPrincipal:
        return iam.WebIdentityPrincipal(
            self.provider_arn,
            conditions={
                "StringEquals": {
                    f"{ISSUER}:aud": AUDIENCE,
                    f"{ISSUER}:ref": _BRANCH,
                    f"{ISSUER}:sub": f"repo:{self.repository}:{kind}",
                }
            },
        )
