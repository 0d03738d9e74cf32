"""The committed cdk.json parses, synthesizes, and passes cdk-nag and cfn-lint.

The file is the user's, so nothing else is true of it. Each test also runs on the tests' own
cdk.json, edited in eight ways: a test that asserts a value of the committed file fails for an edit.
No other test can open the committed file.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.delivery.settings import deliveries
from infra.settings import environments
from tests.support.cdk_context import CONTEXT, write_cdk_json
from tests.support.cdk_json_edits import EDITS
from tests.support.cdk_json_guard import COMMITTED, reading_permitted
from tests.support.checkout import copied
from tests.support.clean_room import CleanRoom
from tests.support.template_checks import lint_findings, nag_findings

Lint = Callable[[Path, str], list[str]]


@dataclass(frozen=True)
class Synthesized:
    """The context of a cdk.json, what it was synthesized into, and the findings of cdk-nag."""

    context: Mapping[str, Any]
    folder: Path
    nag_findings: Mapping[str, list[str]]

    def stacks(self) -> dict[str, str]:
        """Return the region of each stack by its name."""
        manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return {
            name: artifact["environment"].rpartition("/")[2]
            for name, artifact in manifest["artifacts"].items()
            if artifact["type"] == "aws:cloudformation:stack"
        }


@pytest.fixture(scope="module", params=["committed", *EDITS])
def synthesized(
    assembly: object,
    build_folder: Path,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Synthesized:
    """The committed cdk.json, and each edited one, synthesized with cdk-nag."""
    from app import build

    folder = tmp_path_factory.mktemp("configuration")
    if request.param == "committed":
        with reading_permitted():
            text = COMMITTED.read_text(encoding="utf-8")
    else:
        text = write_cdk_json(folder, EDITS[request.param]).read_text(encoding="utf-8")
    context = json.loads(text)["context"]
    output = folder / "cdk.out"
    findings = nag_findings(build(context, output, build_folder), output)
    return Synthesized(context, output, findings)


@pytest.fixture(scope="module")
def lint() -> Lint:
    """cfn-lint, once for a template that several configurations have in common."""
    known: dict[tuple[bytes, str], list[str]] = {}

    def findings(path: Path, region: str) -> list[str]:
        key = (path.read_bytes(), region)
        if key not in known:
            known[key] = lint_findings(path, region)
        return known[key]

    return findings


def test_every_environment_and_delivery_is_synthesized(synthesized: Synthesized) -> None:
    found = environments(synthesized.context["environments"])
    names = {item.resource_name for item in found}
    roles = {name for name in synthesized.stacks() if name.startswith("sentiment-delivery-roles")}
    assert synthesized.stacks().keys() - roles == names
    assert len(roles) == len(deliveries(synthesized.context.get("delivery"), found))


def test_all_findings_of_cdk_nag_are_acknowledged(synthesized: Synthesized) -> None:
    assert synthesized.nag_findings == {}


def test_cfn_lint_finds_nothing(synthesized: Synthesized, lint: Lint) -> None:
    for name, region in synthesized.stacks().items():
        assert lint(synthesized.folder / f"{name}.template.json", region) == [], name


# --- no other test reads the committed cdk.json ---

OPEN = f"open({str(COMMITTED)!r}).close()"


def test_tests_cannot_open_the_committed_cdk_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(COMMITTED.parent)
    for path in (COMMITTED, Path("cdk.json"), Path("tests", "..", "cdk.json")):
        with pytest.raises(AssertionError, match="the user's to edit"):
            path.read_text(encoding="utf-8")


def test_committed_cdk_json_can_be_opened_only_where_that_is_permitted() -> None:
    with reading_permitted() as path:
        path.read_bytes()
    with pytest.raises(AssertionError, match="the user's to edit"):
        path.read_bytes()


@pytest.mark.parametrize("isolated", [False, True])
def test_programs_cannot_open_the_committed_cdk_json(room: CleanRoom, isolated: bool) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", OPEN],
        env=room.environment if isolated else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "the user's to edit" in ended.stderr


def test_copies_of_the_checkout_have_the_tests_own_cdk_json(tmp_path: Path) -> None:
    copy = copied(tmp_path, ("app.py",))
    assert json.loads((copy / "cdk.json").read_text(encoding="utf-8"))["context"] == CONTEXT
