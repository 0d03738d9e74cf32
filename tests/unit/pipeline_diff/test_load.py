"""sentiment diff: what OLD and NEW may be, and what is said of what they can't be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from operations.errors import CliError
from pipeline_diff.render.markdown import markdown
from pipeline_diff.report import report
from pipeline_diff.template import Template
from tests.support.diff_samples import (
    BUCKET,
    allow,
    committed,
    default,
    diffed,
    edited,
    git,
    refused,
    template,
    written,
)

DEFINITION = "pipeline_steps/definition.json"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository on branch main whose tag ``v1`` has other defaults than what lies in it."""
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
def test_revisions_are_read_as_git_names_them(repository: Path, old: str, before: str) -> None:
    [found] = diffed(old, "main").comparisons
    [change] = found.parameters
    assert (change.name, str(change.old and change.old.default)) == ("MaxDepth", before)


def test_a_revision_is_found_from_a_folder_of_the_repository(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "other")
    assert diffed("v1", "main").differs


def test_a_file_that_exists_is_the_file_whatever_revisions_are_called(repository: Path) -> None:
    written(repository / "v1", edited(default("MaxDepth", 9)))
    [found] = diffed("v1", "main").comparisons
    assert found.parameters[0].old
    assert found.parameters[0].old.default == 9


def test_what_does_not_exist_is_named_with_what_it_could_have_been(repository: Path) -> None:
    assert refused("nope", "main").startswith(
        "nope: neither a file, nor a folder, nor a revision of git"
    )
    assert "nor a file in one" in refused("v1:nope.json", "main")
    assert refused("--all", "main").startswith("--all: no such file")


def test_a_revision_before_the_definition_is_named(repository: Path) -> None:
    git(repository, "rm", "--quiet", DEFINITION)
    git(repository, "commit", "--quiet", "--message=Three")
    assert refused("main", "v1") == f"main: there is no file {DEFINITION} in that revision"


def test_outside_of_a_repository_a_revision_is_told_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    assert "outside of a git repository" in refused("main", "main")


def test_without_git_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CliError, match="git isn't installed"):
        diffed("main", "main")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "isn't JSON: line 1, column 2: Expecting property name"),
        ("[]", "neither a pipeline's definition (with Steps) nor a template of CloudFormation"),
        ({"Version": "2020-12-01"}, "neither a pipeline's definition"),
        ({"Resources": {}}, "has no SageMaker pipeline"),
        (
            {"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": "Lambda"}]},
            "step A: this runner has no step type 'Lambda'",
        ),
        (
            {"Resources": {"P": {"Type": "AWS::SageMaker::Pipeline", "Properties": {}}}},
            "has a pipeline whose definition isn't in the template",
        ),
    ],
)
def test_a_file_that_holds_no_pipeline_is_refused(
    tmp_path: Path, document: Any, words: str
) -> None:
    path = written(tmp_path / "x.json", document)
    message = refused(path, path)
    assert message.startswith(f"{path}: ")
    assert words in message


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"\xff\xfe")
    assert refused(path, path) == f"{path}: isn't text"


def test_a_folder_without_templates_is_refused_with_what_to_give(tmp_path: Path) -> None:
    written(tmp_path / "queue.template.json", {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    assert "give the folder that `make synth` writes, cdk.out" in refused(tmp_path, tmp_path)


def test_steps_of_one_name_are_refused_with_both_sides(tmp_path: Path) -> None:
    twice = edited(lambda document: document["Steps"].append(document["Steps"][0]))
    path = written(tmp_path / "x.json", twice)
    assert "step Download is defined twice" in refused(path, path)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two assemblies: dev and prod change alike, old is gone, new comes."""
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
    assert "## sentiment-gone\n\n**The pipeline is gone.**\n" in text
    assert "## sentiment-new\n\n**The pipeline is new.**\n" in text


def test_a_template_is_compared_with_the_folders_stack_of_its_name(
    folders: tuple[Path, Path],
) -> None:
    before, after = folders
    single = before / "sentiment-dev.template.json"
    assert [it.stack for it in diffed(single, after).comparisons] == ["sentiment-dev"]
    assert [it.stack for it in diffed(after, single).comparisons] == ["sentiment-dev"]
    gone = before / "sentiment-gone.template.json"
    assert refused(gone, after) == f"{after}: has no stack sentiment-gone to compare with"


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


def test_two_templates_are_compared_whatever_they_are_called(folders: tuple[Path, Path]) -> None:
    dev, prod = (folders[0] / f"sentiment-{name}.template.json" for name in ("dev", "prod"))
    assert [it.stack for it in diffed(dev, prod).comparisons] == ["sentiment-dev → sentiment-prod"]


def test_what_a_deployment_fills_in_is_no_difference_to_a_definition(tmp_path: Path) -> None:
    definition = written(tmp_path / "definition.json", committed())
    stack = written(tmp_path / "x.template.json", template())
    for sides in ((definition, stack), (stack, definition)):
        [found] = diffed(*sides).comparisons
        assert not found.differs
        assert found.filled == ("ArtifactsUri", "ExecutionRoleArn")
        assert found.permissions is None


def test_what_a_definition_leaves_open_is_noted(tmp_path: Path) -> None:
    definition = written(tmp_path / "definition.json", edited(default("MaxDepth", 7)))
    stack = written(tmp_path / "x.template.json", template())
    text = markdown(diffed(stack, definition))
    assert "One side leaves `ArtifactsUri`, `ExecutionRoleArn` to the deployment" in text
    assert "Permissions are told only where both sides are templates" in text


def test_a_deployed_pipeline_is_asked_for_by_its_environment(tmp_path: Path) -> None:
    stack = written(tmp_path / "sentiment-dev.template.json", template())
    asked = []

    def deployed(environment: str) -> tuple[str, Any]:
        asked.append(environment)
        return "sentiment-dev", template(statements=[allow("s3:GetObject")])

    [found] = report("deployed:dev", str(stack), deployed).comparisons
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
def test_functions_of_cloudformation_become_placeholders(value: Any, text: str) -> None:
    twins = {name: {"Type": "AWS::SQS::Queue"} for name in ("Twin11111111", "Twin22222222")}
    assert Template.of(template(**twins)).readable(value) == text


def test_a_placeholder_inside_the_definition_is_text_like_any_other() -> None:
    document = template()
    pieces = document["Resources"]["PipelineD808E361"]["Properties"]["PipelineDefinition"][
        "PipelineDefinitionBody"
    ]["Fn::Join"][1]
    pieces[1] = {"Fn::ImportValue": 'a "quoted" name'}
    found = json.loads(Template.of(document).definitions()[False])
    assert '<ImportValue a "quoted" name>' in json.dumps(found).replace("\\", "")
