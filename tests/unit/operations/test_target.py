"""Where commands work: in the work folder, or in an environment on AWS."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_runner.execution.record import SUCCEEDED
from operations.cli import sentiment
from operations.command_line.target import AwsTarget, LocalTarget, Target, TargetOptions
from operations.environments import ENVIRONMENT_VARIABLE
from operations.errors import UsageError
from operations.program import WORKDIR, local_command
from tests.support.aws_samples import ID, PIPELINE_ARN, deploy, execution_arn
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.local_samples import executed
from tests.support.scripted_aws import ScriptedAws

LOCAL_ID = "local-0003"
LOCAL_ARN = f"arn:aws:sagemaker:local-1:000000000000:pipeline/local/execution/{LOCAL_ID}"
AWS_ARN = execution_arn()
SCORING_ARN = f"{PIPELINE_ARN}-score/execution/{ID}"
FOREIGN_ARN = "arn:aws-cn:sagemaker:cn-north-1:111122223333:model-package/reviews/3"
HERE = LocalTarget(WORKDIR)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)


@pytest.mark.parametrize(
    ("options", "variable", "name", "expected"),
    [
        (TargetOptions(), "", None, HERE),
        (TargetOptions(), "", "3", HERE),
        (TargetOptions(scoring=True), "", None, LocalTarget(WORKDIR, scoring=True)),
        (TargetOptions(), "test", None, AwsTarget("test")),
        (TargetOptions(), "test", "3", AwsTarget("test")),
        (TargetOptions(environment="prod"), "test", None, AwsTarget("prod")),
        (TargetOptions(local=True), "test", None, HERE),
        (TargetOptions(workdir=Path("w")), "test", None, LocalTarget(Path("w"))),
        (TargetOptions(region="eu-west-1"), "test", None, AwsTarget("test", "eu-west-1")),
        (TargetOptions(), "test", LOCAL_ID, HERE),
        (TargetOptions(local=True), "", LOCAL_ARN, HERE),
        (TargetOptions(), "", ID, AwsTarget("dev")),
        (TargetOptions(), "test", ID, AwsTarget("test")),
        (TargetOptions(environment="prod"), "", ID, AwsTarget("prod")),
        (TargetOptions(), "test", AWS_ARN, AwsTarget("dev", "us-east-1", False, "the ARN")),
        (TargetOptions(), "", SCORING_ARN, AwsTarget("dev", "us-east-1", True, "the ARN")),
        (TargetOptions(), "test", FOREIGN_ARN, AwsTarget("test", "cn-north-1", False, "the ARN")),
    ],
)
def test_names_then_options_then_the_variable_decide(
    monkeypatch: pytest.MonkeyPatch,
    options: TargetOptions,
    variable: str,
    name: str | None,
    expected: Target,
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, variable)
    assert options.target(name) == expected


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (TargetOptions(environment="dev", local=True), None),
        (TargetOptions(environment="dev", local=True), "3"),
        (TargetOptions(environment="dev", workdir=Path("w")), None),
        (TargetOptions(region="us-east-1"), None),
        (TargetOptions(region="us-east-1", local=True), None),
        (TargetOptions(environment="dev"), LOCAL_ID),
        (TargetOptions(region="us-east-1"), LOCAL_ARN),
        (TargetOptions(local=True), ID),
        (TargetOptions(workdir=Path("w")), AWS_ARN),
        (TargetOptions(environment="prod"), AWS_ARN),
        (TargetOptions(region="eu-west-1"), AWS_ARN),
    ],
)
def test_options_that_contradict_the_name_or_each_other_are_refused(
    options: TargetOptions, name: str | None
) -> None:
    with pytest.raises(UsageError):
        options.target(name)


def test_names_of_both_kinds_have_their_own_targets() -> None:
    options = TargetOptions(environment="prod", workdir=Path("w"))
    assert options.targets([LOCAL_ID, ID]) == [LocalTarget(Path("w")), AwsTarget("prod")]


@pytest.mark.parametrize("command", ["watch", "cost"])
def test_command_for_aws_refuses_a_local_execution(command: str) -> None:
    assert_refused(invoke(command, LOCAL_ID), 2, LOCAL_ID, f"`{command}`")


def test_command_without_options_reads_the_work_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    executed(tmp_path / "runs", SUCCEEDED)
    [execution] = json_output(invoke("list", "--json"))["executions"]
    assert execution["execution_id"] == "local-0001"


def test_an_arn_names_its_region_and_environment(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "prod")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    deploy(aws)
    assert invoke("report", AWS_ARN).exit_code == 0
    assert aws.requests("DescribePipeline") == [{"PipelineName": "sentiment-dev"}]
    assert aws.regions["DescribePipeline"] == "us-east-1"


@pytest.mark.parametrize(
    ("workdir", "variable", "verb", "options"),
    [
        (WORKDIR, "", "approve", []),
        (WORKDIR, "dev", "approve", ["--local"]),
        (WORKDIR.absolute(), "dev", "approve", ["--local"]),
        (WORKDIR, "dev", "run", []),  # has no option --local
        (Path("w"), "dev", "approve", ["--workdir", "w"]),
        (Path("w"), "", "run", ["--workdir", "w"]),
    ],
)
def test_printed_local_command_works_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, workdir: Path, variable: str, verb: str, options: list[str]
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, variable)
    assert local_command(workdir, verb, "1").strip("`").split()[1:] == [verb, "1", *options]
    accepted = {option for it in sentiment.commands[verb].params for option in it.opts}
    assert accepted.issuperset(options[:1])


BOTH = "list logs stop retry report compare scores clean versions approve reject".split()


@pytest.mark.parametrize("name", BOTH)
def test_commands_for_both_places_have_the_same_options(name: str) -> None:
    options = {parameter.name for parameter in sentiment.commands[name].params}
    assert options >= {"environment", "local", "workdir", "region", "as_json"}
