"""Reviews in JSON Lines or Parquet files, with the columns name, half, label and text.

    {"half": "train", "label": 1, "name": "0_9", "text": "A good film."}

name: unique; with the seed it decides the review's place. half: ``train`` or ``test``. label: 1
positive, 0 negative.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from processing.errors import DataError, printable
from processing.reviews import Review, Skipped

COLUMNS = ("name", "half", "label", "text")
JSON_LINES = (".jsonl", ".jsonl.gz")
PARQUET = ".parquet"

_LAYOUT = "expected name, half (train or test), label (0 or 1) and text"


def read_lines(path: Path) -> Iterator[Review | Skipped]:
    """The reviews of a file of JSON lines, plain or gzip-compressed. Raises DataError."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        try:
            for number, line in enumerate(file, start=1):
                yield review_in(_object(line), f"{path.name}: line {number}")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{path.name}: damaged gzip stream ({error}); write it again") from None


def review_in(values: Mapping[str, Any], where: str) -> Review | Skipped:
    """The review that a row tells. Raises DataError, saying ``where`` the row stands.

    >>> review_in({"name": "0_9", "half": "train", "label": 1, "text": "Fine."}, "line 1").label
    1
    >>> review_in({"name": "0_9", "half": "train", "label": 1, "text": " "}, "line 1")
    Skipped(name='0_9', reason='empty')
    """
    name, half, label, text = (values.get(column) for column in COLUMNS)
    if not isinstance(name, str) or half not in ("train", "test") or not isinstance(text, str):
        raise DataError(f"{where}: {_LAYOUT}")
    if isinstance(label, bool) or label not in (0, 1):
        raise DataError(f"{where}: {_LAYOUT}")
    if not text.strip():
        return Skipped(printable(name), "empty")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:  # JSON can tell half of a character
        return Skipped(printable(name), f"not Unicode at character {error.start}")
    return Review(name=name, half=half, label=int(label), text=text)


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        values = json.loads(line)
    except ValueError:
        values = None
    return values if isinstance(values, dict) else {}
