"""cdk-nag over every environment: no finding without a reason in infra/acknowledgments.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks
from clean_room import ROOT

from infra.settings import environments
from infra.stack import SentimentStack

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


def test_nag_looks_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.stack.acknowledge", lambda stack, settings: None)
    found = findings(EVERYTHING, tmp_path)
    assert "AwsSolutions-S1" in found
    assert "NIST.800.53.R5-IAMNoInlinePolicy" in found
    assert len(found) > 10
