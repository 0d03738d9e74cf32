"""``python -m benchmarks.written RESULT.json`` writes the page and the picture beside it anew."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.picture import draw
from benchmarks.report import markdown
from benchmarks.result import Result


def write(source: Path) -> Path:
    """Writes both and returns the page."""
    result = Result.load(source)
    picture, page = source.with_suffix(".svg"), source.with_suffix(".md")
    draw(result, picture)
    page.write_text(markdown(result, picture.name), encoding="utf-8")
    return page


if __name__ == "__main__":
    print(write(Path(sys.argv[1])).read_text(encoding="utf-8"))
