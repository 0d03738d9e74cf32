"""Options that commands share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from operations.command_line.completion import (
    complete_executions,
    complete_presets,
    complete_versions,
)
from operations.program import WORKDIR

_COMMITTED = Path(__file__).resolve().parents[1] / "pipeline_steps"
DEFINITION = _COMMITTED / "definition.json"
SCORE_DEFINITION = _COMMITTED / "score_definition.json"
"""The committed definitions, rendered with the default settings."""


class FiniteRange(click.FloatRange):
    """A number in a range. click takes "nan" for a member of every range."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number. Raise BadParameter for one that isn't finite or in the range."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} isn't a finite number.", param, ctx)
        return number


def pairs(_context: click.Context, option: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """Return the values of a repeated option whose metavar is ``NAME=VALUE``, by name."""
    found = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{option.opts[0]} must be {option.metavar}, got {pair!r}")
        found[name] = value
    return found


definition_option = click.option(
    "--definition",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=DEFINITION,
    show_default="the committed definition",
    help="Path of the pipeline definition (JSON).",
)
preset_option = click.option(
    "--preset",
    metavar="NAME",
    shell_complete=complete_presets,
    help="Use a set of parameter values: article or accurate. --parameter overrides them.",
)
workdir_option = click.option(
    "--workdir",
    type=click.Path(file_okay=False, path_type=Path),
    default=WORKDIR,
    show_default=True,
    help="Folder for local executions and their outputs.",
)
version_option = click.option(
    "--model",
    "version",
    metavar="VERSION",
    shell_complete=complete_versions,
    help="Model version: its number, its ARN, or the execution that registered it.  [default: the "
    "newest approved version, else the newest that isn't rejected]",
)
dry_run_option = click.option(
    "--dry-run",
    is_flag=True,
    help="Only show for each step whether it would run or its result is cached, and why.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
scoring_option = click.option(
    "--scoring", is_flag=True, help="Use the scoring pipeline, not the training pipeline."
)

execution_argument = click.argument("execution", required=False, shell_complete=complete_executions)
"""The ID or ARN of an execution; None for the newest."""

aws_execution_argument = click.argument("execution", required=False)
"""The same for commands on AWS alone: IDs on AWS aren't completed."""

max_cost_option = click.option(
    "--max-cost",
    type=FiniteRange(min=0),
    metavar="USD",
    help="Start nothing on AWS if the expected cost is higher or unknown.",
)
wait_option = click.option(
    "--wait",
    is_flag=True,
    help="Watch the execution until it ends; exit with 1 unless it succeeds.",
)
interval_option = click.option(
    "--interval",
    type=FiniteRange(min=0.1),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="Polling interval.",
)
