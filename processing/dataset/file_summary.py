"""What is known of a dataset's files once their reviews have been read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from processing.dataset.columns import Columns
from processing.dataset.given_splits import require_all_given


@dataclass
class FileSummary:
    """A file.

    name: its path below the dataset's folder. columns: of a table, those that are read. sha256: in
    hexadecimal; "" until the file has been read. source: where the split of a table comes from; ""
    as long as no row was read. found_splits: all pairs of a split and a source of some of its
    reviews (`processing.dataset.given_splits`). unlabeled: the number of reviews that were skipped
    because they are unlabeled.
    """

    name: str
    columns: Columns | None = None
    sha256: str = ""
    source: str = ""
    found_splits: set[tuple[str, str]] = field(default_factory=set)
    unlabeled: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the file as in the manifest: an archive without columns."""
        found: dict[str, Any] = {"name": self.name, "sha256": self.sha256}
        return found if self.columns is None else {**found, "columns": self.columns.by_role()}

    def print_unlabeled(self) -> None:
        """Log how many reviews were skipped because they are unlabeled."""
        if self.unlabeled:
            what = "reviews" if self.columns is None else "rows"
            print(f"{self.name}: skipped the unlabeled {what}: {self.unlabeled:,}", flush=True)


class DatasetSummary:
    """The files of a dataset so far, in reading order."""

    def __init__(self) -> None:
        self.files: list[FileSummary] = []

    @property
    def columns(self) -> dict[str, Columns]:
        """The columns of each table, by its name."""
        return {file.name: file.columns for file in self.files if file.columns is not None}

    @property
    def found_splits(self) -> set[tuple[str, str]]:
        """All pairs of a split and a source of some of its reviews."""
        return {pair for file in self.files for pair in file.found_splits}

    def add(self, file: FileSummary) -> None:
        """Add a file. Log the columns of a table, unless the table before has the same ones."""
        before = next((known.columns for known in reversed(self.files) if known.columns), None)
        if file.columns is not None and file.columns != before:
            for message in file.columns.messages():
                print(f"{file.name}: {message}", flush=True)
        self.files.append(file)

    def require_all_given(self) -> None:
        """Raise DataError if some tables give their split, and others don't."""
        require_all_given({file.name: file.source for file in self.files if file.source})
