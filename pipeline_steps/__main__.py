"""``python -m pipeline_steps`` renders ``definition.json`` anew, for the default settings."""

from __future__ import annotations

from pathlib import Path

from pipeline_steps.pipeline import render
from pipeline_steps.settings import PipelineSettings

DEFINITION = Path(__file__).with_name("definition.json")

if __name__ == "__main__":
    text = render(PipelineSettings())
    arriving = DEFINITION.with_suffix(".arriving")
    arriving.write_text(text, encoding="utf-8")
    arriving.replace(DEFINITION)
    print(f"{DEFINITION.name}: {len(text):,} characters")
