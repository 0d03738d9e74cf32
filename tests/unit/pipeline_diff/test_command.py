"""`sentiment diff` on the command line: Markdown, JSON, exit codes, errors."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from operations.cli import sentiment
from pipeline_diff.prices import price_table
from pipeline_diff.render.markdown_syntax import code
from tests.support.clean_room import ROOT
from tests.support.command_line import assert_refused
from tests.support.diff_samples import (
    allow,
    committed,
    default,
    edited,
    markdown_between,
    step,
    template,
)
from tests.support.scripted_aws import ScriptedAws, error


def run(*arguments: object) -> Result:
    return CliRunner().invoke(sentiment, ["diff", *map(str, arguments)])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(committed()))
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.json"
    path.write_text(json.dumps(edited(default("MaxDepth", 7))))
    return path


def test_stdout_is_only_markdown(old: Path, new: Path) -> None:
    ended = run(old, new)
    assert ended.exit_code == 0
    assert ended.stdout == markdown_between(committed(), edited(default("MaxDepth", 7)))
    assert ended.stdout.endswith("\n")
    assert not ended.stdout.endswith("\n\n")
    assert ended.stderr == ""


def test_json_is_one_object_with_sorted_keys(old: Path, new: Path) -> None:
    ended = run(old, new, "--json")
    found = json.loads(ended.stdout)
    assert ended.stdout == json.dumps(found, sort_keys=True) + "\n"
    assert (found["old"], found["new"], found["differs"]) == (str(old), str(new), True)
    assert found["prices_as_of"] == price_table().as_of
    [comparison] = found["comparisons"]
    assert comparison["permissions"] is None
    assert comparison["parameters"][0]["new"]["default"] == 7
    assert comparison["pipeline"] == "training"
    assert comparison["invalidated_steps"] == [
        {
            "causes": [{"name": "MaxDepth", "reason": "parameter_default_changed"}],
            "every_time": False,
            "step": "Train",
        },
        {
            "causes": [{"name": "Train", "reason": "input_runs_again"}],
            "every_time": False,
            "step": "Package",
        },
    ]
    assert comparison["cost_usd"]["after"]["with_cache"] == pytest.approx(0.0115, abs=1e-6)


def test_json_holds_values_as_they_are_in_the_definition(old: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    resources = {"InstanceType": "ml.c5.xlarge"}
    path.write_text(
        json.dumps(
            edited(
                lambda document: step(document, "Train")["Arguments"]["ResourceConfig"].update(
                    resources
                )
            )
        )
    )
    [comparison] = json.loads(run(old, path, "--json").stdout)["comparisons"]
    [change] = comparison["steps"][0]["attributes"]
    assert change == {
        "new": "ml.c5.xlarge",
        "old": {"Get": "Parameters.TrainingInstanceType"},
        "option": "",
        "path": "Arguments.ResourceConfig.InstanceType",
        "weakens_protection": False,
    }


@pytest.mark.parametrize(
    ("arguments", "code"), [([], 0), (["--exit-code"], 1), (["--exit-code", "--json"], 1)]
)
def test_differences_fail_only_with_exit_code_option(
    arguments: list[str], code: int, old: Path, new: Path
) -> None:
    assert run(old, new, *arguments).exit_code == code
    assert run(old, old, *arguments).exit_code == 0


def test_unreadable_side_is_a_usage_error(old: Path, tmp_path: Path) -> None:
    ended = run(old, tmp_path / "nope.json")
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"error: {tmp_path / 'nope.json'}: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"`a\|b`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("<b>&", "`<b>&`"),
        ("", '`""`'),
        ("a\nb", r'`"a\nb"`'),
    ],
)
def test_code_spans_escape_markdown(text: str, shown: str) -> None:
    assert code(text) == shown


def test_no_value_breaks_a_table(old: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    nasty = "a|b`c\n<script>"
    document = edited(
        lambda document: step(document, "Train").update(Description=nasty),
        lambda document: document["Parameters"].append(
            {"Name": nasty, "Type": "String", "DefaultValue": nasty}
        ),
    )
    path.write_text(json.dumps(document))
    for line in run(old, path).stdout.split("\n"):
        if line.startswith("|"):
            cells = line.replace(r"\|", "").count("|") - 1
            assert cells in (3, 4, 5), line
    assert "<script>" not in run(old, path).stdout.replace('<script>"``', "")


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The template that is deployed as sentiment-dev in a mocked AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    document = template(statements=[allow("s3:GetObject", resource="arn:aws:s3:::b/*")])
    policy = document["Resources"]["ExecutionRolePolicy79A7F477"]["Properties"]
    policy["PolicyName"] = "policy"
    role = document["Resources"]["ExecutionRoleCDF74862"]["Properties"]
    role["AssumeRolePolicyDocument"] = {"Statement": [], "Version": "2012-10-17"}
    with mock_aws(), warnings.catch_warnings():
        # moto stores the template without creating the pipeline.
        warnings.filterwarnings("ignore", "Tried to parse AWS::SageMaker::Pipeline")
        boto3.client("cloudformation", "us-east-1").create_stack(
            StackName="sentiment-dev", TemplateBody=json.dumps(document)
        )
        yield document


def test_deployed_stack_equals_its_template(deployed: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "sentiment-dev.template.json"
    path.write_text(json.dumps(deployed))
    ended = run("deployed:dev", path, "--region", "us-east-1")
    assert ended.stdout == (
        "## sentiment-dev\n\n**No changes to the pipeline or its permissions.**\n"
    )


def test_missing_stack_is_reported_with_existing_ones(aws: ScriptedAws, old: Path) -> None:
    unknown = error("ValidationError", "Stack with id sentiment-prod does not exist", "GetTemplate")
    aws.on("GetTemplate", unknown)
    aws.pages("ListPipelines", "PipelineSummaries", [{"PipelineName": "sentiment-dev"}])
    assert_refused(run("deployed:prod", old), 1, "sentiment-prod", "us-east-1", "sentiment-dev")


def test_aws_errors_are_reported(aws: ScriptedAws, old: Path) -> None:
    aws.on("GetTemplate", error("AccessDenied", "not yours", "GetTemplate"))
    assert_refused(run("deployed:dev", old), 1, "access denied to GetTemplate: not yours")


def test_deployed_template_that_is_not_json_is_an_error(aws: ScriptedAws, old: Path) -> None:
    aws.on("GetTemplate", {"TemplateBody": "Resources: {}"})
    assert_refused(run("deployed:dev", old), 1, "sentiment-dev", "isn't JSON")


def test_an_environment_must_be_named(old: Path) -> None:
    ended = run("deployed:", old)
    assert ended.exit_code == 2
    assert ended.stderr.startswith("error: deployed:: ")


def test_example_in_the_documentation_is_current(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
    old = template(statements=[allow("s3:GetObject", resource="arn:aws:s3:::reviews/*")])
    new = template(
        edited(
            default("GateThreshold", 0.85),
            default("TrainingInstanceType", "ml.m5.xlarge"),
            lambda document: step(document, "Train")["Arguments"]["HyperParameters"].update(
                {"lambda": "2"}
            ),
        ),
        statements=[allow("s3:GetObject", "s3:DeleteObject", resource="arn:aws:s3:::reviews/*")],
    )
    paths = []
    for name, document in (("old", old), ("new", new)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "sentiment-dev.template.json").write_text(json.dumps(document))
        paths.append(folder)
    example = run(*paths).stdout
    quoted = "".join(f"> {line}".rstrip() + "\n" for line in example.rstrip("\n").split("\n"))
    assert quoted in page, quoted
