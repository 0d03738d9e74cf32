"""The roles of GitHub's or GitLab's jobs in one environment, one for each kind of job."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, DefaultStackSynthesizer, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.delivery.github_trust import GitHubTrust
from infra.delivery.gitlab_trust import GitLabTrust
from infra.delivery.operator_policy import PROMOTION, SMOKE, operator_statements
from infra.settings import Settings

_FOR_DEPLOYMENT = ("deploy", "file-publishing", "lookup")
_FOR_DRIFT = ("lookup",)


class DeliveryRoles(Construct):
    """Roles ``<stack>-deploy``, ``-smoke`` and ``-drift``, as the workflows name them.

    source: the environment whose model versions the role ``<stack>-promote`` may promote to this
    one; there is no such role without it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        trust: GitHubTrust | GitLabTrust,
        source: Settings | None = None,
    ) -> None:
        super().__init__(scope, id)
        if settings.permission_boundary:
            boundary = iam.ManagedPolicy.from_managed_policy_arn(
                self, "PermissionBoundary", settings.permission_boundary
            )
            iam.PermissionsBoundary.of(self).apply(boundary)
        in_environment = trust.jobs_in(settings.name)
        name, service = settings.resource_name, trust.service
        self._role(
            "Deploy",
            name=f"{name}-deploy",
            description=f"Lets {service} deploy {name} through the CDK's own roles",
            trusted=in_environment,
            statements=[_assume_bootstrap_roles(self, settings, _FOR_DEPLOYMENT)],
        )
        self._role(
            "Smoke",
            name=f"{name}-smoke",
            description=f"Lets {service} start and watch executions of {name}",
            trusted=in_environment,
            statements=_operate(self, settings, SMOKE),
        )
        if source:
            self._role(
                "Promote",
                name=f"{name}-promote",
                description=f"Lets {service} promote model versions of {source.resource_name} to "
                f"{name}",
                trusted=in_environment,
                statements=_operate(self, settings, PROMOTION, source),
            )
        self._role(
            "Drift",
            name=f"{name}-drift",
            # In no environment: the nightly check of prod mustn't wait for a reviewer.
            description=f"Lets {service} detect drift of {name} through the CDK's lookup role",
            trusted=trust.jobs_on_main(),
            statements=[_assume_bootstrap_roles(self, settings, _FOR_DRIFT)],
        )

    def _role(
        self,
        id: str,
        *,
        name: str,
        description: str,
        trusted: iam.IPrincipal,
        statements: Sequence[iam.PolicyStatement],
    ) -> None:
        role = iam.Role(self, id, role_name=name, description=description, assumed_by=trusted)
        iam.Policy(self, f"{id}Policy", roles=[role], statements=statements)


def _assume_bootstrap_roles(
    scope: Construct, settings: Settings, kinds: Sequence[str]
) -> iam.PolicyStatement:
    """Allow the roles that `cdk bootstrap` created in the environment's account and region."""
    account = Stack.of(scope).account
    return iam.PolicyStatement(
        sid="AssumeBootstrapRoles",
        actions=["sts:AssumeRole"],
        resources=[
            f"arn:{Aws.PARTITION}:iam::{account}:role/"
            f"cdk-{_qualifier(scope)}-{kind}-role-{account}-{settings.region}"
            for kind in kinds
        ],
    )


def _operate(
    scope: Construct, settings: Settings, purposes: Sequence[str], source: Settings | None = None
) -> list[iam.PolicyStatement]:
    statements = operator_statements(
        settings,
        purposes,
        partition=Aws.PARTITION,
        account=Stack.of(scope).account,
        qualifier=_qualifier(scope),
        source=source,
    )
    return [iam.PolicyStatement.from_json(statement) for statement in statements]


def _qualifier(scope: Construct) -> str:
    return Stack.of(scope).synthesizer.bootstrap_qualifier or (
        DefaultStackSynthesizer.DEFAULT_QUALIFIER
    )
