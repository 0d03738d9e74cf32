"""Templates of the delivery's stack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def delivery_template(
    folder: Path, known: Mapping[str, Any], *, account: str | None = None, **delivery: Any
) -> Path:
    """Synthesize the delivery of an account's environments into an empty folder.

    known: the settings of all environments. delivery: those of the delivery. Imports aws_cdk, whose
    kernel must have started in a clean environment.
    """
    from aws_cdk import App

    from infra.delivery.settings import deliveries
    from infra.delivery.stack import DeliveryStack
    from infra.settings import environments

    app = App(outdir=str(folder), analytics_reporting=False)
    context = {"region": "us-east-1", **delivery}
    [wanted] = [it for it in deliveries(context, environments(known)) if it.account == account]
    DeliveryStack(app, delivery=wanted)
    app.synth()
    [template] = folder.glob("*.template.json")
    return template
