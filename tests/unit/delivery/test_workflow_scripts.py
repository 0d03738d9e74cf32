"""The workflows' JavaScript, run by node against a local emulation of GitHub's client."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.workflow_files import steps, the_step

NEW, GOOD, OLD, BAD = "f" * 40, "a" * 40, "b" * 40, "e" * 40
MARK = "<!-- what this pull request would change -->"
BOT, PERSON = {"login": "github-actions[bot]"}, {"login": "octocat"}

# The part of actions/github-script that these scripts use. Lists have pages of two items; `calls`
# records outputs, messages and requests.
HARNESS = """\
const {script, answers, sha} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const calls = [];
const named = name => Object.assign(async sent => calls.push([name, sent]), {called: name});
const listed = (fn, sent) => answers[fn.called + (sent.deployment_id ?? '')] ?? [];
const paginate = async (fn, sent) => listed(fn, sent);
paginate.iterator = async function* (fn, sent) {
  const all = listed(fn, sent);
  for (let at = 0; at < all.length; at += 2) yield {data: all.slice(at, at + 2)};
};
const names = of => new Proxy({}, {get: (_, name) => named(name)});
const github = {paginate, rest: new Proxy({}, {get: (_, name) => names(name)})};
const context = {repo: {owner: 'octo', repo: 'repo'}, issue: {number: 7}, sha};
const summary = {addRaw: text => (calls.push(['summary', text]), summary), write: async () => {}};
const core = {
  summary,
  error: text => calls.push(['error', text]),
  setOutput: (name, value) => calls.push(['output', name, value]),
};
const run = Object.getPrototypeOf(async () => {}).constructor;
new run('github', 'context', 'core', 'require', script)(github, context, core, require)
  .then(() => console.log(JSON.stringify(calls)));
"""


def _calls(
    step: dict[str, Any], answers: dict[str, Any], folder: Path, **variables: str
) -> list[list[Any]]:
    ended = subprocess.run(
        ["node", "-e", HARNESS],
        input=json.dumps({"script": step["with"]["script"], "answers": answers, "sha": NEW}),
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    calls: list[list[Any]] = json.loads(ended.stdout)
    return calls


# --- which commit to go back to ---


def _before(deployments: list[tuple[str, list[str]]], folder: Path) -> list[list[Any]]:
    """Return what the script records for deployments (commit and states), newest first."""
    answers: dict[str, Any] = {
        "listDeployments": [
            {"id": number, "sha": sha} for number, (sha, _) in enumerate(deployments)
        ]
    }
    for number, (_, states) in enumerate(deployments):
        answers[f"listDeploymentStatuses{number}"] = [{"state": state} for state in states]
    step = the_step("deploy-environment.yml", "deploy", "before")
    return _calls(step, answers, folder, ENVIRONMENT="dev")


NOW = (NEW, ["in_progress", "queued"])


@pytest.mark.parametrize(
    "deployments",
    [
        pytest.param([NOW, (GOOD, ["inactive", "success", "in_progress"])], id="the-one-before"),
        pytest.param([NOW, (BAD, ["failure"]), (GOOD, ["inactive", "success"])], id="not-failed"),
        pytest.param(
            [NOW, (BAD, ["inactive", "waiting"]), (GOOD, ["inactive", "success"])],
            id="not-one-that-was-not-approved",
        ),
        pytest.param(
            [NOW, (NEW, ["failure"]), (GOOD, ["success"])], id="run-again-after-it-has-failed"
        ),
        pytest.param(
            [NOW, *[(BAD, ["failure"])] * 5, (GOOD, ["inactive", "success"]), (OLD, ["success"])],
            id="on-a-later-page",
        ),
    ],
)
def test_rollback_uses_the_newest_commit_that_succeeded(
    deployments: list[tuple[str, list[str]]], tmp_path: Path
) -> None:
    assert _before(deployments, tmp_path) == [["output", "sha", GOOD]]


@pytest.mark.parametrize("deployments", [[NOW], [NOW, (BAD, ["failure"])], []])
def test_first_deployment_is_not_rolled_back(
    deployments: list[tuple[str, list[str]]], tmp_path: Path
) -> None:
    assert _before(deployments, tmp_path) == [
        ["error", "Not rolled back: no earlier deployment succeeded here."]
    ]


def test_commit_that_succeeded_before_is_not_rolled_back(tmp_path: Path) -> None:
    # Deployed again manually: rolling back wouldn't remove the cause.
    calls = _before([NOW, (NEW, ["inactive", "success"]), (GOOD, ["success"])], tmp_path)
    [[kind, message]] = calls
    assert kind == "error"
    assert "succeeded here before" in message


# --- the comment ---


MODEL = "\n## Model\n\nsame"


def _shown(
    comments: list[dict[str, Any]], folder: Path, text: str, may: str, model: str = "same"
) -> list[list[Any]]:
    (folder / "diff.md").write_text(text, encoding="utf-8")
    (folder / "model.md").write_text(model, encoding="utf-8")
    step = steps("pull-request.yml", "show")[-1]
    return _calls(step, {"listComments": comments}, folder, MAY_COMMENT=may)


def test_first_run_creates_a_comment(tmp_path: Path) -> None:
    comments: list[dict[str, Any]] = [
        {"id": 1, "user": PERSON, "body": f"{MARK} quoted"},
        {"id": 2, "user": None},
    ]
    assert _shown(comments, tmp_path, "# Nothing", "true") == [
        ["summary", f"# Nothing{MODEL}"],
        [
            "createComment",
            {
                "owner": "octo",
                "repo": "repo",
                "issue_number": 7,
                "body": f"{MARK}\n# Nothing{MODEL}",
            },
        ],
    ]


def test_later_run_updates_its_comment(tmp_path: Path) -> None:
    comments = [
        {"id": 1, "user": BOT, "body": "of another workflow"},
        {"id": 2, "user": BOT, "body": f"{MARK}\nolder"},
    ]
    [_, sent] = _shown(comments, tmp_path, "newer", "true")
    assert sent == [
        "updateComment",
        {"owner": "octo", "repo": "repo", "comment_id": 2, "body": f"{MARK}\nnewer{MODEL}"},
    ]


def test_pull_request_of_a_fork_gets_a_summary_and_no_comment(tmp_path: Path) -> None:
    assert _shown([], tmp_path, "text", "false") == [["summary", f"text{MODEL}"]]


def test_long_comment_is_cut_to_githubs_limit(tmp_path: Path) -> None:
    [[_, summary], [_, sent]] = _shown([], tmp_path, "x" * 200_000, "true")
    assert len(summary) > 200_000
    assert len(sent["body"]) < 65_536
    assert "summary" in sent["body"]


def test_charts_are_mentioned_if_there_are_any(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "comparison.html").touch()
    [[_, summary]] = _shown([], tmp_path, "text", "false")
    assert "comparison.html" in summary


def test_pipeline_that_fails_is_shown_as_such(tmp_path: Path) -> None:
    [[_, summary]] = _shown([], tmp_path, "text", "false", model="")
    assert "fails" in summary


@pytest.mark.parametrize(
    "needed", ["head.repo.full_name == github.repository", "'dependabot[bot]'"]
)
def test_forks_and_dependabot_may_not_comment(needed: str) -> None:
    assert needed in steps("pull-request.yml", "show")[-1]["env"]["MAY_COMMENT"]
