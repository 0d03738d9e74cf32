"""The group of all commands: its help, and how its errors are printed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from operations.errors import EXIT_CODES, FAILURE, INTERRUPTED, SUCCESS, CliError
from operations.program import pasteable


class CommandGroup(click.Group):
    """Commands in sections, by task. Errors are one line on stderr; tracebacks are bugs.

    With --json, an error is also a JSON object on stdout.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._sections: dict[str, Sequence[click.Command]] = {}

    def add_section(self, title: str, *commands: click.Command) -> None:
        """Add commands, listed under ``title`` in this order."""
        self._sections[title] = commands
        for command in commands:
            self.add_command(command)

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the help."""
        return list(self.commands)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section's commands with their summaries, all aligned."""
        width = max(map(len, self.commands))
        for title, commands in self._sections.items():
            with formatter.section(title):
                limit = formatter.width - formatter.current_indent - width
                formatter.write_dl(
                    [(f"{it.name:<{width}}", it.get_short_help_str(limit)) for it in commands]
                )

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        *_: bool,
        **extra: Any,
    ) -> Any:
        """Run the command in ``args``, and exit with its code."""
        words = sys.argv[1:] if args is None else list(args)
        as_json = "--json" in words[: words.index("--") if "--" in words else None]
        try:
            code = super().main(words, prog_name, complete_var, False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.ClickException as error:
            message = " ".join(error.format_message().split()).rstrip(".")
            _end(message, error.exit_code, _hint(error), as_json=as_json)
        except CliError as error:
            _end(str(error), error.exit_code, as_json=as_json)
        except (click.Abort, KeyboardInterrupt):
            _end("stopped", INTERRUPTED, as_json=as_json)
        except Exception as error:
            if as_json:
                _print_json({"message": f"{type(error).__name__}: {error}", "exit_code": FAILURE})
            raise
        sys.exit(code if isinstance(code, int) else SUCCESS)


def _hint(error: click.ClickException) -> str:
    """The command that shows the right usage."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    words = context.command_path.split()[1:] if context else ()
    return f"see {pasteable(*words, '--help')}" if context else ""


def _end(message: str, code: int, hint: str = "", *, as_json: bool) -> None:
    click.echo(f"error: {message}{f' ({hint})' if hint else ''}", err=True)
    if as_json:
        _print_json({"message": message, "exit_code": code, **({"hint": hint} if hint else {})})
    sys.exit(code)


def _print_json(error: Mapping[str, Any]) -> None:
    """Print the error on one line: `logs --follow --json` prints one object a line."""
    try:
        click.echo(json.dumps({"error": error}, sort_keys=True))
    except BrokenPipeError:  # the same Ctrl-C has ended the program that reads the objects
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
