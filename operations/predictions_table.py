"""The predictions of a test set as one table, from the part files of three outputs.

Part files of the same reviews have the same name before the first dot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from operations.errors import CliError
from operations.evaluation_report import EvaluationReport
from processing import names

CONTENTS = (names.PREDICTIONS, names.ROWS, names.LABELS)
"""The outputs with the part files."""

_HEADER = b"id,label,probability,actual\n"
_ROW = re.compile(rb'("(?:[^"]|"")*"|[^",\r\n]*),-?\d+,\d+\n')
"""A row of `rows`: id, words, known. The id is a field of CSV already."""


def table(
    files: Mapping[str, Iterable[str]], read: Callable[[str], bytes], report: EvaluationReport
) -> Iterator[bytes]:
    """Yield the table part by part: `scores.csv` with the actual class as an additional column.

    files: paths or URIs of the part files by output. report: of the test set, for the names of the
    classes and the decision threshold. Raise CliError if the outputs don't match.
    """
    by_part = {content: {_part(path): path for path in files[content]} for content in CONTENTS}
    parts = set().union(*by_part.values())
    for content, found in by_part.items():
        if missing := parts - found.keys():
            raise CliError(f"{min(missing)}: no {content} for this part of the test set")
    if not parts:
        raise CliError("the predictions of the test set don't exist any more")
    yield _HEADER
    labels = {name: _field(label) for name, label in report.classes.items()}
    for part in sorted(parts, key=lambda part: (len(part), part)):
        paths = {content: found[part] for content, found in by_part.items()}
        contents = {name: read(path) for name, path in paths.items()}
        yield b"".join(_lines(part, contents, labels, report.threshold))


def _lines(
    part: str, contents: Mapping[str, bytes], labels: Mapping[str, bytes], threshold: float
) -> Iterator[bytes]:
    ids = [row[1] for row in _ROW.finditer(contents[names.ROWS])]
    scores = [float(line) for line in contents[names.PREDICTIONS].split()]
    actual = contents[names.LABELS].decode().split()
    if not len(ids) == len(scores) == len(actual):
        raise CliError(
            f"{part}: {len(scores):,} predictions and {len(actual):,} labels for {len(ids):,} rows"
        )
    for row, score, label in zip(ids, scores, actual, strict=True):
        predicted = labels["1" if names.is_positive(score, threshold) else "0"]
        yield b"%b,%b,%.6f,%b\n" % (row, predicted, score, labels[label])


def _part(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _field(text: str) -> bytes:
    if not re.search(r'[",\r\n]', text):
        return text.encode()
    return b'"%b"' % text.replace('"', '""').encode()
