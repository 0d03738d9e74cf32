"""The benchmark runs the jobs of this checkout with all the options that they require."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.harness.jobs import Jobs
from benchmarks.pipeline import execution
from processing.jobs import evaluate, preprocess


def required(parser: argparse.ArgumentParser) -> set[str]:
    """Return the options that the job requires."""
    return {action.dest for action in parser._actions if action.required}


def test_evaluate_gets_every_required_option() -> None:
    assert {*execution.EVALUATED, "output"} == required(evaluate.parser())


def test_the_jobs_accept_the_options_of_the_benchmark(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path)
    for program, job in (
        (jobs.preprocess(tmp_path, tmp_path, "--features", "ngrams"), preprocess),
        (jobs.evaluate(tmp_path, **dict.fromkeys(execution.EVALUATED, tmp_path)), evaluate),
    ):
        _, code, name, *options = program.command
        assert Path(code).is_file()
        assert f"processing.jobs.{name}" == job.__name__
        assert job.parser().parse_args(options).output == tmp_path
