"""The status line of commands."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from operations import progress
from operations.progress import Progress


def shown(monkeypatch: pytest.MonkeyPatch, detail: str, *, terminal: bool = True) -> str:
    """Return what is printed while a step runs and its job prints a line, without styles."""
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=40, soft_wrap=True)
    monkeypatch.setattr(progress, "Console", lambda **_: console)
    with Progress(quiet=False) as shown_progress:
        shown_progress.set_status("Preprocess")
        shown_progress.set_detail(detail)
        shown_progress.print_line("execution local-0001")
    return Text.from_ansi(output.getvalue()).plain


def test_the_status_line_has_the_step_and_the_progress_of_its_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (
        "Preprocess  read 9 reviews\n" in shown(monkeypatch, "read \x1b[1m9\x1b[0m reviews") + "\n"
    )


def test_the_status_line_ends_at_the_edge_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = max(shown(monkeypatch, "x" * 100).splitlines(), key=len)
    assert len(longest) == 40
    assert longest.endswith("x…")


def test_there_is_no_status_line_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, "read 9 reviews", terminal=False) == "execution local-0001"
