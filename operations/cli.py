"""The command line of ``sentiment``."""

from __future__ import annotations

import click

from operations.commands import (
    diff,
    executions,
    local,
    maintenance,
    models,
    scoring,
)
from operations.options import OneLineErrors


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
def sentiment() -> None:
    """Run and operate the sentiment pipelines, on this machine and on AWS."""


for command in (
    local.run,
    local.show,
    scoring.score,
    scoring.predict,
    diff.diff,
    executions.start,
    executions.watch,
    executions.list_executions,
    executions.logs,
    executions.stop,
    models.report,
    models.approve,
    models.reject,
    maintenance.cost,
    maintenance.clean,
    maintenance.preflight,
):
    sentiment.add_command(command)


def main() -> None:
    """Run the command line."""
    sentiment(prog_name="sentiment")
