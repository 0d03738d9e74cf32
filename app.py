"""The CDK app: one stack for each environment in cdk.json, and one that lets GitHub deploy them."""

from __future__ import annotations

import sys
from pathlib import Path

from aws_cdk import App

from infra.delivery.settings import deliveries
from infra.delivery.stack import DeliveryStack
from infra.settings import SettingsError, environments
from infra.stack import SentimentStack

BUILD = Path(__file__).parent / "build"


def main() -> None:
    """Synthesizes every environment and its delivery. Raises SettingsError."""
    app = App()
    found = environments(app.node.try_get_context("environments"))
    commit = app.node.try_get_context("commit")  # `make deploy` says it; reports then name it
    for settings in found:
        SentimentStack(app, settings=settings, build_folder=BUILD, commit=commit)
    for delivery in deliveries(app.node.try_get_context("delivery"), found):
        DeliveryStack(app, delivery=delivery)
    app.synth()


if __name__ == "__main__":
    try:
        main()
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
