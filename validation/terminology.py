"""Check the terms in prose and code: ``python -m validation.terminology TERMS PATH...``.

The terms are data (``docs/terminology.toml``). Markdown is read as prose without code; Python as
its comments, strings and identifiers. Exits with 1 and one line for each occurrence.
"""

from __future__ import annotations

import re
import sys
import token
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_CODE = re.compile(r"^```.*?^```|`[^`\n]*`|\]\([^)\s]+", re.DOTALL | re.MULTILINE)
_WORDS = {token.COMMENT, token.STRING, token.NAME}
_WORDS |= {kind for name, kind in vars(token).items() if name == "FSTRING_MIDDLE"}  # from 3.12 on


class Term(NamedTuple):
    """A pattern of words not to use, and the words to use instead."""

    pattern: re.Pattern[str]
    instead: str


def read_terms(path: Path) -> list[Term]:
    """Return the terms of a TOML file, whose keys are regular expressions of whole words."""
    table: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["terms"]
    return [
        Term(re.compile(rf"\b(?:{words})\b", re.IGNORECASE), use) for words, use in table.items()
    ]


def violations(path: Path, terms: list[Term]) -> Iterator[str]:
    """Yield a line for each term in the file, with its place and what to use instead."""
    for number, text in _python(path) if path.suffix == ".py" else _markdown(path):
        for pattern, instead in terms:
            for found in pattern.finditer(text):
                line = number + text.count("\n", 0, found.start())
                yield f"{path}:{line}: {found[0]!r}: use {instead}"


def _markdown(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_text(encoding="utf-8")
    yield 1, _CODE.sub(lambda code: "\n" * code[0].count("\n"), text)


def _python(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for kind, text, (number, _), _, _ in tokenize.tokenize(file.readline):
            if kind in _WORDS:
                yield number, text.replace("_", " ")


def _files(names: list[str]) -> Iterator[Path]:
    for path in map(Path, names):
        files = path.rglob("*") if path.is_dir() else [path]
        yield from sorted(file for file in files if file.suffix in (".py", ".md"))


if __name__ == "__main__":
    terms = read_terms(Path(sys.argv[1]))
    found = [
        line
        for path in _files(sys.argv[2:])
        if "vendor" not in path.parts
        for line in violations(path, terms)
    ]
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)
