"""Options that select steps of a pipeline."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from operations.command_line.completion import complete_steps


def _steps_option(name: str, field: str, text: str) -> Callable[[Any], Any]:
    return click.option(
        name,
        field,
        multiple=True,
        metavar="STEP",
        shell_complete=complete_steps,
        help=f"{text} Can be repeated.",
    )


_OPTIONS = (
    _steps_option("--only", "only", "Run this step alone."),
    _steps_option("--from", "first", "Run this step and all steps that depend on it."),
    _steps_option("--until", "last", "Run this step and all steps that it depends on."),
    _steps_option("--force", "forced", "Run this step even if its result is in the cache."),
    click.option("--no-cache", is_flag=True, help="Run all steps even if results are cached."),
)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as ``selection``."""

    @functools.wraps(command)
    def with_selection(
        *arguments: Any,
        only: tuple[str, ...],
        first: tuple[str, ...],
        last: tuple[str, ...],
        forced: tuple[str, ...],
        no_cache: bool,
        **others: Any,
    ) -> Any:
        from local_runner.selection import Selection

        selection = Selection(only, first, last, forced, no_cache)
        return command(*arguments, selection=selection, **others)

    decorated: Callable[..., Any] = with_selection
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated
