"""cdk-nag and cfn-lint over what an app synthesizes."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_cdk import App

# Resources that the CDK writes: its functions, the state machines' roles.
_WRITTEN_BY_CDK = (
    "CustomS3AutoDeleteObjects",
    "EndpointStateMachine",
    "ExecutionTriggerStateMachine",
    "LogRetention",
    "ObservabilityAlertsFailedExecutionsStateMachine",
    "ScoringTriggerStateMachine",
)


def nag_findings(app: App, folder: Path) -> dict[str, list[str]]:
    """Synthesize and return the rules of the findings that aren't acknowledged, by stack."""
    from aws_cdk import Validations
    from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

    Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
    report = json.loads((folder / "validation-report.json").read_text(encoding="utf-8"))
    found = defaultdict(list)
    for plugin in report["pluginReports"]:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                found[construct["constructPath"].partition("/")[0]].append(violation["ruleName"])
    return found


def lint_findings(path: Path, region: str = "us-east-1") -> list[str]:
    """Return the findings of cfn-lint in a template, except in resources that the CDK writes."""
    from cfnlint.api import ManualArgs, lint_file

    return [
        f"{found.rule.id} {found.message}"
        for found in lint_file(path, config=ManualArgs(regions=[region]))
        if not (found.rule.id == "W3005" and str(found.path[1]).startswith(_WRITTEN_BY_CDK))
    ]
