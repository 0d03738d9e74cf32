"""``python -m pipeline_steps`` renders the committed definitions, those of the default settings."""

from __future__ import annotations

from pathlib import Path

from pipeline_steps.atomic import write_atomically
from pipeline_steps.render import render, render_score
from pipeline_steps.settings import PipelineSettings

FOLDER = Path(__file__).parent
DEFINITIONS = {"definition.json": render, "score_definition.json": render_score}

if __name__ == "__main__":
    for name, rendered in DEFINITIONS.items():
        text = rendered(PipelineSettings())
        write_atomically(FOLDER / name, text.encode())
        print(f"{name}: {len(text):,} characters")
