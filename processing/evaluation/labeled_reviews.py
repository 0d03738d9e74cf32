"""The labeled reviews of scoring executions as a dataset for the next training."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from processing import names
from processing.atomic import atomic_path
from processing.dataset.columns import ColumnNames
from processing.dataset.reviews import Unusable, usable_text
from processing.dataset.texts import read_texts
from processing.evaluation.feedback import LabeledScores
from processing.names import Feedback
from processing.row_files import csv_field

_HEADER = "id,text,label\n"


def export(
    path: Path, executions: Sequence[Mapping[str, Any]], labeled: Sequence[LabeledScores]
) -> dict[str, Any]:
    """Write a table of the labeled reviews, and return how many, and how many have no text.

    executions: oldest first, with the folders of the raw reviews that can be read. A review that
    was scored several times is written once, with its newest label.
    """
    without_text: dict[str, int] = {}
    written: dict[str, set[bytes]] = {}
    exported = 0
    with (
        atomic_path(path) as staging,
        staging.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file,
    ):
        file.write(_HEADER)
        for execution, found in zip(reversed(executions), reversed(labeled)):
            missing = set(found.labels)
            for name, text in _texts(execution, found):
                missing.discard(name)
                digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
                digests = written.setdefault(name, set())
                if digest in digests:
                    continue
                # Another review may have the same id, such as the number of its row.
                identity = f"{execution[Feedback.NAME]}/{name}" if digests else name
                digests.add(digest)
                fields = (identity, text, found.labels[name])
                file.write(",".join(map(csv_field, fields)) + "\n")
                exported += 1
            if missing:
                without_text[execution[Feedback.NAME]] = len(missing)
    return {Feedback.EXPORTED: exported, Feedback.WITHOUT_TEXT: without_text}


def _texts(execution: Mapping[str, Any], found: LabeledScores) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of the labeled reviews of an execution whose texts can be read."""
    raw = execution.get(names.RAW)
    if raw is None or not found.labels:
        return
    columns = ColumnNames(execution[Feedback.TEXT_COLUMN], execution[Feedback.ID_COLUMN], None)
    for name, stored in read_texts(Path(raw), columns, found.labels):
        text = usable_text(stored)
        if not isinstance(text, Unusable):
            yield name, text
