"""Options that select steps of a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from operations.command_line.completion import complete_steps
from operations.command_line.target import with_options
from operations.errors import UsageError

Command = Callable[..., Any]


def _steps_option(name: str, field: str, text: str, **settings: Any) -> Callable[[Any], Any]:
    return click.option(
        name,
        field,
        multiple=True,
        metavar="STEP",
        shell_complete=complete_steps,
        help=f"{text} Can be repeated.",
        **settings,
    )


def reuse_option(**settings: Any) -> Callable[[Any], Any]:
    """Return the option for the execution whose results are reused."""
    return click.option(
        "--reuse",
        metavar="EXECUTION",
        help="Take the results that the selected steps need from this execution.  [default: the "
        "newest that has all of them]",
        **settings,
    )


def _part_options() -> tuple[Callable[[Any], Any], ...]:
    return (
        _steps_option("--only", "only", "Run this step alone."),
        _steps_option("--from", "first", "Run this step and all steps that depend on it."),
        _steps_option("--until", "last", "Run this step and all steps that it depends on."),
    )


def _cache_options(*, hidden: bool) -> tuple[Callable[[Any], Any], ...]:
    return (
        _steps_option(
            "--force",
            "forced",
            "Run this step even if its result is in the cache.",
            hidden=hidden,
        ),
        click.option(
            "--no-cache",
            is_flag=True,
            hidden=hidden,
            help="Run all steps even if results are cached.",
        ),
    )


def selection_options(command: Command) -> Command:
    """Add the options; the command gets them as ``selection``."""
    return with_options((*_part_options(), *_cache_options(hidden=False)), _collected(command))


def aws_selection_options(command: Command) -> Command:
    """Add those for an execution on AWS, as ``selection``; the others are refused with a reason."""

    @wraps(command)
    def call(selection: Any, **others: Any) -> Any:
        if selection.forced or selection.no_cache:
            given = "--no-cache" if selection.no_cache else "--force"
            raise UsageError(
                f"{given}: SageMaker can't ignore cached results in one execution; change a "
                "parameter that the step uses, or deploy with a lower cache_days in cdk.json"
            )
        return command(selection=selection, **others)

    return with_options((*_part_options(), *_cache_options(hidden=True)), _collected(call))


def _collected(command: Command) -> Command:
    """Return the command with the options in one argument."""

    @wraps(command)
    def call(
        *,
        only: tuple[str, ...],
        first: tuple[str, ...],
        last: tuple[str, ...],
        forced: tuple[str, ...],
        no_cache: bool,
        **others: Any,
    ) -> Any:
        from local_runner.selection import Selection

        selection = Selection(only, first, last, forced, no_cache)
        return command(selection=selection, **others)

    return call
