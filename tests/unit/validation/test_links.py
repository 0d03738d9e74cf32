"""The link checker for the documentation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.clean_room import ROOT
from validation.links import broken


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder with one page to link to."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "page.md").write_text(
        "# The page\n\n## What `run` does, twice\n\n```sh\n# no heading\n```\n"
    )
    return tmp_path


def _broken(docs: Path, text: str) -> list[str]:
    page = docs / "start.md"
    page.write_text(text)
    return list(broken(page))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[a](deep/page.md)", id="file"),
        pytest.param("[a](deep)", id="folder"),
        pytest.param("[a](deep/page.md#the-page)", id="heading-of-other-file"),
        pytest.param("[a](deep/page.md#what-run-does-twice)", id="heading-with-code"),
        pytest.param("# Own heading\n[a](#own-heading)", id="own-heading"),
        pytest.param("[a](https://example.com/nope)", id="address"),
        pytest.param("[a](mailto:a@example.com)", id="mail"),
        pytest.param("`[a](nope.md)`", id="link-in-code"),
        pytest.param("```\n[a](nope.md)\n```", id="link-in-code-block"),
        pytest.param("Nothing (here) [at] all", id="no-link"),
    ],
)
def test_valid_links_pass(docs: Path, text: str) -> None:
    assert _broken(docs, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[a](nope.md)", "nope.md doesn't exist", id="no-such-file"),
        pytest.param("![a](nope.png)", "nope.png doesn't exist", id="no-such-image"),
        pytest.param("[a](nope.md#x)", "nope.md#x doesn't exist", id="anchor-of-no-file"),
        pytest.param(
            "[a](deep/page.md#nope)", "deep/page.md#nope has no such heading", id="no-such-heading"
        ),
        pytest.param("[a](#nope)", "#nope has no such heading", id="no-such-own-heading"),
        pytest.param(
            "[a](deep/page.md#no-heading)",
            "no-heading has no such heading",
            id="comment-in-code-block",
        ),
        pytest.param(
            '[a](nope.md "title")',
            "nope.md",
            id="link-with-title",
        ),
        pytest.param(
            "[a]: nope.md",
            "nope.md",
            id="reference-definition",
        ),
    ],
)
def test_broken_link_is_reported_with_its_file(docs: Path, text: str, expected: str) -> None:
    [line] = _broken(docs, f"Text before, [good](deep/page.md).\n\n{text}\n")
    assert line.startswith(f"{docs / 'start.md'}: ")
    assert expected in line


def _command(*arguments: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "validation.links", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_command_checks_folders_and_exits_with_1(docs: Path) -> None:
    (docs / "deep" / "bad.md").write_text("[a](nope.md)")

    ended = _command(docs)

    assert ended.returncode == 1
    assert ended.stdout == f"{docs / 'deep' / 'bad.md'}: nope.md doesn't exist\n"


def test_command_prints_nothing_for_valid_links(docs: Path) -> None:
    ended = _command(docs / "deep" / "page.md", docs)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
