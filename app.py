"""The CDK app: a stack for each environment in cdk.json, and one for delivery from Git."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.delivery.pull_request import pull_request_settings
from infra.delivery.settings import deliveries
from infra.delivery.stack import DeliveryStack
from infra.environments import QUALIFIER, bootstrap_qualifier
from infra.settings import environments
from infra.settings_errors import exit_with_settings_error
from infra.stack import SentimentStack

BUILD = Path(__file__).parent / "build"

# Here and not in cdk.json, which is the user's: the tests hold for these flags.
FEATURE_FLAGS: Mapping[str, Any] = {
    "@aws-cdk/core:checkSecretUsage": True,
    "@aws-cdk/core:target-partitions": ["aws", "aws-cn"],
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/aws-s3:createDefaultLoggingPolicy": True,
    "@aws-cdk/core:enablePartitionLiterals": True,
    "@aws-cdk/customresources:installLatestAwsSdkDefault": False,
}


def build(
    context: Mapping[str, Any] | None = None,
    outdir: Path | None = None,
    build_folder: Path = BUILD,
) -> App:
    """Return the app with every environment and the delivery. Raise SettingsError.

    The CDK's command passes the context of cdk.json and the output folder; they have precedence.
    """
    app = App(context={**FEATURE_FLAGS, **(context or {})}, outdir=str(outdir) if outdir else None)
    get = app.node.try_get_context
    settings_of_all = environments(get("environments"))
    deliveries_of_all = deliveries(get("delivery"), settings_of_all)
    pull_request_settings(get("pull_request"))  # used by `make compare`; refused here, too
    bootstrap_qualifier({QUALIFIER: get(QUALIFIER)})  # used by the CDK; refused here
    commit = get("commit")  # set by `make deploy`, named in reports
    for settings in settings_of_all:
        SentimentStack(app, settings=settings, build_folder=build_folder, commit=commit)
    for delivery in deliveries_of_all:
        DeliveryStack(app, delivery=delivery)
    return app


if __name__ == "__main__":
    with exit_with_settings_error():
        build().synth()
