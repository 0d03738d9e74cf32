"""The sections about the data and about where the model comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from processing.report.context import Subject
from processing.report.format import count, percent
from processing.report.html import (
    Html,
    element,
    section,
    table,
    text,
)

_FEW = 5
_UNEVEN = 0.4


def data(subject: Subject) -> Html:
    """Splits and classes, and what the manifest says of the dataset."""
    manifest = subject.inputs.manifest
    negative, positive = subject.labels
    splits = manifest["splits"]
    return section(
        "data",
        "The data",
        _balance(subject),
        table(
            "Rows of each split by class",
            ["split", "rows#", f"{negative}#", f"{positive}#", f"{positive}, %#"],
            [_split(name, splits[name]) for name in ("train", "validation", "test")],
        ),
        table("What went into them", ["fact", "value"], _facts(manifest)),
    )


def provenance(subject: Subject) -> Html:
    """What decided the model besides the data, and the hashes of what it was measured with."""
    given = subject.evaluation["provenance"]
    hashes = subject.evaluation["inputs_sha256"]
    return section(
        "provenance",
        "Where it comes from",
        ["The same code, parameters and data make the same model again."],
        table(
            "What the execution was given",
            ["name", "value"],
            [[text(name), element("code", text(given[name]))] for name in sorted(given)],
        ),
        table(
            "SHA-256 of what was measured, and measured with",
            ["file", "hash"],
            [[text(name), element("code", text(hashes[name]))] for name in sorted(hashes)],
        ),
    )


def _split(name: str, rows: Mapping[str, int]) -> list[Html]:
    numbers = (rows["rows"], rows["negative"], rows["positive"])
    share = f"{100 * rows['positive'] / rows['rows']:.1f}"
    return [text(name), *(text(count(number)) for number in numbers), text(share)]


def _balance(subject: Subject) -> list[str]:
    negative, positive = subject.of_class
    rarer = min(negative, positive) / subject.reviews
    name = subject.labels[positive < negative]
    if rarer >= _UNEVEN:
        return ["The classes of the test set are balanced, so accuracy is a fair measure."]
    return [
        f"Only {percent(rarer)} of the test set are {name}: accuracy flatters whoever guesses the "
        "other class. Read F1, precision and recall as well."
    ]


def _facts(manifest: Mapping[str, Any]) -> Iterable[list[Html]]:
    """The manifest's facts; those that this page has no words for are told by their own names."""
    told = {"duplicates", "files", "labels", "skipped", "splits"}
    files = manifest["files"]
    for file in files[:_FEW]:
        yield [text(f"{file['name']}, SHA-256"), element("code", text(file["sha256"]))]
    if len(files) > _FEW:
        yield [text("further files"), text(count(len(files) - _FEW))]
    yield [text("skipped"), text(_skipped(manifest["skipped"]))]
    for name, number in sorted(manifest["duplicates"].items()):
        yield [text(_DUPLICATES.get(name, name)), text(count(number))]
    for name in sorted(manifest.keys() - told):
        yield [text(name.replace("_", " ")), text(_plain(manifest[name]))]


_DUPLICATES = {
    "train": "repeated texts in the training half",
    "test": "repeated texts in the test set",
    "test_texts_in_train": "texts of the test set that are in training too",
}


def _skipped(skipped: Iterable[Mapping[str, str]]) -> str:
    reasons = Counter(skip["reason"] for skip in skipped)
    if not reasons:
        return "none"
    most = reasons.most_common(_FEW)
    return "; ".join(f"{count(number)}: {reason}" for reason, number in most)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(value[name])}" for name in sorted(value))
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
