"""`sentiment clean`: what it deletes, what it keeps, and that it can be repeated."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws_samples import (
    ARN,
    GROUP,
    HERE,
    ID,
    JOB_LOG_GROUPS,
    START,
    deploy,
    pipeline,
    summary,
)
from tests.support.command_line import assert_refused, invoke, json_output
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
    """Two executions, their models and foreign ones, five versions, logs."""
    deploy(aws)
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [summary(ID)], [summary(OLD)])
    aws.pages("ListModels", "Models", [*map(model, FOREIGN), model(OURS[0])], [model(OURS[1])])
    aws.pages(
        "ListModelPackages",
        "ModelPackageSummaryList",
        [version(1, "PendingManualApproval"), version(2, "Approved")],
        [version(5, "Rejected"), version(4, "Rejected"), version(3, "Rejected")],
    )
    streams = [{"logStreamName": name} for name in (STREAM, "pipelines-other0000000-Train-b/x")]
    aws.pages("DescribeLogStreams", "logStreams", streams, token="nextToken")
    for operation in ("DeleteModel", "DeleteModelPackage", "DeleteLogStream"):
        aws.on(operation, {})
    return aws


def deleted(aws: ScriptedAws) -> list[str]:
    return [name for name in aws.names() if name.startswith("Delete")]


def test_leftovers_are_only_listed_by_default(used: ScriptedAws) -> None:
    document = json_output(invoke("clean", "--json"))
    assert deleted(used) == []
    assert document == {
        "downloads": [],
        "dry_run": True,
        "endpoint_configurations": [],
        "endpoints": [],
        "failures": {},
        "kept_versions": version_arns(5, 2, 1),
        "log_streams": [],
        "models": OURS,
        "versions": version_arns(4, 3),
    }


def test_text_output_has_counts_names_and_the_next_command(used: ScriptedAws) -> None:
    result = invoke("clean")
    assert result.exit_code == 0
    assert [line.strip() for line in result.stdout.splitlines()] == [
        "endpoints: 0",
        "endpoint configurations: 0",
        "models: 2",
        *OURS,
        "versions: 2",
        *version_arns(4, 3),
        "log streams: 0",
        "downloads: 0",
        "kept versions: 1 Approved, 1 PendingManualApproval, 1 Rejected; see --pending, "
        "--all-versions",
        "nothing was deleted; use --yes to delete these resources",
    ]


def test_yes_deletes_what_is_listed(used: ScriptedAws) -> None:
    result = invoke("clean", "--yes")
    assert result.exit_code == 0
    assert [request["ModelName"] for request in used.requests("DeleteModel")] == OURS
    assert [
        request["ModelPackageName"] for request in used.requests("DeleteModelPackage")
    ] == version_arns(4, 3)
    assert "DeleteLogStream" not in used.names()
    assert result.stdout.endswith("deleted: 4, failed: 0\n")


def test_downloaded_results_of_the_pipelines_executions_are_deleted(used: ScriptedAws) -> None:
    cache = Path(os.environ["XDG_CACHE_HOME"], "sentiment/executions")
    region = "arn/aws/sagemaker/us-east-1/123456789012/pipeline"
    ours, other = (
        cache / region / name / "execution" / ID for name in ("sentiment-dev", "sentiment-prod")
    )
    for folder in (ours, other):
        (folder / "evaluation").mkdir(parents=True)
    assert json_output(invoke("clean", "--json", "--yes"))["downloads"] == [str(ours)]
    assert (ours.exists(), other.exists()) == (False, True)


@pytest.mark.parametrize("newest", ["Rejected", "PendingManualApproval"])
def test_versions_that_wait_for_approval_are_deleted_with_pending_but_not_the_newest(
    used: ScriptedAws, newest: str
) -> None:
    found = [version(3, newest), version(2, "PendingManualApproval"), version(1, "Approved")]
    used.pages("ListModelPackages", "ModelPackageSummaryList", found)
    assert json_output(invoke("clean", "--json"))["versions"] == []
    document = json_output(invoke("clean", "--pending", "--json"))
    assert document["versions"] == version_arns(2)
    assert document["kept_versions"] == version_arns(3, 1)


def test_approved_and_newest_versions_are_deleted_only_with_all_versions(used: ScriptedAws) -> None:
    document = json_output(invoke("clean", "--all-versions", "--json"))
    assert document["kept_versions"] == []
    assert document["versions"] == version_arns(5, 4, 3, 2, 1)


def test_log_streams_of_own_jobs_are_deleted_only_with_logs(used: ScriptedAws) -> None:
    groups = list(JOB_LOG_GROUPS)
    document = json_output(invoke("clean", "--logs", "--yes", "--json"))
    assert document["log_streams"] == [f"{group}:{STREAM}" for group in groups]
    assert used.requests("DeleteLogStream") == [
        {"logGroupName": group, "logStreamName": STREAM} for group in groups
    ]


def test_missing_log_groups_are_ignored(used: ScriptedAws) -> None:
    used.on("DescribeLogStreams", error("ResourceNotFoundException", "no such log group"))
    assert json_output(invoke("clean", "--logs", "--json"))["log_streams"] == []


@pytest.mark.parametrize(
    "gone",
    [
        error("ValidationException", 'Could not find model "arn:aws:..."', "DeleteModel"),
        error("ResourceNotFound", "it does not exist", "DeleteModel"),
    ],
)
def test_already_deleted_model_is_not_a_failure(used: ScriptedAws, gone: Exception) -> None:
    used.on("DeleteModel", gone, {})
    result = invoke("clean", "--yes")
    assert result.exit_code == 0
    assert result.stdout.endswith("deleted: 4, failed: 0\n")


def test_failed_deletions_are_reported_and_the_rest_deleted(
    used: ScriptedAws,
) -> None:
    used.on("DeleteModelPackage", error("ConflictException", "in use\nhere", "Delete"), {})
    result = invoke("clean", "--yes", "--json")
    assert result.exit_code == 1
    assert json_output(result)["failures"] == {version_arns(4)[0]: "in use here"}
    assert len(used.requests("DeleteModelPackage")) == 2
    used.on("DeleteModelPackage", error("ConflictException", "in use", "Delete"), {})
    assert f"{version_arns(4)[0]}: in use\n" in invoke("clean", "--yes").stdout


def test_missing_permission_stops_the_cleanup(used: ScriptedAws) -> None:
    used.on("DeleteModel", error("AccessDeniedException", "no", "DeleteModel"))
    result = invoke("clean", "--yes")
    assert "access denied to DeleteModel" in result.stderr
    assert len(used.requests("DeleteModel")) == 1


def executions_of_each(used: ScriptedAws, status: str = "Succeeded") -> None:
    """One execution of each pipeline; ``status`` is that of the scoring execution."""
    found = {"sentiment-dev": summary(ID), "sentiment-dev-score": summary(OLD, status)}
    used.on("DescribePipeline", lambda asked: {**pipeline(), "PipelineName": asked["PipelineName"]})
    used.on(
        "ListPipelineExecutions",
        lambda asked: {"PipelineExecutionSummaries": [found[asked["PipelineName"]]]},
    )


def test_leftovers_of_both_pipelines_are_found(used: ScriptedAws) -> None:
    executions_of_each(used)
    document = json_output(invoke("clean", "--json", "--logs"))
    assert document["models"] == OURS
    assert {stream.partition(":")[2] for stream in document["log_streams"]} == {STREAM}


def test_environment_without_a_scoring_pipeline_is_cleaned(used: ScriptedAws) -> None:
    used.on("DescribePipeline", pipeline(), error("ResourceNotFound", "no", "DescribePipeline"))
    assert json_output(invoke("clean", "--json"))["models"] == OURS


def test_cleanup_is_refused_while_a_scoring_execution_runs(used: ScriptedAws) -> None:
    executions_of_each(used, "Executing")
    command = f"`sentiment stop {OLD} {HERE} --scoring`"
    assert_refused(invoke("clean", "--yes"), 1, OLD, command)


@pytest.mark.parametrize("status", ["Executing", "Stopping"])
@pytest.mark.parametrize("arguments", [(), ("--yes",)], ids=["dry", "yes"])
def test_cleanup_is_refused_while_an_execution_runs(
    used: ScriptedAws, status: str, arguments: tuple[str, ...]
) -> None:
    used.pages(
        "ListPipelineExecutions",
        "PipelineExecutionSummaries",
        [summary(ID)],
        [summary(OLD, status)],
    )
    command = f"`sentiment stop {OLD} {HERE}`"
    assert_refused(invoke("clean", *arguments), 1, OLD, status, command)
    assert deleted(used) == []


def test_pipeline_without_executions_has_no_leftovers(used: ScriptedAws) -> None:
    used.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [])
    used.pages("ListModelPackages", "ModelPackageSummaryList", [])
    document = json_output(invoke("clean", "--all-versions", "--logs", "--yes", "--json"))
    assert (document["models"], document["versions"], document["log_streams"]) == ([], [], [])
    assert deleted(used) == []


# --- after the stack ---


@pytest.fixture
def destroyed(used: ScriptedAws) -> ScriptedAws:
    """The pipeline is deleted; its models and versions are not."""
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


def test_leftovers_of_a_deleted_stack_are_found_by_tags_and_group_name(
    destroyed: ScriptedAws,
) -> None:
    document = json_output(invoke("clean", "--json", "--all-versions", "--logs"))
    assert document["models"] == OURS
    assert document["versions"] == version_arns(5, 4, 3, 2, 1)
    assert {stream.partition(":")[2] for stream in document["log_streams"]} == {STREAM}


def test_missing_model_package_group_is_ignored(destroyed: ScriptedAws) -> None:
    destroyed.on("ListModelPackages", error("ResourceNotFound", "Group does not exist"))
    document = json_output(invoke("clean", "--json", "--all-versions"))
    assert (document["models"], document["versions"]) == (OURS, [])


def test_unknown_environment_is_refused(destroyed: ScriptedAws) -> None:
    destroyed.on("ListModelPackages", error("ResourceNotFound", "Group does not exist"))
    destroyed.on("ListModels", {"Models": []})
    assert_refused(invoke("clean"), 1, "sentiment-dev", "us-east-1")
