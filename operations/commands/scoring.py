"""``score``, ``predict`` and ``serve``: a registered model version applied on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from operations.command_line.completion import complete_files
from operations.command_line.parameters import parameters_options
from operations.command_line.target import AwsTarget
from operations.errors import FAILURE, SUCCESS, UsageError
from operations.options import (
    SCORE_DEFINITION,
    FiniteRange,
    dry_run_option,
    json_option,
    version_option,
    workdir_option,
)

if TYPE_CHECKING:
    from operations.models.prediction import Prediction


@click.command()
@click.argument("reviews", shell_complete=complete_files)
@version_option
@click.option("--text-column", help="Column of a table with the reviews.  [default: auto]")
@click.option("--id-column", help="Column of a table with the IDs of the reviews.  [default: id]")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Copy scores.csv to this path.",
)
@parameters_options
@click.option(
    "--definition",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=SCORE_DEFINITION,
    show_default="the committed definition",
    help="Path of the scoring pipeline definition (JSON).",
)
@workdir_option
@dry_run_option
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
    dry_run: bool,
    as_json: bool,
) -> int:
    """Score new reviews with the scoring pipeline on this machine.

    REVIEWS is a table (csv, json, parquet), an archive, or a folder. Exits with 1 if drift exceeds
    DriftThreshold or is unknown; the scores are written regardless.
    """
    from operations.local.scoring.score import ScoreRequest, forecast
    from operations.local.scoring.score import score as score_reviews
    from operations.views.execution import print_execution
    from operations.views.forecast import print_forecast
    from processing.names import Parameter

    columns = {Parameter.TEXT_COLUMN: text_column, Parameter.ID_COLUMN: id_column}
    chosen = {name: column for name, column in columns.items() if column is not None}
    request = ScoreRequest(
        reviews=reviews,
        model=version,
        parameters={**parameters, **chosen},
        definition=definition,
        workdir=workdir,
        output=output,
    )
    if dry_run:
        found = forecast(request)
        print_forecast(found.steps, found.plan.parameters, found.notes, as_json=as_json)
        return SUCCESS
    summary = score_reviews(request, quiet=as_json)
    print_execution(summary, as_json=as_json)
    return SUCCESS if summary.succeeded else FAILURE


@click.command()
@click.argument("text")
@click.option(
    "--url",
    help="Use a server that takes the same requests as that of `serve`, such as "
    "http://127.0.0.1:8080, or an endpoint on AWS, by the URL that `endpoint` shows.",
)
@version_option
@click.option(
    "--threshold",
    type=FiniteRange(0, 1, min_open=True, max_open=True),
    help="Probability above which the text is positive.  [default: the version's]",
)
@workdir_option
@json_option
def predict(
    text: str,
    url: str | None,
    version: str | None,
    threshold: float | None,
    workdir: Path,
    as_json: bool,
) -> None:
    """Predict the class of a text with a local model version, or with a server.

    Shows the words with the largest contributions. TEXT can be - to read from stdin.
    """
    from operations.views.prediction import print_prediction

    if url is not None and version is not None:
        raise UsageError("--model can't be combined with --url: the server has a model already")
    if url is not None and threshold is not None:
        raise UsageError("--threshold can't be combined with --url: the server's model has one")
    content = sys.stdin.buffer.read() if text == "-" else os.fsencode(text)
    if url is None:
        from operations.local.scoring.predict import predict as predict_here

        prediction = predict_here(content, version, workdir, threshold)
    else:
        prediction = _predict_there(content, url)
    print_prediction(prediction, as_json=as_json)


def _predict_there(text: bytes, url: str) -> Prediction:
    """Predict with a server, or with an endpoint on AWS, whose requests are signed."""
    from operations.models.invocation import aws_endpoint

    if (found := aws_endpoint(url)) is None:
        from operations.models.server import predict as predict_by_server

        return predict_by_server(text, url)
    environment, region = found
    with AwsTarget(environment, region, region_source="the URL").connected() as deployment:
        from operations.aws.hosting.invocation import predict as predict_by_endpoint

        return predict_by_endpoint(deployment, text, explain=True)


@click.command()
@version_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Port on 127.0.0.1; 0 for any free one.",
)
@workdir_option
@json_option
def serve(version: str | None, port: int, workdir: Path, as_json: bool) -> None:
    """Serve a model version on this machine until Ctrl-C, with a page to try it.

    POST /invocations takes the requests of a SageMaker endpoint: texts as JSON, JSON lines, CSV or
    plain text.
    """
    from operations.local.scoring.serve import serve as serve_version
    from operations.views.prediction import print_serving

    serve_version(version, port, workdir, when_ready=partial(print_serving, as_json=as_json))
    print("stopped", file=sys.stderr)
