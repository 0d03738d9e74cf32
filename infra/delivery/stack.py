"""The stack that gives GitHub Actions or GitLab CI/CD access: an identity provider, and roles."""

from __future__ import annotations

from aws_cdk import Environment, Stack, Tags
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgments import acknowledge_delivery
from infra.delivery.github_trust import AUDIENCE, ISSUER, GitHubTrust
from infra.delivery.gitlab_trust import GitLabTrust
from infra.delivery.roles import DeliveryRoles
from infra.delivery.settings import Delivery, DeliverySettings


class DeliveryStack(Stack):
    """The delivery of one account's environments; an administrator deploys it before them."""

    def __init__(self, scope: Construct, *, delivery: Delivery) -> None:
        super().__init__(
            scope,
            f"sentiment-{delivery.name}",
            stack_name="sentiment-delivery-roles",
            env=Environment(account=delivery.account, region=delivery.settings.region),
            description=f"Lets {_service(delivery.settings)} deploy the sentiment pipeline without "
            "access keys",
        )
        Tags.of(self).add("project", "sentiment")
        trust = _trust(self, delivery.settings)
        for settings in delivery.environments:
            DeliveryRoles(
                self,
                settings.name,
                settings=settings,
                trust=trust,
                source=delivery.sources.get(settings.name),
            )
        acknowledge_delivery(self)


def _service(settings: DeliverySettings) -> str:
    return "GitLab CI/CD" if settings.gitlab_project else "GitHub Actions"


def _trust(scope: Stack, settings: DeliverySettings) -> GitHubTrust | GitLabTrust:
    create = settings.create_provider
    if settings.gitlab_project:
        issuer = settings.gitlab_url.removeprefix("https://")
        provider_arn = _provider_arn(scope, issuer, create=create)
        return GitLabTrust(provider_arn, issuer, settings.gitlab_project)
    return GitHubTrust(_provider_arn(scope, ISSUER, create=create), settings.repositories)


def _provider_arn(scope: Stack, issuer: str, *, create: bool) -> str:
    if not create:
        return scope.format_arn(
            service="iam", region="", resource="oidc-provider", resource_name=issuer
        )
    # No thumbprints: AWS verifies certificates with its own trusted authorities.
    provider = iam.CfnOIDCProvider(
        scope, "Provider", url=f"https://{issuer}", client_id_list=[AUDIENCE]
    )
    return provider.attr_arn
