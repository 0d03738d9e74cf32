"""The CDK app: one stack for each environment in cdk.json."""

from __future__ import annotations

import sys
from pathlib import Path

from aws_cdk import App

from infra.settings import SettingsError, environments
from infra.stack import SentimentStack

BUILD = Path(__file__).parent / "build"


def main() -> None:
    """Synthesizes every environment. Raises SettingsError."""
    app = App()
    for settings in environments(app.node.try_get_context("environments")):
        SentimentStack(app, settings=settings, build_folder=BUILD)
    app.synth()


if __name__ == "__main__":
    try:
        main()
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
