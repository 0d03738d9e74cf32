"""A dataset, as the job Inspect describes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from operations.views.printing import print_json, print_line, print_pairs, print_table
from processing import names
from processing.names import Inspection

_BAR = 30  # characters of the longest bar
_MAX_FILES = 10
_MAX_SKIPPED = 5


def print_inspection(dataset: str, inspected: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what is known of a dataset."""
    if as_json:
        print_json(inspected)
        return
    print_pairs(_summary(dataset, inspected))
    if splits := inspected.get(Inspection.SPLITS):
        print_line("")
        _print_splits(splits, inspected[Inspection.CLASSES])
    if words := inspected[Inspection.WORDS]:
        print_line("")
        _print_lengths(words)
    if skipped := inspected[Inspection.SKIPPED][Inspection.FIRST]:
        print_line("")
        for review in skipped[:_MAX_SKIPPED]:
            print_line(f"skipped {review[Inspection.NAME]}: {review['reason']}")


def _summary(dataset: str, inspected: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "dataset", dataset
    files = inspected[Inspection.FILES]
    if len(files) == 1:
        yield "format", _format(files[0])
    for number, file in enumerate(files[:_MAX_FILES] if len(files) > 1 else ()):
        rows = f"{file[names.ROWS]:,} rows"
        yield "" if number else "files", f"{file[Inspection.NAME]}: {_format(file)}, {rows}"
    if len(files) > _MAX_FILES:
        yield "", f"and {len(files) - _MAX_FILES:,} more files"
    if columns := names.columns_of(files):
        yield "columns", columns
    head = "" if inspected[Inspection.COMPLETE] else " were read; there are more"
    yield "rows", f"{inspected[names.ROWS]:,}{head}"
    if labels := inspected.get(names.LABELS):
        yield "positive", names.positive_class(labels)
    yield from _faults(inspected)
    for number, note in enumerate(inspected[Inspection.NOTES]):
        yield "" if number else "notes", note


def _faults(inspected: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    skipped = inspected[Inspection.SKIPPED]
    reasons = (f"{count:,} {reason}" for reason, count in skipped[Inspection.REASONS].items())
    yield (
        "skipped",
        f"{skipped[names.ROWS]:,}" + (f" ({', '.join(reasons)})" if skipped[names.ROWS] else ""),
    )
    if duplicates := inspected.get(Inspection.DUPLICATES):
        yield (
            "duplicates",
            f"{duplicates[names.TRAIN]:,} in the training set, {duplicates[names.TEST]:,} in the "
            f"test set, {duplicates['test_texts_in_train']:,} texts in both",
        )


def _format(file: Mapping[str, Any]) -> str:
    size = file[Inspection.BYTES]
    return f"{file[Inspection.FORMAT]}{'' if size is None else f', {_size(size)}'}"


def _size(count: int) -> str:
    """Return a number of bytes as text.

    >>> _size(24), _size(29_128_136), _size(1_200)
    ('24 bytes', '29.1 MB', '1.2 kB')
    """
    if count < 1_000:
        return f"{count} bytes"
    return f"{count / 1e3:.1f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def _print_splits(splits: Mapping[str, Any], classes: Sequence[str]) -> None:
    print_table(
        ["split", "rows", *classes, "from"],
        [
            [
                name,
                f"{split[names.ROWS]:,}",
                *(f"{split[Inspection.CLASSES][label]:,}" for label in classes),
                split[names.SOURCE],
            ]
            for name, split in splits.items()
        ],
        numbers=["rows", *classes],
    )


def _print_lengths(words: Mapping[str, Any]) -> None:
    """Print a histogram of the texts' lengths."""
    groups = words[Inspection.HISTOGRAM]
    lows = [low for low, _ in groups]
    ranges = [f"{low:,}-{high - 1:,}" for low, high in pairwise(lows)]
    ranges.append(f"{lows[-1]:,} and more")
    most = max(count for _, count in groups)
    print_table(
        ["words", "texts", ""],
        [
            [words_of_text, f"{count:,}", _bar(count, most)]
            for words_of_text, (_, count) in zip(ranges, groups, strict=True)
            if count
        ],
        numbers=["words", "texts"],
    )
    print_line(
        f"words of a text: {words['min']:,} to {words['max']:,}, median {words['median']:,}, "
        f"95% have at most {words['p95']:,}"
    )


def _bar(count: int, most: int) -> str:
    """Return a bar; the smallest is one character.

    >>> _bar(30, 30) == "█" * 30, _bar(1, 1_000)
    (True, '█')
    """
    return "█" * max(1, round(_BAR * count / most))
