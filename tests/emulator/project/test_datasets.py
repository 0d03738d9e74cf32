"""Datasets in the emulated S3: from `sentiment start` to what Preprocess reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline_steps.settings import PipelineSettings
from processing.names import (
    CODE_FILE,
    MANIFEST,
    MANIFEST_FILE,
    Step,
)
from processing.packaging import build
from tests.support.archives import zipped
from tests.support.emulated_pipelines import RunningPipeline, create_project_pipeline
from tests.support.emulator_process import POLL, Emulator
from tests.support.local_runs import definition_of, definition_until

BUCKET = "somebodys-reviews"
KEY = "raw/my réviews+%41 #1?&=.csv"
TABLE = "text,label\n" + "".join(
    f"A {word} film number {number},{label}\n"
    for number in range(40)
    for word, label in (("good", "pos"), ("bad", "neg"))
)


@pytest.fixture(scope="module")
def s3(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A client of S3 with a bucket that has the jobs' code, a table, and objects beside it."""
    client = emulator.client("s3")
    client.create_bucket(Bucket=BUCKET)
    code = build(tmp_path_factory.mktemp("code") / CODE_FILE).read_bytes()
    table = TABLE.encode()
    objects = {
        f"code/{CODE_FILE}": code,
        KEY: table,
        f"{KEY}.bak": b"not a table",
        f"{KEY}.gz": b"not compressed",
        f"{KEY}-old/a.csv": table,
        "raw/packed.zip": zipped({"reviews.csv": table}),
        "raw/packed.zip.old": b"not an archive",
        "raw/folder/": b"",
        "raw/folder/deep/": b"",
        "raw/folder/deep/a é.csv": table,
        "raw/folder/empty.csv": b"",
        "raw/folder/README.md": b"# About",
        "raw/folder2/a.csv": table,
    }
    for key, body in objects.items():
        client.put_object(Bucket=BUCKET, Key=key, Body=body)
    return client


@pytest.fixture(scope="module")
def downloading(
    emulator: Emulator, s3: Any, tmp_path_factory: pytest.TempPathFactory
) -> RunningPipeline:
    """The committed pipeline, to Preprocess."""
    path = definition_until(Step.PREPROCESS, tmp_path_factory.mktemp("committed"))
    return create_project_pipeline(emulator, "sentiment-dev", path, BUCKET)


@pytest.fixture(scope="module")
def in_place(
    emulator: Emulator, s3: Any, tmp_path_factory: pytest.TempPathFactory
) -> RunningPipeline:
    """The pipeline with no_network, to Preprocess."""
    settings = PipelineSettings(no_network=True, dataset_uri="raw/reviews.csv")
    path = definition_of(settings, tmp_path_factory.mktemp("in-place"), until=Step.PREPROCESS)
    return create_project_pipeline(emulator, "sentiment-in-place", path, BUCKET)


def files_read(s3: Any, arn: str) -> list[str]:
    """Return the names of the files that an execution read, from its manifest."""
    key = f"models/{arn.rpartition('/')[2]}/{MANIFEST}/{MANIFEST_FILE}"
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return [file["name"] for file in json.loads(body)["files"]]


def finished(pipeline: RunningPipeline, key: str) -> str:
    """Start an execution on an object or a folder, wait for its end, and return its ARN."""
    arn = pipeline.start(DatasetUri=f"s3://{BUCKET}/{key}")
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Succeeded", pipeline.steps(arn)
    return arn


def test_an_object_with_odd_characters_is_read_after_start(
    emulator: Emulator, downloading: RunningPipeline, s3: Any
) -> None:
    uri = f"s3://{BUCKET}/{KEY}"
    started = emulator.sentiment("start", "--dataset", uri, "--wait", "--json", *POLL)
    assert started.returncode == 0, started.stderr
    arn = json.loads(started.stdout)["arn"]
    assert files_read(s3, arn) == [KEY.removeprefix("raw/")]


@pytest.mark.parametrize(
    ("key", "name"),
    [(KEY, KEY.removeprefix("raw/")), ("raw/packed.zip", "packed.zip/reviews.csv")],
)
def test_without_download_only_the_object_of_the_uri_is_read(
    in_place: RunningPipeline, s3: Any, key: str, name: str
) -> None:
    assert files_read(s3, finished(in_place, key)) == [name]


@pytest.mark.parametrize("pipeline", ["downloading", "in_place"])
def test_a_folder_doesnt_include_those_that_begin_with_its_name(
    request: pytest.FixtureRequest, s3: Any, pipeline: str
) -> None:
    running: RunningPipeline = request.getfixturevalue(pipeline)
    assert files_read(s3, finished(running, "raw/folder/")) == ["deep/a é.csv"]


@pytest.mark.parametrize("pipeline", ["downloading", "in_place"])
def test_a_folder_without_a_slash_is_refused(
    request: pytest.FixtureRequest, s3: Any, pipeline: str
) -> None:
    running: RunningPipeline = request.getfixturevalue(pipeline)
    arn = running.start(DatasetUri=f"s3://{BUCKET}/raw/folder")
    assert running.ended(arn)["PipelineExecutionStatus"] == "Failed"
    [reason] = [each["FailureReason"] for each in running.steps(arn).values()]
    assert f"s3://{BUCKET}/raw/folder: " in reason


def test_changed_data_under_the_same_uri_are_read_again(
    emulator: Emulator, downloading: RunningPipeline, s3: Any
) -> None:
    key = "raw/changing.csv"

    def cached_steps() -> list[str]:
        given = ("start", "--dataset", f"s3://{BUCKET}/{key}", "--wait", "--json", *POLL)
        ended = emulator.sentiment(*given)
        assert ended.returncode == 0, ended.stderr
        steps = json.loads(ended.stdout)["steps"]
        return sorted(step["name"] for step in steps if step["cached"])

    s3.put_object(Bucket=BUCKET, Key=key, Body=TABLE.encode())
    assert cached_steps() == []
    assert cached_steps() == [Step.DOWNLOAD, Step.PREPROCESS]
    s3.put_object(Bucket=BUCKET, Key=key, Body=TABLE.replace("film", "movie").encode())
    assert cached_steps() == []
