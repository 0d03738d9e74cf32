"""``python -m benchmarks.presets.written COMPARISON.json``: the page and the picture anew."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.presets.comparison import Comparison
from benchmarks.presets.picture import draw
from benchmarks.presets.report import markdown


def write(source: Path) -> Path:
    """Writes both and returns the page."""
    found = Comparison.load(source)
    picture, page = source.with_suffix(".svg"), source.with_suffix(".md")
    draw(found, picture)
    page.write_text(markdown(found, picture.name), encoding="utf-8")
    return page


if __name__ == "__main__":
    print(write(Path(sys.argv[1])).read_text(encoding="utf-8"))
