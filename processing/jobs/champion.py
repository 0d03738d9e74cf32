"""Champion: the newest approved version of the model package group, as ``champion.json``.

    {"evaluation": {...}, "model_package_arn": "arn:..."}     or     {}     if none is approved

What a new model is compared by is Evaluate's to say; here the champion's report is only found.
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
from processing.model.registry import (
    Registry,
    evaluation_uri,
    newest_approved,
    the_registry,
)


def parser() -> argparse.ArgumentParser:
    """The command line of the Champion job."""
    parser = ArgumentParser(prog="champion", description=__doc__, allow_abbrev=False)
    parser.add_argument("--group", required=True, help="name of the model package group")
    parser.add_argument("--output", type=Path, required=True, help="folder for champion.json")
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job. Raises DataError if the version's evaluation can't be had."""
    champion = look_up(the_registry(), options.group)
    write_json(options.output / names.CHAMPION_FILE, champion)
    print(f"champion: {champion.get('model_package_arn', 'none is approved yet')}", flush=True)


def look_up(registry: Registry, group: str) -> dict[str, Any]:
    """The champion and its evaluation report; empty if no version is approved."""
    package = newest_approved(registry, group)
    if package is None:
        return {}
    arn = package["ModelPackageArn"]
    uri = evaluation_uri(package)
    if uri is None:
        raise DataError(f"{arn}: approved without an evaluation; reject it, or approve another one")
    try:
        evaluation = json.loads(registry.read(uri))
        for metric in names.GATE_METRICS:
            float(evaluation[names.METRICS][metric]["value"])
    except (ValueError, KeyError, TypeError):
        raise DataError(
            f"{uri}: no evaluation report; reject {arn}, or approve another one"
        ) from None
    return {"evaluation": evaluation, "model_package_arn": arn}
