"""The stack that gives GitHub Actions access: an identity provider, and roles."""

from __future__ import annotations

from aws_cdk import Environment, Stack, Tags
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgments import acknowledge_delivery
from infra.delivery.github_trust import AUDIENCE, ISSUER, GitHubTrust
from infra.delivery.roles import DeliveryRoles
from infra.delivery.settings import Delivery


class DeliveryStack(Stack):
    """The delivery of one account's environments; an administrator deploys it before them."""

    def __init__(self, scope: Construct, *, delivery: Delivery) -> None:
        super().__init__(
            scope,
            f"sentiment-{delivery.name}",
            stack_name="sentiment-delivery-roles",
            env=Environment(account=delivery.account, region=delivery.settings.region),
            description="Lets GitHub Actions deploy the sentiment pipeline without access keys",
        )
        Tags.of(self).add("project", "sentiment")
        trust = GitHubTrust(
            provider_arn=_provider_arn(self, create=delivery.settings.create_provider),
            repositories=delivery.settings.repositories,
        )
        for settings in delivery.environments:
            DeliveryRoles(self, settings.name, settings=settings, trust=trust)
        acknowledge_delivery(self)


def _provider_arn(scope: Stack, *, create: bool) -> str:
    if not create:
        return scope.format_arn(
            service="iam", region="", resource="oidc-provider", resource_name=ISSUER
        )
    # No thumbprints: AWS verifies GitHub's certificate with its own trusted authorities.
    provider = iam.CfnOIDCProvider(
        scope, "Provider", url=f"https://{ISSUER}", client_id_list=[AUDIENCE]
    )
    return provider.attr_arn
