"""``python -m validation.links FILE|FOLDER...``: find broken relative links in Markdown."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

_LINK = re.compile(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
_HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)
_FENCED = re.compile(r"```.*?```", re.DOTALL)
_INLINE_CODE = re.compile(r"`[^`\n]*`")


def broken(path: Path) -> Iterator[str]:
    """Yield a line for each broken link of a Markdown file."""
    for inline, reference in _LINK.findall(_prose(path)):
        link = inline or reference
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name) if name else path
        if not target.exists():
            yield f"{path}: {link} doesn't exist"
        elif anchor and target.suffix == ".md" and anchor not in _anchors(target):
            yield f"{path}: {link} has no such heading"


def _prose(path: Path) -> str:
    return _INLINE_CODE.sub("", _FENCED.sub("", path.read_text(encoding="utf-8")))


def _anchors(path: Path) -> set[str]:
    """The anchors that GitHub creates for the headings."""
    headings = _HEADING.findall(_FENCED.sub("", path.read_text(encoding="utf-8")))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


def _markdown(names: list[str]) -> Iterator[Path]:
    for name in names:
        path = Path(name)
        yield from sorted(path.rglob("*.md")) if path.is_dir() else [path]


if __name__ == "__main__":
    found = [line for path in _markdown(sys.argv[1:]) for line in broken(path)]
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)
