"""``compare``: what differs between executions, and what that does to the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from operations.command_line.target import LocalTarget, Target, TargetOptions, target_options

if TYPE_CHECKING:
    from operations.comparison import ExecutionToCompare


@click.command()
@click.argument("executions", nargs=-1, required=True, metavar="BASELINE EXECUTION...")
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Also save the comparison with charts, as an HTML page, to this path.",
)
@click.option("--no-reviews", is_flag=True, help="Omit the text of reviews.")
@click.option(
    "--allowed-loss",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Exit with 1 if an execution loses more accuracy than this, such as 0.005: the whole 95% "
    "confidence interval of its loss is above.",
)
@target_options
def compare(
    executions: tuple[str, ...],
    markdown: bool,
    html: Path | None,
    no_reviews: bool,
    allowed_loss: float | None,
    where: TargetOptions,
    as_json: bool,
) -> None:
    """Compare executions with the first one, BASELINE: local, on AWS, or both.

    Shows the parameters, code, data and settings that differ, and what that does to the model: the
    metrics with the 95% confidence intervals of their differences, McNemar's test if the test sets
    are the same, errors by class, and reviews that only one of two models classifies correctly.
    """
    from operations.comparison import compare as compared
    from operations.errors import UsageError
    from operations.output_files import require_folder, save

    if len(executions) < 2:
        raise UsageError("give two executions or more; `list` lists them")
    if markdown and as_json:
        raise UsageError("--markdown can't be used with --json")
    if html:
        require_folder("--html", html)

    comparison = compared(
        [
            _found(target, it)
            for target, it in zip(where.targets(executions), executions, strict=True)
        ],
        with_page=html is not None,
        with_reviews=not no_reviews,
    )
    if html and comparison.page is not None:
        save("--html", html, comparison.page)
    if markdown:
        from operations.views.comparison_markdown import comparison_markdown

        click.echo(comparison_markdown(comparison.document), nl=False)
    else:
        from operations.views.comparison import print_comparison

        print_comparison(comparison.document, as_json=as_json)
    if allowed_loss is not None:
        from operations.accuracy_loss import excessive_losses

        losses = list(excessive_losses(comparison.document, allowed_loss))
        for loss in losses:
            click.echo(f"error: {loss}", err=True)
        if losses:
            raise click.exceptions.Exit(1)


def _found(target: Target, execution: str) -> ExecutionToCompare:
    match target:
        case LocalTarget(workdir=workdir):
            from operations.local.comparison import local_execution

            return local_execution(workdir, execution)
        case _:
            from operations.errors import UsageError

            raise UsageError(f"{execution} is on AWS; only local executions can be compared yet")
