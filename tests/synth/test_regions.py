"""The tables of regions agree with the copy of CloudFormation's registry in cfn-lint."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from cfnlint.helpers import REGIONS as CFN_LINT_REGIONS
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from pipeline_steps.regions import (
    REGIONS,
    WITHOUT_BUDGETS,
    WITHOUT_CHATBOT,
    WITHOUT_MODEL_REGISTRY,
)
from tests.support.template_checks import lint_findings
from tests.support.templates import Template

Templates = Callable[[str], Template]


def test_regions_are_those_of_cfn_lint() -> None:
    assert set(CFN_LINT_REGIONS) == REGIONS


def test_template_for_govcloud_names_no_other_partition(
    files: Callable[[str], Path],
) -> None:
    path = files("everything in GovCloud")
    assert lint_findings(path) == []
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"arn:aws[a-z-]*", text)) == {"arn:aws-us-gov"}
    assert "us-east-1" not in text
    registries = set(re.findall(r"[0-9]{12}\.dkr\.ecr\.[a-z0-9.-]+", text))
    assert {name.partition(".")[2] for name in registries} == {
        "dkr.ecr.us-gov-west-1.amazonaws.com"
    }
    assert len(registries) == 2  # the Spark image has its own


def test_resource_types_are_missing_only_in_refused_regions(
    templates: Templates,
) -> None:
    resources = [*templates("everything")["Resources"].values()]
    kinds = {item["Type"] for item in resources if item["Type"].startswith("AWS::")}
    missing = defaultdict(set)
    for region in REGIONS:
        for kind in kinds - set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region)):
            missing[kind].add(region)
    assert missing == {
        "AWS::Budgets::Budget": WITHOUT_BUDGETS,
        "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": WITHOUT_CHATBOT,
        "AWS::Chatbot::SlackChannelConfiguration": WITHOUT_CHATBOT,
        "AWS::SageMaker::ModelPackageGroup": WITHOUT_MODEL_REGISTRY,
    }
