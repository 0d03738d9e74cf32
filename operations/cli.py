"""The command line of ``sentiment``: what there is to say, and nothing of how it is done."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from operations.datasets import DatasetError

DEFINITION = Path(__file__).resolve().parents[1] / "pipeline_steps" / "definition.json"
"""The committed definition, rendered from `pipeline_steps` with the default settings."""

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

_definition_option = click.option(
    "--definition",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=DEFINITION,
    show_default="the committed definition",
    help="Pipeline definition (JSON) to use.",
)
_parameter_option = click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value for a pipeline parameter; may be given several times.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def sentiment() -> None:
    """Run the sentiment pipeline, here and on AWS."""


@sentiment.command()
@click.option(
    "--dataset",
    help="Reviews to train and test on: an archive (tar, tar.gz), a folder or a web address. "
    "[default: 25,000 real reviews from a package, as a demo]",
)
@_parameter_option
@_definition_option
@click.option(
    "--workdir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Folder for everything that executions leave behind.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def run(
    dataset: str | None,
    parameters: tuple[str, ...],
    definition: Path,
    workdir: Path,
    as_json: bool,
) -> None:
    """Run the pipeline on this machine: no AWS account, no Docker.

    An execution that was interrupted is continued; steps whose inputs haven't changed are taken
    from the cache.
    """
    from operations import local

    request = local.Request(dataset, _pairs(parameters), definition, workdir)
    try:
        execution = local.run(request, as_json=as_json)
    except local.UsageProblem as error:
        _end(str(error), USAGE)
    except (local.Problem, DatasetError) as error:
        _end(str(error), FAILED)
    except KeyboardInterrupt:
        _end("stopped; the same command starts anew from what the cache holds", INTERRUPTED)
    sys.exit(DONE if execution.status == "Succeeded" else FAILED)


@sentiment.command()
@_parameter_option
@_definition_option
def show(parameters: tuple[str, ...], definition: Path) -> None:
    """Show the plan: steps in order, what they depend on, and the parameters."""
    from operations import local

    try:
        local.show(definition, _pairs(parameters))
    except local.UsageProblem as error:
        _end(str(error), USAGE)


def _pairs(parameters: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--parameter {parameter!r} must be written NAME=VALUE")
        pairs[name] = value
    return pairs


def _end(message: str, code: int) -> None:
    click.echo(f"error: {message}", err=True)
    sys.exit(code)


def main() -> None:
    """The entry point of the command."""
    sentiment(prog_name="sentiment")
