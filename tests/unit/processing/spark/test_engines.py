"""Spark reads every file that one machine reads, or refuses it with the same message."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from processing.dataset.read import unpacked_dataset
from processing.errors import DataError
from processing.jobs import preprocess
from tests.support.dataset_kinds import ACCEPTED, REFUSED, Prepare, parquet, rows, table
from tests.support.files import contents

# pyspark leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

Engine = Callable[[Any, Any], None]


def one_machine(_spark: Any, options: Any) -> None:
    preprocess.run(options)


def on_spark(spark: Any, options: Any) -> None:
    from processing.spark.driver import preprocess as run

    try:
        with (
            unpacked_dataset(options.raw, options.output / "unpacked") as folder,
            patch.dict(sys.modules, {"pyarrow": None}),  # as in the image
        ):
            run(spark, options, folder, 2)
    finally:
        spark.catalog.clearCache()
        gc.collect()


def options_of(raw: Path, output: Path) -> Any:
    # One process: forking isn't safe here, because this one has the threads of the Java gateway.
    given = ["--raw", str(raw), "--output", str(output), "--workers", "1"]
    return preprocess.parser().parse_args(given)


def outcome(engine: Engine, spark: Any, raw: Path, output: Path) -> tuple[str, dict[str, bytes]]:
    """The refusal, and the files that were written."""
    refusal = ""
    try:
        engine(spark, options_of(raw, output))
    except DataError as error:
        refusal = str(error)
    return refusal, contents(output)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


@pytest.mark.parametrize("prepare", [pytest.param(ACCEPTED[name], id=name) for name in ACCEPTED])
def test_outputs_and_log_are_those_of_one_machine(
    spark: Any, tmp_path: Path, raw: Path, prepare: Prepare, capfd: pytest.CaptureFixture[str]
) -> None:
    prepare(raw)
    refusal, expected = outcome(one_machine, spark, raw, tmp_path / "single")
    assert not refusal
    log = capfd.readouterr().out
    assert outcome(on_spark, spark, raw, tmp_path / "spark") == ("", expected)
    assert sorted(capfd.readouterr().out.splitlines()) == sorted(log.splitlines())


@pytest.mark.parametrize("prepare", [pytest.param(REFUSED[name], id=name) for name in REFUSED])
def test_refusals_are_those_of_one_machine(
    spark: Any, tmp_path: Path, raw: Path, prepare: Prepare
) -> None:
    prepare(raw)
    refusal, written = outcome(one_machine, spark, raw, tmp_path / "single")
    assert refusal
    assert not written
    assert outcome(on_spark, spark, raw, tmp_path / "spark") == (refusal, {})


def test_a_name_that_spark_skips_is_refused(spark: Any, tmp_path: Path, raw: Path) -> None:
    (raw / "_reviews.parquet").write_bytes(parquet(rows()))
    refusal, _ = outcome(on_spark, spark, raw, tmp_path / "spark")
    assert refusal.startswith("_reviews.parquet: ")


def test_only_the_object_of_the_uri_is_read(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = tmp_path / "processing" / "input" / "raw"
    raw.mkdir(parents=True)
    (raw / "reviews.parquet").write_bytes(parquet(rows(60)))
    (raw / "reviews.parquet.bak").write_bytes(table(rows()))
    source = {"S3Uri": "s3://b/reviews.parquet", "LocalPath": "/opt/ml/processing/input/raw"}
    request = tmp_path / "config" / "processingjobconfig.json"
    request.parent.mkdir()
    request.write_text(json.dumps({"ProcessingInputs": [{"S3Input": source}]}), encoding="utf-8")
    monkeypatch.setenv("OPT_ML", str(tmp_path))
    refusal, expected = outcome(one_machine, spark, raw, tmp_path / "single")
    assert not refusal
    assert outcome(on_spark, spark, raw, tmp_path / "spark") == ("", expected)
