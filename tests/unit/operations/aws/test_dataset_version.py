"""`sentiment start` of a dataset in S3: its version, with which the step cache finds new data."""

from __future__ import annotations

import json

import pytest

from pipeline_steps.render import render
from pipeline_steps.settings import PipelineSettings
from tests.support.aws_samples import DEPLOYED, ID, START, definition, pipeline
from tests.support.command_line import assert_refused, invoke
from tests.support.scripted_aws import ScriptedAws, error


def objects(aws: ScriptedAws, **tags: str) -> None:
    """The objects below s3://b/raw/ with these ETags."""
    found = [{"Key": f"raw/{name}", "ETag": tag} for name, tag in tags.items()]
    aws.on("ListObjectsV2", {"Contents": found})


def version_sent(aws: ScriptedAws, *arguments: str) -> str | None:
    """The parameter of the execution that the command starts."""
    result = invoke("start", *arguments)
    assert result.exit_code == 0, result.output
    given = aws.requests("StartPipelineExecution")[-1]["PipelineParameters"]
    return next((it["Value"] for it in given if it["Name"] == "DatasetVersion"), None)


def test_version_of_a_dataset_in_s3_changes_with_its_objects(ready: ScriptedAws) -> None:
    given = ("--dataset", "s3://b/raw/")
    objects(ready, a="1")
    first = version_sent(ready, *given)
    assert first == version_sent(ready, *given)
    objects(ready, a="2")
    changed = version_sent(ready, *given)
    objects(ready, a="1", b="1")
    assert len({first, changed, version_sent(ready, *given)}) == 3


def test_version_of_one_object_ignores_others_whose_keys_begin_with_its_key(
    ready: ScriptedAws,
) -> None:
    objects(ready, a="1")
    alone = version_sent(ready, "--dataset", "s3://b/raw/a")
    objects(ready, a="1", aa="1")
    assert version_sent(ready, "--dataset", "s3://b/raw/a") == alone


def test_version_is_new_each_time_if_the_objects_cannot_be_listed(ready: ScriptedAws) -> None:
    ready.on("ListObjectsV2", error("AccessDenied", "no", "ListObjectsV2", 403))
    versions = {version_sent(ready, "--dataset", "s3://b/raw/a") for _ in range(2)}
    assert len(versions) == 2
    assert None not in versions


@pytest.mark.parametrize("address", ["https://host/a.tar.gz", None])
def test_datasets_on_the_web_have_no_version(ready: ScriptedAws, address: str | None) -> None:
    assert version_sent(ready, *(("--dataset", address) if address else ())) is None


def test_given_version_is_sent(ready: ScriptedAws) -> None:
    given = ("--dataset", "s3://b/raw/a", "--parameter", "DatasetVersion=mine")
    assert version_sent(ready, *given) == "mine"


def test_repeated_execution_reads_the_dataset_as_it_is_now(ready: ScriptedAws) -> None:
    values = {"DatasetUri": "s3://b/raw/a", "DatasetVersion": "old"}
    ready.pages(
        "ListPipelineParametersForExecution",
        "PipelineParameters",
        [{"Name": name, "Value": value} for name, value in values.items()],
    )
    ready.on(
        "DescribePipelineDefinitionForExecution",
        {"PipelineDefinition": definition(), "CreationTime": START},
    )
    assert version_sent(ready, "--like", ID) not in (None, "old")


def test_deployment_with_a_dataset_in_s3_sends_its_version_and_refuses_web_addresses(
    ready: ScriptedAws,
) -> None:
    document = json.loads(render(PipelineSettings(dataset_uri="s3://reviews/a")))
    for parameter in document["Parameters"]:
        if parameter["Name"] in DEPLOYED:
            parameter["DefaultValue"] = DEPLOYED[parameter["Name"]]
    ready.on("DescribePipeline", pipeline(json.dumps(document)))
    assert version_sent(ready)
    refused = invoke("start", "--dataset", "https://host/a.tar.gz")
    assert_refused(refused, 2, "https://host/a.tar.gz: ", "Download")
