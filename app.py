"""The CDK app: a stack for each environment in cdk.json, and one for delivery from GitHub."""

from __future__ import annotations

import sys
from pathlib import Path

from aws_cdk import App

from infra.delivery.settings import deliveries
from infra.delivery.stack import DeliveryStack
from infra.settings import environments
from infra.settings_errors import SettingsError
from infra.stack import SentimentStack

BUILD = Path(__file__).parent / "build"


def main() -> None:
    """Synthesize every environment and the delivery. Raise SettingsError."""
    app = App()
    context = app.node.try_get_context
    settings_of_all = environments(context("environments"))
    deliveries_of_all = deliveries(context("delivery"), settings_of_all)
    commit = context("commit")  # set by `make deploy`, named in reports
    for settings in settings_of_all:
        SentimentStack(app, settings=settings, build_folder=BUILD, commit=commit)
    for delivery in deliveries_of_all:
        DeliveryStack(app, delivery=delivery)
    app.synth()


if __name__ == "__main__":
    try:
        main()
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
