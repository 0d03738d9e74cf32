"""``score`` and ``predict``: new reviews through a registered version, on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from operations.options import (
    DONE,
    FAILED,
    SCORE_DEFINITION,
    json_option,
    parameters_option,
    version_option,
    workdir_option,
)


@click.command()
@click.argument("reviews")
@version_option
@click.option("--text-column", help="Column of a table that holds the texts. [default: text]")
@click.option("--id-column", help="Column of a table that names the rows. [default: id]")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Copy scores.csv here.",
)
@parameters_option
@click.option(
    "--definition",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=SCORE_DEFINITION,
    show_default="the committed definition",
    help="Scoring pipeline definition (JSON) to use.",
)
@workdir_option
@json_option
def score(
    reviews: str,
    version: str | None,
    text_column: str | None,
    id_column: str | None,
    output: Path | None,
    parameters: Mapping[str, str],
    definition: Path,
    workdir: Path,
    as_json: bool,
) -> int:
    """Score REVIEWS: a table (csv, jsonl, parquet), an archive, a folder or a web address.

    Exits with 1 if drift exceeds DriftThreshold or is unknown; the scores are written regardless.
    """
    from operations.local import score

    columns = {"TextColumn": text_column, "IdColumn": id_column}
    chosen = {name: column for name, column in columns.items() if column is not None}
    request = score.ScoreRequest(
        reviews=reviews,
        model=version,
        parameters={**parameters, **chosen},
        definition=definition,
        workdir=workdir,
        output=output,
    )
    execution = score.score(request, as_json=as_json)
    return DONE if execution.status == "Succeeded" else FAILED


@click.command()
@click.argument("text")
@version_option
@workdir_option
@json_option
def predict(text: str, version: str | None, workdir: Path, as_json: bool) -> None:
    """Tell what a version takes TEXT for, and which words decided; - reads it from stdin."""
    from operations.local import predict

    predict.predict(text, version, workdir, as_json=as_json)
