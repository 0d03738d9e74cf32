"""The CDK app: one stack for each environment in cdk.json."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import App

from infra.settings import environments
from infra.stack import SentimentStack

app = App()
for settings in environments(app.node.try_get_context("environments")):
    SentimentStack(app, settings=settings, build_folder=Path(__file__).parent / "build")
app.synth()
