"""``python -m pipeline_steps`` renders the committed files.

These are the definitions of the default settings, and the ranges of parameters.
"""

from __future__ import annotations

from pathlib import Path

from pipeline_steps.atomic import write_atomically
from pipeline_steps.render import render, render_ranges, render_score
from pipeline_steps.settings import PipelineSettings

FOLDER = Path(__file__).parent

if __name__ == "__main__":
    for name, content in {
        "definition.json": render(PipelineSettings()),
        "score_definition.json": render_score(PipelineSettings()),
        "parameter_ranges.json": render_ranges(),
    }.items():
        write_atomically(FOLDER / name, content.encode())
        print(f"{name}: {len(content):,} characters")
