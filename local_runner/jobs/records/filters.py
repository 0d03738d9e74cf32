"""InputFilter, JoinSource and OutputFilter of a transform job."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.jobs.records.formats import FORMATS, Format, JsonLines, Record, format_of
from local_runner.platform.object_store import files_below

_FILTERS = ("InputFilter", "OutputFilter")


def refused_filters(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield a message for each part of DataProcessing that local runs don't support."""
    settings = request.get("DataProcessing")
    if not isinstance(settings, Mapping) or not _is_used(settings):
        return
    if settings.get("JoinSource", "None") not in ("None", "Input"):
        yield f"DataProcessing.JoinSource must be None or Input, got {settings['JoinSource']!r:.60}"
    source, target = _object(request, "TransformInput"), _object(request, "TransformOutput")
    content_type, split_type = source.get("ContentType", ""), source.get("SplitType", "None")
    if not isinstance(content_type, str) or not isinstance(split_type, str):
        return  # not known yet
    form = format_of(content_type, split_type)
    if form is None:
        yield _refused_format(content_type, split_type)
        return
    for key in _FILTERS:
        path = settings.get(key, "$")
        if isinstance(path, str) and not form.is_path(path):
            yield (f"DataProcessing.{key} {path!r} isn't supported by local runs; use {form.paths}")
    assemble = target.get("AssembleWith", "None")
    if isinstance(form, JsonLines) and isinstance(assemble, str) and assemble != split_type:
        yield f"DataProcessing needs the AssembleWith {split_type!r}, got {assemble!r:.60}"
    accept = target.get("Accept", content_type)
    if isinstance(accept, str) and format_of(accept, split_type) is not form:
        yield (
            f"DataProcessing needs a TransformOutput.Accept of the format of the ContentType "
            f"{content_type!r:.60}, got {accept!r:.60}"
        )


def _refused_format(content_type: str, split_type: str) -> str:
    name = content_type.split(";")[0].strip().lower()
    if splits := [it for form in FORMATS if name in form.content_types for it in form.split_types]:
        return f"DataProcessing needs the SplitType {splits[0]!r}, got {split_type!r:.60}"
    known = dict.fromkeys(name for form in FORMATS for name in form.content_types)
    return f"DataProcessing needs the ContentType {' or '.join(known)}, got {content_type!r:.60}"


class RecordFilters:
    """The filters of a transform job; without DataProcessing, all files stay as they are."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        settings, source = _object(request, "DataProcessing"), _object(request, "TransformInput")
        self._input: str = settings.get("InputFilter", "$")
        self._output: str = settings.get("OutputFilter", "$")
        self._is_joined = settings.get("JoinSource") == "Input"
        form = format_of(source.get("ContentType", ""), source.get("SplitType", "None"))
        self._format = form if _is_used(settings) else None

    def filtered(self, records: Path, folder: Path) -> Path:
        """Return the folder of the records that the model gets."""
        if self._format is None:
            return records
        for file in files_below(records):
            name = file.relative_to(records).as_posix()
            rows = _read(self._format, file, name)
            _write(self._format, folder / name, rows, self._input, name)
        return folder

    def applied(self, predictions: Path, records: Path, folder: Path) -> Path:
        """Return the folder of the joined and filtered predictions.

        Raise JobFailed for a file whose records and predictions differ in number.
        """
        if self._format is None:
            return predictions
        for file in files_below(predictions):
            name = file.relative_to(predictions).as_posix()
            rows = _read(self._format, file, name)
            if self._is_joined:
                source = name.removesuffix(".out")
                rows = _joined(
                    self._format, _read(self._format, records / source, source), rows, name
                )
            _write(self._format, folder / name, rows, self._output, name)
        return folder


def _is_used(settings: Mapping[str, Json]) -> bool:
    values = (settings.get(key, "$") for key in _FILTERS)
    return any(value != "$" for value in values) or settings.get("JoinSource", "None") != "None"


def _object(request: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = request.get(key)
    return value if isinstance(value, Mapping) else {}


def _joined(
    form: Format, records: Iterator[Record], predictions: Iterator[Record], name: str
) -> Iterator[Record]:
    try:
        for record, prediction in zip(records, predictions, strict=True):
            yield form.joined(record, prediction)
    except ValueError:
        raise JobFailed(
            f"ClientError: {name}: the records and the predictions differ in number"
        ) from None


def _read(form: Format, file: Path, name: str) -> Iterator[Record]:
    try:
        yield from form.read(file)
    except (ValueError, csv.Error) as error:
        raise JobFailed(f"ClientError: {name}: {error}") from None


def _write(form: Format, file: Path, records: Iterator[Record], path: str, name: str) -> None:
    """Write what the path selects of the records. Raise JobFailed for one without that."""
    file.parent.mkdir(parents=True, exist_ok=True)
    form.write(file, _selected(form, records, path, name))


def _selected(form: Format, records: Iterator[Record], path: str, name: str) -> Iterator[Record]:
    for number, record in enumerate(records, start=1):
        try:
            yield form.selected(path, record)
        except LookupError as error:
            raise JobFailed(
                f"ClientError: {name}: record {number}: {path} selects nothing: {error}"
            ) from None
