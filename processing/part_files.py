"""Part files ``part-00000``, ``part-00001`` and so on, into which outputs of many rows are split.

Features, labels, row files and predictions of the same reviews have the same part name and differ
in their suffixes: Batch Transform names the predictions of ``part-00000.libsvm``
``part-00000.libsvm.out``, and their labels are in ``part-00000.csv``. So they are paired by name,
and the order of hosts or files doesn't matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from processing.errors import DataError

_MAX_QUOTED = 40  # characters of a file that a message quotes


def part_name(number: int) -> str:
    """Return the name of a part without its suffix; names sort in the order of the rows."""
    return f"part-{number:05}"


def first_rows(rows: int, parts: int) -> list[int]:
    """Return the first row of each part if ``rows`` rows are split as evenly as possible.

    There are no more parts than rows; the first parts get the remainder.

    >>> first_rows(7, 3), first_rows(2, 5)
    ([0, 3, 5], [0, 1])
    """
    files = min(parts, rows)
    return [number * (rows // files) + min(number, rows % files) for number in range(files)]


def part_files(folder: Path, content: str) -> list[Path]:
    """Return the files below ``folder``, sorted. Raise DataError if there are none.

    content: the plural noun that the message calls them by, such as "labels".
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise DataError(f"{folder}: no {content} found")
    return files


def pair_parts(folders: Mapping[str, Path]) -> Iterator[dict[str, Path]]:
    """Yield the files of each part, one from each folder, in the order of the parts.

    folders: by their content. Raise DataError if a folder has no file of a part, or two.
    """
    found = {content: _by_part(folder, content) for content, folder in folders.items()}
    parts = sorted(set().union(*found.values()), key=lambda part: (len(part), part))
    for part in parts:
        for content, files in found.items():
            if part not in files:
                raise DataError(f"{part}: no {content} for this part; score all parts again")
    for part in parts:
        yield {content: files[part] for content, files in found.items()}


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that aren't blank with their numbers. Raise DataError if not UTF-8.

    Batch Transform with AssembleWith=Line adds blank lines.
    """
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                text = line.decode("utf-8").strip()
            except UnicodeDecodeError as error:
                raise DataError(f"{path.name}: not UTF-8 at byte {offset + error.start}") from None
            offset += len(line)
            if text:
                yield number, text


def read_scores(path: Path) -> Iterator[float]:
    """Yield the predicted probabilities of the positive class. Raise DataError for others."""
    for number, line in numbered_lines(path):
        try:
            score = float(line)
        except ValueError:
            score = math.nan
        if not 0.0 <= score <= 1.0:
            raise DataError(
                f"{path.name}, line {number}: {line[:_MAX_QUOTED]!r} is not a probability; "
                "train the model with binary:logistic"
            )
        yield score


def _by_part(folder: Path, content: str) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in part_files(folder, content):
        first = files.setdefault(_part(path), path)
        if first != path:
            both = f"{first.relative_to(folder)} and {path.relative_to(folder)}"
            raise DataError(f"{both}: both are {content} of {_part(path)}; remove one of them")
    return files


def _part(path: Path) -> str:
    """Return the part that a file belongs to.

    >>> _part(Path("predictions/part-00003.libsvm.out")), _part(Path("labels/part-00003.csv"))
    ('part-00003', 'part-00003')
    """
    return path.name.split(".", 1)[0]
