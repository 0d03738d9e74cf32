"""cdk-nag reports only findings that infra/acknowledgments.py accepts, whatever the settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from infra.delivery.settings import deliveries
from infra.delivery.stack import DeliveryStack
from infra.settings import Settings, environments
from infra.stack import SentimentStack
from processing.names import Parameter
from tests.support.cdk_context import ENVIRONMENTS
from tests.support.settings_cases import EACH, SETTINGS
from tests.support.template_checks import nag_findings
from tests.support.templates import ACCOUNT

MINIMAL = {"region": "us-east-1"}
ALL = {**SETTINGS["everything"], **MINIMAL, "account": ACCOUNT}
CASES = {
    **{name: {**MINIMAL, **values} for name, values in SETTINGS.items()},
    **ENVIRONMENTS,
    "everything, no key": {**ALL, "customer_key": False},
}


def _stack_names(cases: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: f"case{index}" for index, name in enumerate(cases)}


def _settings(name: str, values: dict[str, Any]) -> Settings:
    [settings] = environments({name: values})
    return settings


def _environment_findings(
    cases: dict[str, dict[str, Any]], build_folder: Path, folder: Path
) -> dict[str, list[str]]:
    """Return the findings of environments with these settings, synthesized together."""
    app = App(outdir=str(folder))
    names = _stack_names(cases)
    for case, values in cases.items():
        SentimentStack(app, settings=_settings(names[case], values), build_folder=build_folder)
    found = nag_findings(app, folder)
    return {case: found[f"sentiment-{name}"] for case, name in names.items()}


def _delivery_findings(values: dict[str, Any], folder: Path) -> list[str]:
    """Return the findings of the delivery of an environment with these settings and another."""
    app = App(outdir=str(folder))
    other = {key: value for key, value in values.items() if key in ("account", "region")}
    found = environments({"dev": values, "other": other})
    for delivery in deliveries({"repository": "octo@1/sentiment@2", "region": "us-east-1"}, found):
        DeliveryStack(app, delivery=delivery)
    return [rule for rules in nag_findings(app, folder).values() for rule in rules]


@pytest.fixture(scope="module")
def findings(
    assembly: object, build_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], list[str]]:
    """The findings of each case."""
    parameters = [name for key, name in vars(Parameter).items() if key.isupper()]
    definition = json.dumps({"Parameters": [{"Name": name} for name in parameters], "Steps": []})
    with pytest.MonkeyPatch.context() as patch:
        # cdk-nag doesn't look into definitions, and rendering them all takes half a minute.
        patch.setattr("infra.pipelines.rendered", lambda *_: definition)
        found = _environment_findings(CASES, build_folder, tmp_path_factory.mktemp("nag"))
    return lambda name: found[name]


def test_every_setting_has_a_case() -> None:
    assert EACH.keys() == Settings.model_fields.keys() - {"name"}


@pytest.mark.parametrize("name", EACH)
def test_case_of_a_setting_differs_from_its_default(name: str) -> None:
    values = {"region": "us-east-1", **EACH[name]}
    default = Settings.model_fields[name].get_default()
    changed = getattr(_settings("dev", values), name)
    if name == "keep_data":  # the cases differ from dev, which sets it
        default = ENVIRONMENTS["dev"][name]
    assert changed != default


@pytest.mark.parametrize("name", CASES)
def test_all_findings_of_an_environment_are_acknowledged(
    findings: Callable[[str], list[str]], name: str
) -> None:
    assert findings(name) == []


@pytest.mark.parametrize("values", [MINIMAL, ALL], ids=["minimal", "all"])
def test_all_findings_of_the_delivery_are_acknowledged(
    assembly: object, values: dict[str, Any], tmp_path: Path
) -> None:
    assert _delivery_findings(values, tmp_path) == []


def test_findings_of_the_delivery_are_reported_without_acknowledgments(
    assembly: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.delivery.stack.acknowledge_delivery", lambda stack: None)
    found = _delivery_findings(ALL, tmp_path)
    assert {rule.partition("[")[0] for rule in found} == {
        "AwsSolutions-IAM5",
        "NIST.800.53.R5-IAMNoInlinePolicy",
    }


def test_findings_are_reported_without_acknowledgments(
    assembly: object, build_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.stack.acknowledge", lambda stack: None)
    found = _environment_findings({"all": ALL}, build_folder, tmp_path)["all"]
    assert {"NIST.800.53.R5-S3BucketReplicationEnabled", "NIST.800.53.R5-IAMNoInlinePolicy"} <= set(
        found
    )
    wildcards = "\n".join(rule for rule in found if "IAM5" in rule)
    assert "sagemaker-spark-processing" in wildcards


@pytest.mark.parametrize("days", [None, 90], ids=["without", "with"])
def test_access_logs_resolve_their_findings(
    assembly: object,
    build_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int | None,
) -> None:
    monkeypatch.setattr("infra.stack.acknowledge", lambda stack: None)
    cases = {"logs": {**MINIMAL, "access_log_days": days}}
    found = _environment_findings(cases, build_folder, tmp_path)["logs"]
    about_logs = {"AwsSolutions-S1", "NIST.800.53.R5-S3BucketLoggingEnabled"} & set(found)
    assert bool(about_logs) is (days is None)


def test_wildcard_of_an_unknown_statement_is_reported(
    assembly: object, build_folder: Path, tmp_path: Path
) -> None:
    from aws_cdk import aws_iam as iam

    class Careless(SentimentStack):
        def __init__(self, scope: App, settings: Settings) -> None:
            super().__init__(scope, settings=settings, build_folder=build_folder)
            policy = self.node.find_child("ExecutionRole").node.find_child("Policy")
            assert isinstance(policy, iam.Policy)
            policy.add_statements(
                iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::other/*"])
            )

    app = App(outdir=str(tmp_path))
    Careless(app, _settings("dev", MINIMAL))
    assert nag_findings(app, tmp_path)["sentiment-dev"] == [
        "AwsSolutions-IAM5[Resource::arn:aws:s3:::other/*]"
    ]
