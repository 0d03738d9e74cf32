"""Draw the timelines and print their table: ``python -m benchmarks.timeline docs/timeline.svg``."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.timeline.drawing import svg, table
from benchmarks.timeline.estimate import Timeline
from pipeline_steps.render import render, render_score
from pipeline_steps.settings import PipelineSettings


def timelines() -> list[Timeline]:
    """Return those of both pipelines with default settings, and with a dataset in S3."""
    return [
        Timeline("Training, dataset on the web", render(PipelineSettings())),
        Timeline("Training, dataset in S3", render(PipelineSettings(dataset_uri="raw/reviews/"))),
        Timeline("Scoring", render_score(PipelineSettings())),
    ]


if __name__ == "__main__":
    found = timelines()
    Path(sys.argv[1]).write_text(svg(found), encoding="utf-8")
    print(table(found), end="")
