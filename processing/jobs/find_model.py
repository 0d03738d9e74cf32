"""FindModel: a version of the model package group, and the files needed to score new text with it.

    group, version -> model registry -> version.json, and copies of the version's files

The files are copied to one output, because the inputs of later steps must be known before the
pipeline starts.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from processing import names
from processing.arguments import ArgumentParser
from processing.errors import DataError
from processing.features.preprocessing import Preprocessing, preprocessing_of
from processing.json_files import write_json
from processing.model.registry import (
    APPROVED,
    NEWEST_APPROVED,
    Package,
    evaluation_uri,
    find_version,
    is_version_name,
    read_object,
)


def parser() -> argparse.ArgumentParser:
    """Return the command line of the FindModel job."""
    parser = ArgumentParser(prog="find-model", description=__doc__, allow_abbrev=False)
    parser.add_argument("--group", required=True, help="name of the model package group")
    parser.add_argument(
        "--version",
        type=_version,
        default=NEWEST_APPROVED,
        help=f"{NEWEST_APPROVED} (the newest approved version), or a version's number or ARN",
    )
    parser.add_argument(
        "--output", type=Path, required=True, help="folder for the output `version`"
    )
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job. Raise DataError if there is no such version, or if it can't score new text."""
    package = find_version(options.group, options.version)
    status = package["ModelApprovalStatus"]
    print(f"model: {package['ModelPackageArn']} ({status})", flush=True)
    if status != APPROVED:
        print("warning: this version isn't approved; it was requested explicitly", flush=True)
    copy_files(package, options.output / names.VERSION)


def copy_files(package: Package, folder: Path) -> None:
    """Copy the version's files, and write ``version.json``. Nothing is written before all is read.

    Raise DataError if the version wasn't registered by this pipeline, or by a newer one.
    """
    arn = package["ModelPackageArn"]
    folders = package.get("CustomerMetadataProperties", {})
    evaluation = evaluation_uri(package)
    if evaluation is None or not {names.VOCABULARY, names.MANIFEST, names.MODEL} <= set(folders):
        raise DataError(
            f"{arn}: not registered by this pipeline, so its vocabulary is unknown; "
            "choose another version"
        )
    vocabulary = _below(folders[names.VOCABULARY], names.VOCABULARY_FILE)
    content = read_object(vocabulary)
    preprocessing = preprocessing_of(content, vocabulary)
    files = {
        names.VOCABULARY_FILE: content,
        names.MANIFEST_FILE: read_object(_below(folders[names.MANIFEST], names.MANIFEST_FILE)),
        names.EVALUATION_FILE: read_object(evaluation),
    }
    if preprocessing.feature_set.ngram_scores:
        weights = _below(folders[names.VOCABULARY], names.NGRAM_SCORES_FILE)
        files[names.NGRAM_SCORES_FILE] = read_object(weights)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    write_json(folder / names.VERSION_FILE, _as_json(package, preprocessing))


def _as_json(package: Package, preprocessing: Preprocessing) -> dict[str, Any]:
    [container] = package["InferenceSpecification"]["Containers"]
    return {
        "approval": package["ModelApprovalStatus"],
        names.FEATURE_FORMAT_PATH: preprocessing.feature_format,
        names.IMAGE_PATH: container["Image"],
        names.LABELS: [*preprocessing.labels],
        names.MODEL_URI_PATH: package["CustomerMetadataProperties"][names.MODEL],
        names.PACKAGE_ARN_PATH: package["ModelPackageArn"],
        "preprocessing_version": preprocessing.feature_set.version,
        "version": package["ModelPackageVersion"],
    }


def _below(folder: str, name: str) -> str:
    """Return the URI of a file in a folder of S3.

    >>> _below("s3://bucket/models/1/vocabulary", "vocabulary.json")
    's3://bucket/models/1/vocabulary/vocabulary.json'
    """
    return f"{folder.rstrip('/')}/{name}"


def _version(text: str) -> str:
    if not is_version_name(text):
        raise argparse.ArgumentTypeError(
            f"must be {NEWEST_APPROVED}, a version's number or its ARN, got {text!r}"
        )
    return text
