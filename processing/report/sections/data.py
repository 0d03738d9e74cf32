"""The sections about the dataset and the model's provenance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from processing.names import INPUTS_SHA256, SOURCE
from processing.report.context import ReportContext
from processing.report.format import count, percent, quoted
from processing.report.markup import Html, element, join, section, table, text

_SPLITS = ("train", "validation", "test")
_SHOWN = 5
_BALANCED = 0.4

_DUPLICATES = {
    "train": "duplicate texts in the training set",
    "test": "duplicate texts in the test set",
    "test_texts_in_train": "texts of the test set that are also in the training set",
}


def data(context: ReportContext) -> Html:
    """Build the tables of splits and classes and of the manifest's properties."""
    manifest = context.inputs.manifest
    return section(
        "data",
        "Data",
        class_balance(context),
        table(
            "Reviews of each split by class",
            ["class", *(f"{split}#" for split in _SPLITS)],
            _by_class(manifest["splits"], context.labels),
        ),
        table("Dataset and preprocessing", ["property", "value"], _properties(manifest)),
    )


def provenance(context: ReportContext) -> Html:
    """Build the tables of parameters and versions and of the input files' hashes."""
    parameters = context.evaluation["provenance"]
    hashes = context.evaluation[INPUTS_SHA256]
    return section(
        "provenance",
        "Provenance",
        ["The same code, parameters and data produce the same model."],
        table(
            "Code, image and parameters of the execution",
            ["name", "value"],
            [[text(name), element("code", text(parameters[name]))] for name in sorted(parameters)],
        ),
        table(
            "SHA-256 of the evaluation’s inputs",
            ["file", "SHA-256"],
            [[text(name), element("code", text(hashes[name]))] for name in sorted(hashes)],
        ),
    )


def _by_class(
    splits: Mapping[str, Mapping[str, Any]], labels: tuple[str, str]
) -> Iterable[list[Html]]:
    """Yield the number of reviews of each class with its share, of both, and the split's source."""
    for name, key in zip(labels, ("negative", "positive")):
        yield [
            element("span", text(name), class_="name"),
            *(_share(splits[s], key) for s in _SPLITS),
        ]
    yield [text("both"), *(text(count(splits[split]["rows"])) for split in _SPLITS)]
    yield [text("source of the split"), *(text(splits[split][SOURCE]) for split in _SPLITS)]


def _share(rows: Mapping[str, int], key: str) -> Html:
    share = element("small", text(percent(rows[key] / rows["rows"])))
    return join([text(count(rows[key])), share])


def class_balance(context: ReportContext) -> list[str]:
    """Return the sentence that states whether the classes of the test set are balanced."""
    negative, positive = context.class_sizes
    minority = min(negative, positive) / context.reviews
    label = context.labels[positive < negative]
    if minority >= _BALANCED:
        return ["The classes of the test set are balanced, so accuracy is a suitable metric."]
    return [
        f"The classes of the test set are imbalanced: only {percent(minority)} of the reviews are "
        f"{quoted(label)}, so always predicting the other class has an accuracy of "
        f"{percent(1 - minority)}. Also consider F1, precision and recall."
    ]


def _properties(manifest: Mapping[str, Any]) -> Iterable[list[Html]]:
    """Yield the rows of the manifest's table; keys without a text of their own are shown as is."""
    described = {"duplicates", "files", "labels", "skipped", "splits"}
    files = manifest["files"]
    for file in files[:_SHOWN]:
        yield [text(f"SHA-256 of {file['name']}"), element("code", text(file["sha256"]))]
    if len(files) > _SHOWN:
        yield [text("further files"), text(count(len(files) - _SHOWN))]
    yield [text("skipped reviews"), text(_skipped(manifest["skipped"]))]
    for name, number in sorted(manifest["duplicates"].items()):
        yield [text(_DUPLICATES.get(name, name)), text(count(number))]
    for name in sorted(manifest.keys() - described):
        if manifest[name] is None:  # as the validation fraction with a given validation set
            continue
        yield [text(name.replace("_", " ")), text(_plain(manifest[name]))]


def _skipped(skipped: Iterable[Mapping[str, str]]) -> str:
    reasons = Counter(skip["reason"] for skip in skipped)
    if not reasons:
        return "none"
    most = reasons.most_common(_SHOWN)
    return "; ".join(f"{count(number)}: {reason}" for reason, number in most)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(value[name])}" for name in sorted(value))
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
