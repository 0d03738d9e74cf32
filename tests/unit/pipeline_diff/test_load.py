"""Sides of a diff: files, folders, revisions and deployed stacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline_diff.diff import diff
from pipeline_diff.errors import GitNotInstalled
from pipeline_diff.render.markdown import markdown
from pipeline_diff.template import Template
from tests.support.diff_samples import (
    BUCKET,
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

DEFINITION = "pipeline_steps/definition.json"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository on branch main; tag ``v1`` has other defaults than its working tree."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    written(tmp_path / DEFINITION, edited(default("MaxDepth", 3)))
    written(tmp_path / "other" / "small.json", edited(default("MaxDepth", 4)))
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message=One")
    git(tmp_path, "tag", "v1")
    written(tmp_path / DEFINITION, committed())
    git(tmp_path, "commit", "--quiet", "--all", "--message=Two")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "before"),
    [
        ("v1", "3"),
        ("HEAD~1", "3"),
        ("v1:other/small.json", "4"),
        (f"v1:{DEFINITION}", "3"),
    ],
)
def test_revisions_are_read_by_their_git_names(repository: Path, old: str, before: str) -> None:
    [found] = diffed(old, "main").comparisons
    [change] = found.parameters
    assert (change.name, str(change.old and change.old.default)) == ("MaxDepth", before)


def test_a_revision_is_found_from_a_folder_of_the_repository(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "other")
    assert diffed("v1", "main").differs


def test_existing_file_takes_precedence_over_a_revision(repository: Path) -> None:
    written(repository / "v1", edited(default("MaxDepth", 9)))
    [found] = diffed("v1", "main").comparisons
    assert found.parameters[0].old
    assert found.parameters[0].old.default == 9


def test_unknown_sources_are_refused_by_name(repository: Path) -> None:
    for unknown in ("nope", "v1:nope.json", "--all"):
        assert refused(unknown, "main").startswith(f"{unknown}: ")


def test_revision_without_a_definition_is_refused(repository: Path) -> None:
    git(repository, "rm", "--quiet", DEFINITION)
    git(repository, "commit", "--quiet", "--message=Three")
    assert DEFINITION in refused("main", "v1")


def test_revision_outside_of_a_repository_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    assert "need a git repository" in refused("main", "main")


def test_revision_without_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitNotInstalled):
        diffed("main", "main")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "line 1, column 2"),
        ("[]", "CloudFormation template"),
        ({"Version": "2020-12-01"}, "pipeline definition"),
        ({"Resources": {}}, "has no SageMaker pipeline"),
        (
            {"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": "Lambdas"}]},
            "step A",
        ),
        (
            {"Resources": {"P": {"Type": "AWS::SageMaker::Pipeline", "Properties": {}}}},
            "without a definition",
        ),
    ],
)
def test_file_without_a_pipeline_is_refused(tmp_path: Path, document: Any, words: str) -> None:
    path = written(tmp_path / "x.json", document)
    message = refused(path, path)
    assert message.startswith(f"{path}: ")
    assert words in message


def test_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"\xff\xfe")
    assert refused(path, path).startswith(f"{path}: ")


def test_folder_without_templates_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "queue.template.json", {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    assert refused(tmp_path, tmp_path).startswith(f"{tmp_path}: ")


def test_duplicate_step_names_are_refused(tmp_path: Path) -> None:
    twice = edited(lambda document: document["Steps"].append(document["Steps"][0]))
    path = written(tmp_path / "x.json", twice)
    assert "step Download" in refused(path, path)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two assemblies: dev and prod have the same changes, one stack is removed, one is new."""
    before, after = tmp_path / "before", tmp_path / "after"
    for name in ("sentiment-dev", "sentiment-prod", "sentiment-gone"):
        written(before / f"{name}.template.json", template())
    for name in ("sentiment-dev", "sentiment-prod", "sentiment-new"):
        changed = template(edited(default("MaxDepth", 7)))
        written(after / f"{name}.template.json", changed)
    written(after / "sentiment-dev.assets.json", {})
    return before, after


def test_folders_are_compared_stack_by_stack(folders: tuple[Path, Path]) -> None:
    text = markdown(diffed(*folders))
    assert text.count("## sentiment-dev, sentiment-prod\n") == 1
    assert "## sentiment-gone\n\n**Removed pipeline.**\n" in text
    assert "## sentiment-new\n\n**New pipeline.**\n" in text


def _manifest(folder: Path, *names: str) -> Path:
    """Write the manifest of an assembly with these stacks."""
    stacks = {
        name: {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{name}.template.json"},
        }
        for name in names
    }
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "sentiment-dev.assets.json"}}
    document = {"version": "55.0.0", "artifacts": {"sentiment-dev.assets": assets, **stacks}}
    return written(folder / "manifest.json", document)


def test_template_of_a_stack_that_was_removed_from_an_assembly_is_ignored(
    folders: tuple[Path, Path],
) -> None:
    before, after = folders
    _manifest(before, "sentiment-dev", "sentiment-prod")
    _manifest(after, "sentiment-dev", "sentiment-new")
    changes = {it.stack: (it.old_exists, it.new_exists) for it in diffed(*folders).comparisons}
    assert changes == {
        "sentiment-dev": (True, True),
        "sentiment-new": (False, True),
        "sentiment-prod": (True, False),
    }


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        {},
        {"artifacts": {"x": {}}},
        {"artifacts": {"x": {"type": "aws:cloudformation:stack"}}},
    ],
)
def test_damaged_manifest_is_refused(folders: tuple[Path, Path], manifest: Any) -> None:
    path = written(folders[0] / "manifest.json", manifest)
    assert refused(*folders).startswith(f"{path}: ")


def test_missing_template_of_an_assembly_is_refused(folders: tuple[Path, Path]) -> None:
    _manifest(folders[0], "sentiment-lost")
    path = folders[0] / "sentiment-lost.template.json"
    assert refused(*folders).startswith(f"{path}: ")


def test_template_is_compared_with_the_stack_of_the_same_name_in_a_folder(
    folders: tuple[Path, Path],
) -> None:
    before, after = folders
    single = before / "sentiment-dev.template.json"
    assert [it.stack for it in diffed(single, after).comparisons] == ["sentiment-dev"]
    assert [it.stack for it in diffed(after, single).comparisons] == ["sentiment-dev"]
    gone = before / "sentiment-gone.template.json"
    assert refused(gone, after) == f"{after}: has no stack sentiment-gone"


def test_a_definition_is_compared_with_every_stack_of_a_folder(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    path = written(tmp_path / "definition.json", committed())
    found = diffed(path, folders[1])
    assert [it.stack for it in found.comparisons] == [
        "sentiment-dev",
        "sentiment-new",
        "sentiment-prod",
    ]


def test_two_templates_are_compared_regardless_of_their_names(folders: tuple[Path, Path]) -> None:
    dev, prod = (folders[0] / f"sentiment-{name}.template.json" for name in ("dev", "prod"))
    assert [it.stack for it in diffed(dev, prod).comparisons] == ["sentiment-dev → sentiment-prod"]


def test_defaults_that_a_deployment_sets_are_not_compared_with_a_definition(tmp_path: Path) -> None:
    definition = written(tmp_path / "definition.json", committed())
    stack = written(tmp_path / "x.template.json", template())
    for sides in ((definition, stack), (stack, definition)):
        [found] = diffed(*sides).comparisons
        assert not found.differs
        assert found.parameters_not_compared == ("ArtifactsUri", "ExecutionRoleArn")
        assert found.permissions is None


def test_parameters_that_are_not_compared_are_noted(tmp_path: Path) -> None:
    definition = written(tmp_path / "definition.json", edited(default("MaxDepth", 7)))
    stack = written(tmp_path / "x.template.json", template())
    text = markdown(diffed(stack, definition))
    assert "one side leaves them to the deployment: `ArtifactsUri`, `ExecutionRoleArn`" in text
    assert "Permissions are compared only if both sides are templates" in text


def test_deployed_stack_is_loaded_by_environment(tmp_path: Path) -> None:
    stack = written(tmp_path / "sentiment-dev.template.json", template())
    asked = []

    def deployed(environment: str) -> tuple[str, Any]:
        asked.append(environment)
        return "sentiment-dev", template(statements=[allow("s3:GetObject")])

    [found] = diff("deployed:dev", str(stack), deployed).comparisons
    assert asked == ["dev"]
    assert found.stack == "sentiment-dev"
    assert [change.gained for change in found.permissions or ()] == [False]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (BUCKET, "<StorageBucket>"),
        ({"Fn::GetAtt": "StorageBucket5CB7C8EA.Arn"}, "<StorageBucket.Arn>"),
        ({"Ref": "AWS::AccountId"}, "<AccountId>"),
        ({"Fn::Sub": "a-${AWS::Region}-${!literal}"}, "a-<Region>-${literal}"),
        ({"Fn::Sub": ["${Name}/x", {"Name": BUCKET}]}, "<StorageBucket>/x"),
        ({"Fn::Join": ["/", ["a", BUCKET]]}, "a/<StorageBucket>"),
        ({"Fn::ImportValue": "Shared"}, "<ImportValue Shared>"),
        ({"Fn::Select": [0, [BUCKET]]}, '<Select [0, ["<StorageBucket>"]]>'),
        ({"Ref": "Twin11111111"}, "<Twin11111111>"),
    ],
)
def test_cloudformation_functions_become_placeholders(value: Any, text: str) -> None:
    twins: dict[str, Any] = {
        name: {"Type": "AWS::SQS::Queue"} for name in ("Twin11111111", "Twin22222222")
    }
    assert Template.of(template(**twins)).readable(value) == text


def test_placeholder_inside_the_definition_is_escaped() -> None:
    document = template()
    pieces = document["Resources"]["PipelineD808E361"]["Properties"]["PipelineDefinition"][
        "PipelineDefinitionBody"
    ]["Fn::Join"][1]
    pieces[1] = {"Fn::ImportValue": 'a "quoted" name'}
    found = json.loads(Template.of(document).definitions()[False])
    assert '<ImportValue a "quoted" name>' in json.dumps(found).replace("\\", "")
