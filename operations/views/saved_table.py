"""Tables and pages that a command has saved."""

from __future__ import annotations

from pathlib import Path

from operations.output_files import STDOUT, SavedTable, StoredPage
from operations.views.printing import location, print_json, print_line, print_pairs


def print_saved_table(saved: SavedTable, *, as_json: bool) -> None:
    """Print where a table was saved; nothing if it was written to stdout."""
    if saved.path == STDOUT:
        return
    if as_json:
        print_json(
            {
                "execution_id": saved.execution_id,
                "path": str(saved.path.absolute()),
                "rows": saved.rows,
                "uri": saved.uri,
            }
        )
        return
    print_line(f"saved {saved.rows:,} rows of execution {saved.execution_id}")
    print_pairs([("path", str(saved.path)), ("source", location(saved.uri))])


def print_saved_page(page: StoredPage, path: Path, *, as_json: bool) -> None:
    """Print where a page was saved."""
    if as_json:
        print_json(
            {"execution_id": page.execution_id, "path": str(path.absolute()), "uri": page.uri}
        )
        return
    print_line(f"saved the page of execution {page.execution_id}")
    print_pairs([("path", str(path)), ("source", location(page.uri))])
