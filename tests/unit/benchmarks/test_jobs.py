"""The benchmark runs the jobs as they are now, with all that they ask for."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import pipeline
from benchmarks.jobs import Jobs
from processing.jobs import evaluate, preprocess


def required(parser: argparse.ArgumentParser) -> set[str]:
    """The options without which the job refuses to start."""
    return {action.dest for action in parser._actions if action.required}


def test_evaluate_is_given_all_that_it_asks_for() -> None:
    assert {*pipeline.EVALUATED, "output"} == required(evaluate.parser())


def test_jobs_understand_what_the_benchmark_gives_them(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path)
    for program, job in (
        (jobs.preprocess(tmp_path, tmp_path, "--features", "evidence"), preprocess),
        (jobs.evaluate(tmp_path, **dict.fromkeys(pipeline.EVALUATED, tmp_path)), evaluate),
    ):
        _, code, name, *options = program.command
        assert Path(code).is_file()
        assert f"processing.jobs.{name}" == job.__name__
        assert job.parser().parse_args(options).output == tmp_path
