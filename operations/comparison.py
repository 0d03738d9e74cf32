"""Comparison of executions, local or on AWS: the job Compare does the work."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operations.local.processing_code import run_job
from processing import names
from processing.names import Compared


@dataclass(frozen=True)
class ExecutionToCompare:
    """An execution and its outputs. The first one of a comparison is the baseline.

    environment: where it ran. parameters: all, by name. settings: attributes of the definition's
    steps, by step and attribute. folders: local paths of the outputs and of the raw reviews, by
    name; those that it doesn't have (any more) are missing. reason: why it has no evaluation.
    columns: options that say which columns of the raw reviews were read. data, code: digests of the
    user's files and functions, by name.
    """

    name: str
    environment: str
    status: str
    started: str
    parameters: Mapping[str, Any]
    settings: Mapping[str, str]
    folders: Mapping[str, Path]
    reason: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the execution as the job reads it."""
        return {
            **{name: str(self.folders[name]) for name in _FOLDERS if name in self.folders},
            Compared.CODE: dict(self.code),
            Compared.DATA: dict(self.data),
            Compared.ENVIRONMENT: self.environment,
            Compared.NAME: self.name,
            Compared.PARAMETERS: dict(self.parameters),
            Compared.REASON: self.reason,
            Compared.SETTINGS: dict(self.settings),
            Compared.STARTED: self.started,
            Compared.STATUS: self.status,
        }


_FOLDERS = (names.EVALUATION, names.PREDICTIONS, names.LABELS, names.ROWS)


@dataclass(frozen=True)
class Comparison:
    """A comparison. document: the content of ``comparison.json``. page: its HTML page, if asked."""

    document: Mapping[str, Any]
    page: bytes | None


def compare(
    executions: Sequence[ExecutionToCompare], *, with_page: bool, with_reviews: bool
) -> Comparison:
    """Compare executions with the first one. Raise CliError.

    with_reviews: include the beginnings of reviews, if the raw reviews of one of the executions
    are on this machine.
    """
    with tempfile.TemporaryDirectory(prefix="sentiment-compare-") as scratch:
        folder = Path(scratch)
        request = folder / "executions.json"
        request.write_text(json.dumps({Compared.EXECUTIONS: [it.as_json() for it in executions]}))
        options: dict[str, str | Path] = {"executions": request, "output": folder}
        raw = next((it for it in executions if names.RAW in it.folders), None)
        if with_reviews and raw:
            options |= {names.RAW: raw.folders[names.RAW], **raw.columns}
        run_job(names.COMPARE, options, flags=["page"] if with_page else [])
        document = json.loads((folder / names.COMPARISON_FILE).read_bytes())
        page = (folder / names.COMPARISON_PAGE).read_bytes() if with_page else None
    return Comparison(document, page)
