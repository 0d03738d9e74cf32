"""clean: what goes, what stays, and that asking twice does no harm."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.aws_samples import (
    ARN,
    GROUP,
    HERE,
    ID,
    START,
    deploy,
    insist_refused,
    invoke,
    pipeline,
    summary,
    told,
)
from tests.support.scripted_aws import ScriptedAws, error

OLD = "0ld0ld0ld000"
OURS = [f"pipelines-{ID}-CreateModel-a", f"pipelines-{OLD}-CreateModel-b"]
PIPELINES = ["sentiment-dev", "sentiment-dev-score"]
FOREIGN = [f"pipelines-{ID}x-CreateModel-c", "pipelines-other0000000-CreateModel-d", "pipelines-"]
STREAM = f"pipelines-{OLD}-Train-a/algo-1"


def model(name: str) -> dict[str, Any]:
    return {"ModelName": name, "ModelArn": f"{ARN}:model/{name}", "CreationTime": START}


def version(number: int, approval: str) -> dict[str, Any]:
    return {
        "ModelPackageArn": f"{ARN}:model-package/{GROUP}/{number}",
        "ModelPackageVersion": number,
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": approval,
        "CreationTime": START,
    }


def version_arns(*numbers: int) -> list[str]:
    return [f"{ARN}:model-package/{GROUP}/{number}" for number in numbers]


@pytest.fixture
def used(aws: ScriptedAws) -> ScriptedAws:
    """Two executions, their models among others', four versions, logs."""
    deploy(aws)
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [summary(ID)], [summary(OLD)])
    aws.pages("ListModels", "Models", [*map(model, FOREIGN), model(OURS[0])], [model(OURS[1])])
    aws.pages(
        "ListModelPackages",
        "ModelPackageSummaryList",
        [version(1, "PendingManualApproval"), version(2, "Approved")],
        [version(4, "Rejected"), version(3, "Rejected")],
    )
    streams = [{"logStreamName": name} for name in (STREAM, "pipelines-other0000000-Train-b/x")]
    aws.pages("DescribeLogStreams", "logStreams", streams, token="nextToken")
    for operation in ("DeleteModel", "DeleteModelPackage", "DeleteLogStream"):
        aws.on(operation, {})
    return aws


def deleted(aws: ScriptedAws) -> list[str]:
    return [name for name in aws.names() if name.startswith("Delete")]


def test_by_default_nothing_is_removed_and_all_of_it_is_listed(used: ScriptedAws) -> None:
    document = told(invoke("clean", "--json"))
    assert deleted(used) == []
    assert document == {
        "dry_run": True,
        "failures": {},
        "log_streams": [],
        "models": OURS,
        "versions": version_arns(3, 1),
    }


def test_people_are_told_counts_and_names_and_how_to_go_on(used: ScriptedAws) -> None:
    result = invoke("clean")
    assert result.exit_code == 0
    assert [line.strip() for line in result.stdout.splitlines()] == [
        "2 models",
        *OURS,
        "2 versions",
        *version_arns(3, 1),
        "0 log streams",
        "nothing was removed; --yes removes it",
    ]


def test_yes_removes_what_was_listed_and_no_more(used: ScriptedAws) -> None:
    result = invoke("clean", "--yes")
    assert result.exit_code == 0
    assert [request["ModelName"] for request in used.requests("DeleteModel")] == OURS
    assert [
        request["ModelPackageName"] for request in used.requests("DeleteModelPackage")
    ] == version_arns(3, 1)
    assert "DeleteLogStream" not in used.names()
    assert result.stdout.endswith("removed 4, failed 0\n")


def test_approved_versions_and_the_newest_go_only_with_all_versions(used: ScriptedAws) -> None:
    document = told(invoke("clean", "--all-versions", "--json"))
    assert document["versions"] == version_arns(4, 3, 2, 1)


def test_log_streams_of_our_jobs_go_only_when_asked_for(used: ScriptedAws) -> None:
    groups = [f"/aws/sagemaker/{kind}Jobs" for kind in ("Processing", "Training", "Transform")]
    document = told(invoke("clean", "--logs", "--yes", "--json"))
    assert document["log_streams"] == [f"{group}:{STREAM}" for group in groups]
    assert used.requests("DeleteLogStream") == [
        {"logGroupName": group, "logStreamName": STREAM} for group in groups
    ]


def test_log_groups_that_do_not_exist_hold_no_streams(used: ScriptedAws) -> None:
    used.on("DescribeLogStreams", error("ResourceNotFoundException", "no such log group"))
    assert told(invoke("clean", "--logs", "--json"))["log_streams"] == []


@pytest.mark.parametrize(
    "gone",
    [
        error("ValidationException", 'Could not find model "arn:aws:..."', "DeleteModel"),
        error("ResourceNotFound", "it does not exist", "DeleteModel"),
    ],
)
def test_what_is_gone_already_is_no_failure(used: ScriptedAws, gone: Exception) -> None:
    used.on("DeleteModel", gone, {})
    result = invoke("clean", "--yes")
    assert result.exit_code == 0
    assert result.stdout.endswith("removed 4, failed 0\n")


def test_what_cannot_be_removed_is_told_and_the_rest_removed(used: ScriptedAws) -> None:
    used.on("DeleteModelPackage", error("ConflictException", "in use\nhere", "Delete"), {})
    result = invoke("clean", "--yes", "--json")
    assert result.exit_code == 1
    assert told(result)["failures"] == {version_arns(3)[0]: "in use here"}
    assert len(used.requests("DeleteModelPackage")) == 2
    used.on("DeleteModelPackage", error("ConflictException", "in use", "Delete"), {})
    assert f"{version_arns(3)[0]}: in use\n" in invoke("clean", "--yes").stdout


def test_a_missing_permission_ends_it_at_once(used: ScriptedAws) -> None:
    used.on("DeleteModel", error("AccessDeniedException", "no", "DeleteModel"))
    result = invoke("clean", "--yes")
    assert result.stderr.endswith(
        "error: AWS refuses DeleteModel: no; docs/operations.md lists what an operator must be "
        "allowed\n"
    )
    assert len(used.requests("DeleteModel")) == 1


def executions_of_each(used: ScriptedAws, status: str = "Succeeded") -> None:
    """One execution of each pipeline; that of the scoring pipeline is in this status."""
    found = {"sentiment-dev": summary(ID), "sentiment-dev-score": summary(OLD, status)}
    used.on("DescribePipeline", lambda asked: {**pipeline(), "PipelineName": asked["PipelineName"]})
    used.on(
        "ListPipelineExecutions",
        lambda asked: {"PipelineExecutionSummaries": [found[asked["PipelineName"]]]},
    )


def test_what_executions_of_both_pipelines_left_is_found(used: ScriptedAws) -> None:
    executions_of_each(used)
    document = told(invoke("clean", "--json", "--logs"))
    assert document["models"] == OURS
    assert {stream.partition(":")[2] for stream in document["log_streams"]} == {STREAM}


def test_an_environment_without_a_scoring_pipeline_is_cleaned(used: ScriptedAws) -> None:
    used.on("DescribePipeline", pipeline(), error("ResourceNotFound", "no", "DescribePipeline"))
    assert told(invoke("clean", "--json"))["models"] == OURS


def test_nothing_is_cleaned_while_reviews_are_scored(used: ScriptedAws) -> None:
    executions_of_each(used, "Executing")
    message = (
        f"execution {OLD} is Executing; wait for its end, or end it with `sentiment stop {OLD} "
        f"{HERE} --scoring`, then clean"
    )
    insist_refused(invoke("clean", "--yes"), 1, message)


@pytest.mark.parametrize("status", ["Executing", "Stopping"])
@pytest.mark.parametrize("arguments", [(), ("--yes",)], ids=["dry", "yes"])
def test_nothing_is_cleaned_while_an_execution_runs(
    used: ScriptedAws, status: str, arguments: tuple[str, ...]
) -> None:
    used.pages(
        "ListPipelineExecutions",
        "PipelineExecutionSummaries",
        [summary(ID)],
        [summary(OLD, status)],
    )
    message = (
        f"execution {OLD} is {status}; wait for its end, or end it with `sentiment stop {OLD} "
        f"{HERE}`, then clean"
    )
    insist_refused(invoke("clean", *arguments), 1, message)
    assert deleted(used) == []


def test_a_pipeline_that_never_ran_has_left_nothing(used: ScriptedAws) -> None:
    used.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [])
    used.pages("ListModelPackages", "ModelPackageSummaryList", [])
    document = told(invoke("clean", "--all-versions", "--logs", "--yes", "--json"))
    assert (document["models"], document["versions"], document["log_streams"]) == ([], [], [])
    assert deleted(used) == []


# --- after the stack ---


@pytest.fixture
def destroyed(used: ScriptedAws) -> ScriptedAws:
    """The pipeline is gone; its models and versions are not."""
    used.on("DescribePipeline", error("ResourceNotFound", "Pipeline does not exist"))
    used.on("ListPipelines", {"PipelineSummaries": []})

    def tags(request: dict[str, Any]) -> dict[str, Any]:
        name = request["ResourceArn"].rpartition("/")[2]
        if name == "pipelines-":
            return {"Tags": []}
        pipeline = dict(zip(OURS, PIPELINES, strict=True)).get(name, "sentiment-dev-else")
        value = f"{ARN}:pipeline/{pipeline}/execution/{name.split('-')[1]}"
        return {"Tags": [{"Key": "sagemaker:pipeline-execution-arn", "Value": value}]}

    used.on("ListTags", tags)
    return used


def test_what_a_destroyed_stack_left_is_found_by_tags_and_by_the_groups_name(
    destroyed: ScriptedAws,
) -> None:
    document = told(invoke("clean", "--json", "--all-versions", "--logs"))
    assert document["models"] == OURS
    assert document["versions"] == version_arns(4, 3, 2, 1)
    assert {stream.partition(":")[2] for stream in document["log_streams"]} == {STREAM}


def test_a_group_that_is_gone_too_holds_up_nothing(destroyed: ScriptedAws) -> None:
    destroyed.on("ListModelPackages", error("ResourceNotFound", "Group does not exist"))
    document = told(invoke("clean", "--json", "--all-versions"))
    assert (document["models"], document["versions"]) == (OURS, [])


def test_an_environment_that_never_was_is_told_as_such(destroyed: ScriptedAws) -> None:
    destroyed.on("ListModelPackages", error("ResourceNotFound", "Group does not exist"))
    destroyed.on("ListModels", {"Models": []})
    insist_refused(
        invoke("clean"),
        1,
        "there is no pipeline sentiment-dev in us-east-1, there is none named sentiment-*; choose "
        "another --environment or --region, or deploy it with `make deploy`",
    )
