"""A tiny dataset with its features and model, for tests that score new reviews."""

from __future__ import annotations

import io
import json
import random
import tarfile
import warnings
from pathlib import Path

import xgboost

from local_runner.algorithms.xgboost.channels import FORMATS, load
from local_runner.algorithms.xgboost.serve import Model as Server
from processing.jobs import prepare, preprocess
from tests.support.archives import write_tar

WORDS = "film films plot actor scene music story great awful boring moving moved the and of".split()
FEATURE_SETS = ("stems", "ngrams")


def reviews() -> dict[str, str]:
    """Return 60 training and 60 test reviews, keyed by their names in an archive."""
    rng = random.Random(6)
    texts = {}
    for split in ("train", "test"):
        for number in range(60):
            label, leaning = ("pos", "great moving") if number % 2 else ("neg", "awful boring")
            words = rng.choices([*WORDS, *leaning.split() * 3, f"word{number}"], k=14)
            text = " ".join(words).replace("the", "<br />The,")
            texts[f"{split}/{label}/{number}_5.txt"] = text
    return texts


def preprocessed(
    folder: Path, features: str, feature_format: str = "text/libsvm", workers: int = 1
) -> Path:
    """Run Preprocess on the reviews and return the folder of its outputs."""
    raw = folder / "raw"
    raw.mkdir(parents=True)
    texts = {f"aclImdb/{name}": text.encode() for name, text in reviews().items()}
    write_tar(raw / "reviews.tar", texts)
    words = [
        *("--raw", str(raw), "--output", str(folder / "out"), "--features", features),
        *("--feature-format", feature_format, "--workers", str(workers)),
        *("--vocabulary-size", "9"),
    ]
    preprocess.run(preprocess.parser().parse_args(words))
    return folder / "out"


def prepared(raw: Path, version: Path, output: Path, *more: str) -> Path:
    """Run Prepare and return the folder of its outputs.

    version: a folder with a ``vocabulary.json``.
    """
    words = [f"--raw={raw}", f"--version={version}", f"--output={output}", "--workers=1", *more]
    prepare.run(prepare.parser().parse_args(words))
    return output


def lines(folder: Path) -> list[bytes]:
    """Return all lines of the folder's files, in the order of their names."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir())).splitlines(True)


def table(path: Path, texts: dict[str, str]) -> Path:
    """Write a table of the texts with their names as ids; return its folder."""
    path.parent.mkdir(parents=True)
    path.write_text(
        "".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items())
    )
    return path.parent


def trained(out: Path, feature_format: str, archive: Path) -> Path:
    """Train a model and write it into an archive as Train does."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="xgboost")  # as the image's program does
        matrix = load([out / "train"], FORMATS[feature_format])
    settings = {"objective": "binary:logistic", "max_depth": 3, "min_child_weight": 0}
    booster = xgboost.train(settings, matrix, num_boost_round=8)
    content = bytes(booster.save_raw("ubj"))
    with tarfile.open(archive, "w:gz") as file:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(content)
        file.addfile(member, io.BytesIO(content))
    return archive


def served(archive: Path, rows: bytes, feature_format: str, scratch: Path) -> list[str]:
    """Return the lines that the local Batch Transform writes for the rows."""
    with tarfile.open(archive) as file:
        file.extract("xgboost-model", scratch, filter="data")
    return Server(scratch).invoke(rows, feature_format).decode().split()
