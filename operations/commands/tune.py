"""``tune``: a search of parameters by the metric on the validation set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from operations.command_line.completion import complete_files, complete_ranges
from operations.command_line.parameters import parameters_options
from operations.errors import FAILURE, INTERRUPTED, SUCCESS
from operations.options import (
    DEFINITION,
    FiniteRange,
    definition_option,
    json_option,
    preset_option,
    workdir_option,
)


@click.command()
@click.option(
    "--dataset",
    shell_complete=complete_files,
    help="Reviews, as of `run`.  [default: the demo dataset]",
)
@preset_option
@parameters_options
@click.option(
    "--range",
    "ranges",
    multiple=True,
    metavar="NAME=LOW..HIGH",
    shell_complete=complete_ranges,
    help="Tune a parameter: MaxDepth=3..8, Eta=0.01..0.3:log, Features=stems,ngrams; the name "
    "alone for its default range. Can be repeated.  [default: the default ranges of all parameters "
    "that --parameter doesn't set]",
)
@click.option(
    "--trials",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Number of trials, those of earlier runs of the same command included.",
)
@click.option(
    "--timeout",
    "seconds",
    type=FiniteRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Start no trial after this time.",
)
@click.option(
    "--strategy",
    type=click.Choice(["tpe", "random"]),
    default="tpe",
    show_default=True,
    help="Propose values by the results so far (tree-structured Parzen estimator), or randomly.",
)
@click.option(
    "--metric",
    metavar="NAME",
    help="Metric on the validation set to compare trials by.  [default: the last of EvalMetric]",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Train each trial with this many seeds of splitting and training; compare the means.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of the search. With --jobs 1, equal seeds give equal results.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of trials that run at the same time; they share the cores.",
)
@click.option(
    "--write-preset",
    metavar="NAME",
    help="Write the best trial's values to pipeline_steps/presets.json.",
)
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save a chart: the best value so far, and the metric against each parameter.",
)
@click.option("--force", is_flag=True, help="Let --write-preset replace a preset.")
@definition_option
@workdir_option
@json_option
def tune(
    dataset: str | None,
    preset: str | None,
    parameters: Mapping[str, str],
    ranges: tuple[str, ...],
    trials: int,
    seconds: float | None,
    strategy: str,
    metric: str | None,
    seeds: int,
    seed: int,
    jobs: int,
    write_preset: str | None,
    svg: Path | None,
    force: bool,
    definition: Path,
    workdir: Path,
    as_json: bool,
) -> int:
    """Search the parameters with the best metric on the validation set.

    Trials run the pipeline until Train; the test set has no influence. The first trial has the
    values of the preset. The same command continues a search that was stopped or killed, and with
    more --trials one that has ended.
    """
    from operations import presets
    from operations.local.tuning.tune import TuneRequest
    from operations.local.tuning.tune import tune as run_search
    from operations.output_files import require_folder, save
    from operations.program import local_command
    from operations.views.printing import print_error
    from operations.views.tuning.chart import search_chart
    from operations.views.tuning.leaderboard import print_leaderboard

    if force and not write_preset:
        raise click.UsageError("--force has no effect without --write-preset")
    if svg:
        require_folder("--svg", svg)
    if write_preset:
        presets.require_writable(write_preset, overwrite=force)
    request = TuneRequest(
        dataset,
        definition,
        workdir,
        parameters,
        presets.with_preset(preset, {}),
        ranges,
        metric,
        strategy,
        seed,
        seeds,
        trials,
        seconds,
        jobs,
    )
    tuned = run_search(request, quiet=as_json)
    written = write_preset if tuned.preset and not tuned.is_interrupted else None
    if written:
        presets.write_preset(written, tuned.preset)
    if svg:
        save("--svg", svg, search_chart(tuned).encode())
    given = [*(("--dataset", dataset) if dataset else ())]
    if definition != DEFINITION:
        given += ["--definition", str(definition)]
    chosen = ("--preset", written) if written else _options(tuned.preset)
    words = ("run", *given, *chosen, *_options(tuned.others))
    next_command = local_command(workdir, *words) if tuned.preset else ""
    print_leaderboard(tuned, as_json=as_json, preset=written, next_command=next_command)
    if tuned.is_interrupted:
        print_error("stopped; the same command continues the search")
        return INTERRUPTED
    return SUCCESS if tuned.result.best else FAILURE


def _options(values: Mapping[str, object]) -> list[str]:
    return [word for name, value in values.items() for word in ("--parameter", f"{name}={value}")]
