"""FindModel: a version of the model package group, with all that scoring new text needs of it.

    group, version -> registry -> the package -> version.json + copies of what lies beside the model

The files are copied, so that the next steps' inputs are known before the pipeline starts.
"""

from __future__ import annotations

import argparse
import re
from itertools import islice
from pathlib import Path
from typing import Any

from processing import names
from processing.arguments import ArgumentParser
from processing.errors import DataError
from processing.features.preprocessing import Preprocessing, preprocessing_of
from processing.json_files import write_json
from processing.model.registry import (
    APPROVED,
    Package,
    Registry,
    evaluation_uri,
    newest_approved,
    the_registry,
)

NEWEST_APPROVED = "approved"
_ARN = re.compile(r"arn:[^/]*:model-package/[^/]+/\d+")
_TOLD = 5


def parser() -> argparse.ArgumentParser:
    """The command line of the FindModel job."""
    parser = ArgumentParser(prog="find-model", description=__doc__, allow_abbrev=False)
    parser.add_argument("--group", required=True, help="name of the model package group")
    parser.add_argument(
        "--version",
        type=_version,
        default=NEWEST_APPROVED,
        help="approved (the newest one that is), or any version's number or ARN",
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the output `version`")
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job. Raises DataError if there is no such version, or it can't score new text."""
    registry = the_registry()
    package = find(registry, options.group, options.version)
    status = package["ModelApprovalStatus"]
    print(f"model: {package['ModelPackageArn']} ({status})", flush=True)
    if status != APPROVED:
        print("nobody has approved it; it is used because it was asked for", flush=True)
    copy(registry, package, options.output / names.VERSION)


def find(registry: Registry, group: str, version: str) -> Package:
    """The package; ``version`` is "approved", a number, or an ARN, whatever its status.

    Raises DataError if there is none, with the versions that there are.
    """
    if version == NEWEST_APPROVED:
        package = newest_approved(registry, group)
        if package is None:
            raise DataError(
                f"{group}: no version is approved{_there_are(registry, group)}; approve one in the "
                "model registry, or name a version by its number"
            )
        return package
    if not version.isdecimal():
        return registry.describe(version)
    for summary in registry.versions(group):
        if summary["ModelPackageVersion"] == int(version):
            return registry.describe(summary["ModelPackageArn"])
    raise DataError(f"{group}: there is no version {version}{_there_are(registry, group)}")


def copy(registry: Registry, package: Package, folder: Path) -> None:
    """Writes ``version.json`` and copies what lies beside the version's model."""
    arn = package["ModelPackageArn"]
    places = package.get("CustomerMetadataProperties", {})
    evaluation = evaluation_uri(package)
    if evaluation is None or not {names.VOCABULARY, names.MANIFEST} <= set(places):
        raise DataError(f"{arn}: not registered by this pipeline, so its vocabulary isn't known")
    vocabulary = _below(places[names.VOCABULARY], names.VOCABULARY_FILE)
    content = registry.read(vocabulary)
    preprocessing = preprocessing_of(content, vocabulary)
    files = {
        names.VOCABULARY_FILE: content,
        names.MANIFEST_FILE: registry.read(_below(places[names.MANIFEST], names.MANIFEST_FILE)),
        names.EVALUATION_FILE: registry.read(evaluation),
    }
    if preprocessing.recipe.evidence:
        weights = _below(places[names.VOCABULARY], names.EVIDENCE_FILE)
        files[names.EVIDENCE_FILE] = registry.read(weights)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    write_json(folder / names.VERSION_FILE, _as_json(package, preprocessing))


def _as_json(package: Package, preprocessing: Preprocessing) -> dict[str, Any]:
    return {
        "approval": package["ModelApprovalStatus"],
        names.FEATURE_FORMAT_PATH: preprocessing.feature_format,
        "labels": [*preprocessing.labels],
        names.PACKAGE_ARN_PATH: package["ModelPackageArn"],
        "preprocessing_version": preprocessing.recipe.version,
        "version": package["ModelPackageVersion"],
    }


def _below(folder: str, name: str) -> str:
    """The URI of a file in a folder of S3.

    >>> _below("s3://bucket/models/1/vocabulary", "vocabulary.json")
    's3://bucket/models/1/vocabulary/vocabulary.json'
    """
    return f"{folder.rstrip('/')}/{name}"


def _there_are(registry: Registry, group: str) -> str:
    """What versions there are, the newest few."""
    newest = list(islice(registry.versions(group), _TOLD))
    told = ", ".join(
        f"{one['ModelPackageVersion']} ({one['ModelApprovalStatus']})" for one in newest
    )
    return f" (there are {told})" if told else " (there is none at all; train one)"


def _version(text: str) -> str:
    """What versions are called by.

    >>> _version("approved"), _version("12")
    ('approved', '12')
    """
    if text == NEWEST_APPROVED or text.isdecimal() or _ARN.fullmatch(text):
        return text
    raise argparse.ArgumentTypeError(
        f"{text!r} is no version; use approved, a version's number, or its ARN"
    )
