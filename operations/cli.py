"""The command line of ``sentiment``."""

from __future__ import annotations

from pathlib import Path

import click

from operations.command_line.group import CommandGroup
from operations.commands import (
    compare,
    data,
    diff,
    endpoint,
    executions,
    export,
    feedback,
    maintenance,
    models,
    results,
    retry,
    run,
    scoring,
    show,
    start,
    tune,
)

_ROOT = Path(__file__).resolve().parents[1]


def _print_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Print the version and exit."""
    if not wanted or context.resilient_parsing:
        return
    from importlib.metadata import version

    from operations.local.git_commit import checked_out_commit
    from processing.names import UNKNOWN_COMMIT

    commit = checked_out_commit(_ROOT)
    suffix = "" if commit == UNKNOWN_COMMIT else f" (commit {commit})"
    click.echo(f"sentiment {version('sentiment-pipeline')}{suffix}")
    context.exit()


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and the commit, and exit.",
)
def sentiment() -> None:
    """Run and operate the sentiment pipelines, on this machine and on AWS."""


sentiment.add_section(
    "On this machine",
    run.run,
    tune.tune,
    show.show,
    data.data,
    scoring.score,
    scoring.predict,
    scoring.serve,
    export.export,
)
sentiment.add_section(
    "On AWS",
    start.start,
    start.watch,
    maintenance.cost,
    maintenance.prices,
    maintenance.preflight,
    diff.diff,
    models.promote,
)
sentiment.add_section(
    "The endpoint on AWS",
    endpoint.deploy,
    endpoint.endpoint,
    endpoint.invoke,
    endpoint.undeploy,
)
sentiment.add_section(
    "Executions, on this machine and on AWS",
    executions.list_executions,
    executions.logs,
    executions.stop,
    retry.retry,
    models.report,
    compare.compare,
    results.scores,
    feedback.feedback,
    maintenance.clean,
)
sentiment.add_section(
    "Models, on this machine and on AWS",
    models.versions,
    models.card,
    models.approve,
    models.reject,
)


def main() -> None:
    """Run the command line."""
    sentiment(prog_name="sentiment")
