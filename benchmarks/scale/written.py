"""``python -m benchmarks.scale.written GROWTH.json`` writes the page and the picture anew."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.scale.growth import Growth
from benchmarks.scale.picture import draw
from benchmarks.scale.report import markdown


def write(source: Path) -> Path:
    """Writes both and returns the page."""
    growth = Growth.load(source)
    picture, page = source.with_suffix(".svg"), source.with_suffix(".md")
    draw(growth, picture)
    page.write_text(markdown(growth, picture.name), encoding="utf-8")
    return page


if __name__ == "__main__":
    print(write(Path(sys.argv[1])).read_text(encoding="utf-8"))
