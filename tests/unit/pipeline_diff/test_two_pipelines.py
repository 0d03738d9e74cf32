"""Stacks and revisions with two pipelines: training and scoring are compared separately."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from operations.options import SCORE_DEFINITION
from pipeline_diff.render.markdown import markdown
from pipeline_diff.revisions import COMMITTED, COMMITTED_SCORING
from tests.support.diff_samples import (
    allow,
    committed,
    default,
    diffed,
    edited,
    refused,
    template,
    written,
)
from tests.support.git import git

SCORING = json.loads(SCORE_DEFINITION.read_text(encoding="utf-8"))


def scoring(threshold: float = 0.25) -> Any:
    """The committed scoring definition with another threshold."""
    document = copy.deepcopy(SCORING)
    default("DriftThreshold", threshold)(document)
    return document


def both(
    depth: int = 5, threshold: float = 0.25, environment: str = "dev", **more: Any
) -> dict[str, Any]:
    """A template with both pipelines."""
    one = template(edited(default("MaxDepth", depth)), **more)
    other = template(scoring(threshold))["Resources"]["PipelineD808E361"]
    other["Properties"]["PipelineName"] = f"sentiment-{environment}-score"
    one["Resources"]["PipelineD808E361"]["Properties"]["PipelineName"] = f"sentiment-{environment}"
    one["Resources"]["ScorePipeline12345678"] = other
    return one


def stack(folder: Path, document: Any, name: str = "sentiment-dev") -> Path:
    return written(folder / f"{name}.template.json", document)


def test_pipelines_of_a_template_are_compared_separately(tmp_path: Path) -> None:
    old = stack(tmp_path / "old", both())
    new = stack(tmp_path / "new", both(depth=7, threshold=0.5))
    training, score = diffed(old, new).comparisons
    assert [change.name for change in training.parameters] == ["MaxDepth"]
    assert [change.name for change in score.parameters] == ["DriftThreshold"]
    assert [change.new for change in score.conditions] == ["max_drift <= DriftThreshold (0.5)"]
    assert (training.is_scoring, score.is_scoring) == (False, True)
    text = markdown(diffed(old, new))
    assert text.startswith("## sentiment-dev\n")
    assert "\n## sentiment-dev (scoring)\n" in text


def test_folders_and_other_environments_are_compared_pipeline_by_pipeline(tmp_path: Path) -> None:
    stack(tmp_path, both())
    prod = stack(tmp_path / "other", both(threshold=0.5, environment="prod"), "sentiment-prod")
    assert [found.differs for found in diffed(tmp_path, tmp_path).comparisons] == [False, False]
    found = diffed(tmp_path / "sentiment-dev.template.json", prod).comparisons
    assert [comparison.differs for comparison in found] == [False, True]


def test_permissions_of_a_stack_are_compared_once(tmp_path: Path) -> None:
    old = stack(tmp_path / "old", both())
    new = stack(tmp_path / "new", both(statements=[allow("s3:DeleteObject")]))
    training, score = diffed(old, new).comparisons
    assert training.permissions
    assert score.permissions == ()
    # The pipelines share a role, so its permissions have changed, too.
    assert "(scoring)\n\n**No changes to the pipeline.**" in markdown(diffed(old, new))


def test_added_and_removed_pipelines_are_reported(tmp_path: Path) -> None:
    old, new = stack(tmp_path / "old", template()), stack(tmp_path / "new", both())
    text = markdown(diffed(old, new))
    assert "## sentiment-dev (scoring)\n\n**New pipeline.**\n" in text
    text = markdown(diffed(tmp_path / "new", tmp_path / "old"))
    assert "## sentiment-dev (scoring)\n\n**Removed pipeline.**\n" in text


@pytest.mark.parametrize("number", [0, 1])
def test_single_definition_is_compared_with_the_same_pipeline_only(
    tmp_path: Path, number: int
) -> None:
    document = (edited(default("MaxDepth", 7)), scoring(0.5))[number]
    alone = written(tmp_path / "alone.json", document)
    stack(tmp_path / "out", both())
    [found] = diffed(alone, tmp_path / "out").comparisons
    [change] = found.parameters
    assert (found.is_scoring, change.name) == (bool(number), ("MaxDepth", "DriftThreshold")[number])


def test_revision_means_both_committed_definitions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    written(tmp_path / COMMITTED, committed())
    for tag, document in (("none", None), ("v1", scoring()), ("v2", scoring(0.5))):
        if document:
            written(tmp_path / COMMITTED_SCORING, document)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--quiet", "--message", tag)
        git(tmp_path, "tag", tag)
    assert [found.differs for found in diffed("v1", "v2").comparisons] == [False, True]
    assert "## Scoring pipeline\n\n**New pipeline.**" in markdown(diffed("none", "v1"))
    [found] = diffed("v1", COMMITTED_SCORING).comparisons
    assert found.is_scoring
    [found] = diffed(f"v1:{COMMITTED_SCORING}", "v2").comparisons
    assert found.differs


def test_two_pipelines_with_the_same_purpose_are_refused(tmp_path: Path) -> None:
    document = both()
    document["Resources"]["Third"] = document["Resources"]["ScorePipeline12345678"]
    path = stack(tmp_path, document)
    assert refused(path, path).startswith(f"{path}: has several SageMaker pipelines")
