"""Champion: the newest approved version of the model package group and its evaluation.

    {"evaluation": {...}, "model_package_arn": "arn:..."}     or     {}     if none is approved

The job writes this as ``champion.json``. Evaluate compares the new model with it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from processing import names
from processing.arguments import ArgumentParser
from processing.errors import DataError
from processing.json_files import write_json
from processing.model.registry import evaluation_uri, newest_approved, read_object


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Champion job."""
    parser = ArgumentParser(prog="champion", description=__doc__, allow_abbrev=False)
    parser.add_argument("--group", required=True, help="name of the model package group")
    parser.add_argument("--output", type=Path, required=True, help="folder for champion.json")
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job. Raise DataError if the version's evaluation is missing or unusable."""
    champion = find_champion(options.group)
    write_json(options.output / names.CHAMPION_FILE, champion)
    arn = champion.get(names.PACKAGE_ARN_PATH, "none, because no version is approved")
    print(f"champion: {arn}", flush=True)


def find_champion(group: str) -> dict[str, Any]:
    """Return the champion and its evaluation report; empty if no version is approved."""
    package = newest_approved(group)
    if package is None:
        return {}
    arn = package["ModelPackageArn"]
    uri = evaluation_uri(package)
    if uri is None:
        raise DataError(
            f"{arn}: approved, but registered without an evaluation; reject it or approve another"
        )
    try:
        evaluation = json.loads(read_object(uri))
        for metric in names.GATE_METRICS:
            float(evaluation[names.METRICS][metric][names.VALUE])
    except (ValueError, KeyError, TypeError):
        raise DataError(
            f"{uri}: not an evaluation report; reject {arn} or approve another version"
        ) from None
    return {names.EVALUATION: evaluation, names.PACKAGE_ARN_PATH: arn}
