"""The terminology check reads prose, comments, strings and identifiers, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.clean_room import ROOT
from validation.terminology import read_terms, violations

TERMS = '[terms]\n"foo(s|ed)?" = "bar"\n"baz qux (?!longer)" = "bar"\n'


def lines_found(folder: Path, name: str, text: str) -> list[int]:
    (folder / "terms.toml").write_text(TERMS)
    (folder / name).write_text(text)
    found = violations(folder / name, read_terms(folder / "terms.toml"))
    return [int(line.split(":")[1]) for line in found]


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        pytest.param("a.md", "one\nFooed here\n", [2], id="prose"),
        pytest.param("a.md", "`foo`\n```\nfoo\n```\n[bar](foo.md)\n", [], id="code-and-links"),
        pytest.param("a.md", "```\nfoo\n```\nfoo\n", [4], id="line-after-code"),
        pytest.param("a.md", "It baz qux here.", [1], id="phrase"),
        pytest.param("a.md", "It baz qux longer than food.", [], id="exception-and-part-of-a-word"),
        pytest.param("a.py", "x = 1\n# foo\n", [2], id="comment"),
        pytest.param("a.py", '"""One.\n\nfoos\n"""\n', [3], id="docstring"),
        pytest.param("a.py", "def is_foo_here() -> None: ...\n", [1], id="identifier"),
        pytest.param("a.py", 'print(f"{1} foo")\n', [1], id="formatted-string"),
        pytest.param("a.py", "food = 1\n", [], id="part-of-an-identifier"),
    ],
)
def test_terms_are_found_where_people_read_them(
    tmp_path: Path, name: str, text: str, lines: list[int]
) -> None:
    assert lines_found(tmp_path, name, text) == lines


def test_the_command_fails_and_prints_place_and_replacement(tmp_path: Path) -> None:
    terms, page = tmp_path / "terms.toml", tmp_path / "page.md"
    terms.write_text(TERMS)
    page.write_text("A foo.\n")
    command = [sys.executable, "-m", "validation.terminology", str(terms), str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == f"{page}:1: 'foo': use bar\n"
