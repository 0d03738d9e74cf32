"""cdk-nag over every environment: no finding without a reason in infra/acknowledgments.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from infra.delivery.settings import deliveries
from infra.delivery.stack import DeliveryStack
from infra.settings import environments
from infra.stack import SentimentStack
from tests.support.clean_room import ROOT

EVERYTHING: dict[str, Any] = {
    "account": "111122223333",
    "alert_email": "ml@example.com",
    "champion_margin": 0.005,
    "customer_key": True,
    "dashboard": True,
    "dataset_uri": "s3://somebodys-reviews/imdb/",
    "encrypt_traffic": True,
    "log_retention_days": 30,
    "monthly_budget_usd": 50,
    "permission_boundary": "arn:aws:iam::111122223333:policy/boundary",
    "region": "us-east-1",
    "schedule": "cron(0 6 ? * MON *)",
    "security_groups": ["sg-0123456789abcdef0"],
    "spot": True,
    "start_on_new_data": True,
    "subnets": ["subnet-0123456789abcdef0"],
}
WITHOUT_KEY = {**EVERYTHING, "customer_key": False}
COMMITTED = json.loads((ROOT / "cdk.json").read_text())["context"]["environments"]


def findings(environment: dict[str, Any], folder: Path) -> list[str]:
    """The rules that a synthesis with cdk-nag finds broken, and nobody has acknowledged."""
    app = App(outdir=str(folder / "out"))
    [settings] = environments({"tested": environment})
    SentimentStack(app, settings=settings, build_folder=folder / "build")
    return _broken_rules(app, folder)


def findings_of_delivery(settings: dict[str, Any], folder: Path) -> list[str]:
    """As ``findings``, of the delivery of an environment with these settings and one beside it."""
    app = App(outdir=str(folder / "out"))
    beside = {key: value for key, value in settings.items() if key in ("account", "region")}
    found = environments({"tested": settings, "beside": beside})
    for delivery in deliveries({"repository": "octo@1/sentiment@2", "region": "us-east-1"}, found):
        DeliveryStack(app, delivery=delivery)
    return _broken_rules(app, folder)


def _broken_rules(app: App, folder: Path) -> list[str]:
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
    report = folder / "out" / "validation-report.json"
    reports = json.loads(report.read_text())["pluginReports"]
    return [found["ruleName"] for plugin in reports for found in plugin["violations"]]


@pytest.mark.parametrize(
    "environment",
    [*COMMITTED.values(), EVERYTHING, WITHOUT_KEY],
    ids=[*COMMITTED, "everything", "everything-but-key"],
)
def test_every_finding_has_a_reason(environment: dict[str, Any], tmp_path: Path) -> None:
    assert findings(environment, tmp_path) == []


@pytest.mark.parametrize("settings", [{"region": "us-east-1"}, EVERYTHING], ids=["least", "most"])
def test_every_finding_of_the_delivery_has_a_reason(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    assert findings_of_delivery(settings, tmp_path) == []


def test_nag_looks_at_the_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.delivery.stack.acknowledge_delivery", lambda stack, delivery: None)
    found = findings_of_delivery(EVERYTHING, tmp_path)
    assert {rule.partition("[")[0] for rule in found} == {
        "AwsSolutions-IAM5",
        "NIST.800.53.R5-IAMNoInlinePolicy",
    }


def test_nag_looks_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.stack.acknowledge", lambda stack, settings: None)
    found = findings(EVERYTHING, tmp_path)
    assert "AwsSolutions-S1" in found
    assert "NIST.800.53.R5-IAMNoInlinePolicy" in found
    assert len(found) > 10
