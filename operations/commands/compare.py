"""``compare``: what differs between executions, and what that does to the model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from operations.command_line.completion import complete_executions, complete_files
from operations.command_line.target import (
    AwsTarget,
    LocalTarget,
    Target,
    TargetOptions,
    target_options,
)
from operations.options import FiniteRange

if TYPE_CHECKING:
    from operations.comparison import ExecutionToCompare


@click.command()
@click.argument(
    "executions",
    nargs=-1,
    metavar="[BASELINE EXECUTION...]",
    shell_complete=complete_executions,
)
@click.option(
    "--base",
    metavar="REVISION",
    help="Instead of executions, run and compare the pipelines of a git revision and of this "
    "checkout: their definitions and the jobs' code.",
)
@click.option(
    "--dataset",
    shell_complete=complete_files,
    help="With --base: reviews to train and test on.  [default: the demo dataset]",
)
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Also save the comparison with charts, as an HTML page, to this path.",
)
@click.option("--no-reviews", is_flag=True, help="Omit the text of reviews.")
@click.option(
    "--allowed-loss",
    type=FiniteRange(0, 1),
    metavar="SHARE",
    help="Exit with 1 if an execution loses more accuracy than this, such as 0.005: the whole 95% "
    "confidence interval of its loss is above.",
)
@target_options
def compare(
    executions: tuple[str, ...],
    base: str | None,
    dataset: str | None,
    markdown: bool,
    html: Path | None,
    no_reviews: bool,
    allowed_loss: float | None,
    where: TargetOptions,
    as_json: bool,
) -> None:
    """Compare executions with the first one, BASELINE.

    They are local, on AWS, or both. Shows the parameters, code, data and settings that differ, and
    what that does to the model: the metrics with the 95% confidence intervals of their differences,
    McNemar's test if the test sets are the same, errors by class, and reviews that only one of two
    models classifies correctly.
    """
    from operations.comparison import compare as compared
    from operations.errors import UsageError
    from operations.output_files import require_folder, save
    from operations.views.printing import print_error

    if base is None and len(executions) < 2:
        raise UsageError("give two executions or more; `list` lists them")
    if base is not None and executions:
        raise UsageError("--base can't be used with executions")
    if dataset is not None and base is None:
        raise UsageError("--dataset needs --base")
    if markdown and as_json:
        raise UsageError("--markdown can't be used with --json")
    if html:
        require_folder("--html", html)

    if base is None:
        targets = where.targets(executions)
        found = [
            _found(target, it, quiet=as_json)
            for target, it in zip(targets, executions, strict=True)
        ]
    else:
        both = _both_sides(where.target(), base, dataset, quiet=as_json)
        if both is None:
            from operations.views.comparison.table import print_unchanged

            print_unchanged(base, as_json=as_json)
            return
        found = both
    comparison = compared(
        found,
        with_page=html is not None,
        with_reviews=not no_reviews,
    )
    if html and comparison.page is not None:
        save("--html", html, comparison.page)
    losses = _losses(comparison.document, allowed_loss)
    if markdown:
        from operations.views.comparison.markdown import comparison_markdown

        click.echo("".join(f"**{loss}.**\n\n" for loss in losses), nl=False)
        click.echo(comparison_markdown(comparison.document), nl=False)
    else:
        from operations.views.comparison.table import print_comparison

        print_comparison(comparison.document, as_json=as_json)
    for loss in losses:
        print_error(loss)
    if losses:
        raise click.exceptions.Exit(1)


def _losses(document: Mapping[str, Any], allowed: float | None) -> list[str]:
    """Return a sentence for each execution that loses too much; none without a limit."""
    from operations.model_change.accuracy_loss import excessive_losses

    return [] if allowed is None else list(excessive_losses(document, allowed))


def _both_sides(
    target: Target, base: str, dataset: str | None, *, quiet: bool
) -> list[ExecutionToCompare] | None:
    """Run a revision and this checkout in the work folder; return None if they are the same."""
    from operations.errors import UsageError
    from operations.model_change.both_sides import run_both_sides

    if not isinstance(target, LocalTarget):
        raise UsageError("--base runs on this machine; omit the environment, or use --local")
    return run_both_sides(base, dataset, target.workdir, quiet=quiet)


def _found(target: Target, execution: str, *, quiet: bool) -> ExecutionToCompare:
    match target:
        case LocalTarget(workdir=workdir):
            from operations.local.comparison import local_execution

            return local_execution(workdir, execution)
        case AwsTarget():
            from operations.aws.comparison import aws_execution

            with target.connected() as deployment:
                return aws_execution(deployment, execution, quiet=quiet)
