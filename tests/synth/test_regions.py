"""The tables of regions agree with the copy of CloudFormation's registry in cfn-lint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from cfnlint.helpers import REGIONS as CFN_LINT_REGIONS
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from pipeline_steps.regions import REGIONS, WITHOUT_BUDGETS, WITHOUT_MODEL_REGISTRY
from tests.support.templates import Template

Templates = Callable[[str], Template]


def test_regions_are_those_of_cfn_lint() -> None:
    assert set(CFN_LINT_REGIONS) == REGIONS


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
        "AWS::SageMaker::ModelPackageGroup": WITHOUT_MODEL_REGISTRY,
    }
