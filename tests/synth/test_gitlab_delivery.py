"""The delivery's roles for GitLab: trusted jobs, and similar ones that are denied."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.cdk_context import ENVIRONMENTS
from tests.support.delivery_stack import delivery_template
from tests.support.template_checks import lint_findings
from tests.support.templates import Template, of_type

PROJECT = "group/sub-group/reviews"
KINDS = ("deploy", "drift", "smoke")
SUBJECT = f"project_path:{PROJECT}:ref_type:branch:ref:main"


@pytest.fixture(scope="module")
def file(assembly: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return the template file of a delivery with these settings. ``assembly`` starts jsii."""
    folder = tmp_path_factory.mktemp
    return lambda **settings: delivery_template(
        folder("gitlab"), ENVIRONMENTS, **{"gitlab_project": PROJECT, **settings}
    )


@pytest.fixture(scope="module")
def template(file: Callable[..., Path]) -> Template:
    """The template for a project on gitlab.com."""
    read: Template = json.loads(file().read_text(encoding="utf-8"))
    return read


def _conditions(template: Template) -> dict[str, Any]:
    """Return the condition of each role's trust policy by the role's name."""
    found = {}
    for role in template["Resources"].values():
        if role["Type"] != "AWS::IAM::Role":
            continue
        [statement] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        found[role["Properties"]["RoleName"]] = statement["Condition"]
    return found


def test_roles_trust_the_project_on_main_and_nothing_else(template: Template) -> None:
    claims = {"gitlab.com:aud": "sts.amazonaws.com", "gitlab.com:sub": SUBJECT}
    assert _conditions(template) == {
        f"sentiment-{environment}-{kind}": {"StringEquals": claims}
        for environment in ENVIRONMENTS
        for kind in KINDS
    }


def test_provider_is_gitlabs(template: Template) -> None:
    [provider] = of_type(template, "AWS::IAM::OIDCProvider").values()
    assert provider["Properties"]["Url"] == "https://gitlab.com"
    assert provider["Properties"]["ClientIdList"] == ["sts.amazonaws.com"]


def test_provider_and_claims_of_an_own_instance_have_its_address(file: Callable[..., Path]) -> None:
    path = file(gitlab_url="https://git.example.com/gitlab", create_provider=False)
    template = json.loads(path.read_text(encoding="utf-8"))
    assert of_type(template, "AWS::IAM::OIDCProvider") == {}
    assert "oidc-provider/git.example.com/gitlab" in json.dumps(template)
    for condition in _conditions(template).values():
        assert condition["StringEquals"]["git.example.com/gitlab:sub"] == SUBJECT


def test_cfn_lint_finds_nothing(file: Callable[..., Path]) -> None:
    assert lint_findings(file()) == []


def test_nothing_names_github(template: Template) -> None:
    assert "github" not in json.dumps(template).lower()
