"""Package: a model that answers requests with text, as one archive.

    model, vocabulary, the code of the jobs -> model.tar.gz

The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import processing
from processing import names, packaging
from processing.arguments import ArgumentParser
from processing.model.archive import read_model
from processing.serving.package import write_package


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Package job."""
    parser = ArgumentParser(prog="package", description=__doc__, allow_abbrev=False)
    parser.add_argument("--model", type=Path, required=True, help="folder of Train's archive")
    parser.add_argument(
        "--vocabulary", type=Path, required=True, help="folder of vocabulary.json, of the training"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job. Raise DataError if this code can't preprocess text for the model."""
    archive = options.output / names.PACKAGE / names.MODEL_ARCHIVE
    model = read_model(options.model / names.MODEL_ARCHIVE)
    write_package(archive, model, options.vocabulary, _code())
    print(f"wrote {names.MODEL_ARCHIVE} of {archive.stat().st_size:,} bytes", flush=True)


def _code() -> bytes:
    """Return the code asset that this job runs from, or build it if it runs from a folder."""
    asset = Path(processing.__file__).parents[1]
    if asset.is_file():
        return asset.read_bytes()
    with tempfile.TemporaryDirectory() as scratch:
        return packaging.build(Path(scratch) / names.CODE_FILE).read_bytes()
