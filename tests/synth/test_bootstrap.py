"""Variants of the CDK's bootstrap: a qualifier, a key of the asset bucket, several accounts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.settings_errors import SettingsError
from tests.support.cdk_context import CONTEXT
from tests.support.settings_cases import ASSET_KEY
from tests.support.template_checks import lint_findings
from tests.support.templates import ACCOUNT, Template, allows, statements_of

QUALIFIER = {"@aws-cdk/core:bootstrapQualifier": "acme-ml"}
DELIVERY = {"repository": "octo-org@123456/octo-repo@456789", "region": "us-east-1"}
TWO_ACCOUNTS: Mapping[str, dict[str, Any]] = {
    "dev": {"region": "us-east-1", "account": "111111111111", "keep_data": False},
    "prod": {"region": "eu-west-1", "account": "222222222222"},
}
ASSETS = f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-us-east-1"
VIA_S3 = {"kms__ViaService": "s3.us-east-1.amazonaws.com"}

Templates = Callable[[str], Template]
Synthesized = Callable[[Mapping[str, Any]], Path]


@pytest.fixture(scope="module")
def synthesized(
    assembly: Any, build_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Synthesized:
    """Return the assembly of a context. ``assembly`` starts jsii."""

    def synthesize(context: Mapping[str, Any]) -> Path:
        from app import build

        folder = tmp_path_factory.mktemp("assembly")
        build({**CONTEXT, **context}, folder, build_folder).synth()
        return folder

    return synthesize


@pytest.fixture(scope="module")
def qualified(synthesized: Synthesized) -> Path:
    """The assembly of all stacks with a qualifier."""
    return synthesized({**QUALIFIER, "delivery": DELIVERY})


# --- qualifier ---


def test_qualifier_replaces_the_default_one_in_every_file(qualified: Path) -> None:
    files = [path for path in qualified.glob("*.json") if path.name != "tree.json"]
    texts = {path.name: path.read_text(encoding="utf-8") for path in files}
    assert [name for name, text in texts.items() if "hnb659fds" in text] == []
    stacks = [name for name in texts if name.endswith(".template.json")]
    assert len(stacks) == 3
    assert [name for name in stacks if "/cdk-bootstrap/acme-ml/version" not in texts[name]] == []


@pytest.mark.parametrize("kind", ["deploy", "file-publishing", "lookup"])
def test_delivery_may_assume_the_roles_with_the_qualifier(qualified: Path, kind: str) -> None:
    text = (qualified / "sentiment-delivery-roles.template.json").read_text(encoding="utf-8")
    assert f"role/cdk-acme-ml-{kind}-role-" in text


def test_jobs_may_read_their_code_from_the_bucket_with_the_qualifier(qualified: Path) -> None:
    text = (qualified / "sentiment-dev.template.json").read_text(encoding="utf-8")
    assert "cdk-acme-ml-assets-" in text


def test_templates_with_a_qualifier_pass_cfn_lint(qualified: Path) -> None:
    for path in sorted(qualified.glob("*.template.json")):
        assert lint_findings(path) == []


def test_qualifier_that_names_no_bucket_is_refused(synthesized: Synthesized) -> None:
    with pytest.raises(SettingsError, match="bootstrapQualifier"):
        synthesized({"@aws-cdk/core:bootstrapQualifier": "Mixed_Case"})


# --- key of the asset bucket ---


@pytest.mark.parametrize("context", ["", "/abc.pyz"], ids=["bucket-key", "object"])
def test_jobs_may_decrypt_their_code_with_the_key(templates: Templates, context: str) -> None:
    statements = statements_of(templates("asset_key"), "ExecutionRole")
    arn = {"kms__EncryptionContext__aws__s3__arn": f"{ASSETS}{context}"}
    assert allows(statements, "kms:Decrypt", ASSET_KEY, **VIA_S3, **arn)


@pytest.mark.parametrize(
    ("action", "key", "context"),
    [
        pytest.param("kms:Encrypt", ASSET_KEY, f"{ASSETS}/abc.pyz", id="encrypt"),
        pytest.param("kms:Decrypt", ASSET_KEY, f"{ASSETS}/abc.zip", id="other-asset"),
        pytest.param("kms:Decrypt", f"{ASSET_KEY}0", f"{ASSETS}/abc.pyz", id="other-key"),
    ],
)
def test_jobs_may_do_nothing_else_with_the_key(
    templates: Templates, action: str, key: str, context: str
) -> None:
    statements = statements_of(templates("asset_key"), "ExecutionRole")
    arn = {"kms__EncryptionContext__aws__s3__arn": context}
    assert not allows(statements, action, key, **VIA_S3, **arn)


def test_role_uses_no_key_without_the_setting(templates: Templates) -> None:
    assert "kms:" not in json.dumps(statements_of(templates("nothing"), "ExecutionRole"))


# --- several accounts ---


def test_stack_of_one_account_refers_to_no_other(synthesized: Synthesized) -> None:
    folder = synthesized({"environments": TWO_ACCOUNTS, "delivery": DELIVERY})
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert "missing" not in manifest  # a lookup would need credentials of each account
    for name, settings in TWO_ACCOUNTS.items():
        account = settings["account"]
        for stack in (f"sentiment-{name}", f"sentiment-delivery-roles-{account}"):
            texts = [path.read_text(encoding="utf-8") for path in folder.glob(f"{stack}.*.json")]
            texts.append(json.dumps(manifest["artifacts"][stack]))
            assert set(re.findall("1{12}|2{12}", " ".join(texts))) == {account}
