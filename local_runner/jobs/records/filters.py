"""InputFilter, JoinSource and OutputFilter of a transform job."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.jobs.records.formats import FORMATS, Format, JsonLines, Record, format_of
from local_runner.platform.object_store import link_or_copy

_FILTERS = ("InputFilter", "OutputFilter")


def refused_filters(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield a message for each part of DataProcessing that local runs don't support."""
    settings = request.get("DataProcessing")
    if not isinstance(settings, Mapping) or not _is_used(settings):
        return
    join = settings.get("JoinSource", "None")
    if join not in ("None", "Input"):
        yield f"DataProcessing.JoinSource must be None or Input, got {join!r:.60}"
    source, target = _object(request, "TransformInput"), _object(request, "TransformOutput")
    content_type, split_type = source.get("ContentType", ""), source.get("SplitType", "None")
    accept, assemble = target.get("Accept", content_type), target.get("AssembleWith", "None")
    if not all(isinstance(it, str) for it in (content_type, split_type, accept, assemble)):
        return  # not known yet
    form, output = format_of(content_type, split_type), format_of(accept, split_type)
    if form is None or output is None:
        where, name = ("ContentType", content_type) if form is None else ("Accept", accept)
        yield _refused_format(where, name, split_type)
        return
    for key, known in (("InputFilter", form), ("OutputFilter", output)):
        path = settings.get(key, "$")
        if isinstance(path, str) and not known.is_path(path):
            yield f"DataProcessing.{key} {path!r} isn't supported by local runs; use {known.paths}"
    if isinstance(output, JsonLines) and assemble != split_type:
        yield f"DataProcessing needs the AssembleWith {split_type!r}, got {assemble!r:.60}"
    if join == "Input" and form is not output:
        yield (
            f"DataProcessing.JoinSource needs an Accept of the format of the ContentType "
            f"{content_type!r:.60}, got {accept!r:.60}"
        )


def _refused_format(where: str, content_type: str, split_type: str) -> str:
    name = content_type.split(";")[0].strip().lower()
    if splits := [it for form in FORMATS if name in form.content_types for it in form.split_types]:
        return (
            f"DataProcessing of {where} {name} needs the SplitType {splits[0]!r}, "
            f"got {split_type!r:.60}"
        )
    known = dict.fromkeys(name for form in FORMATS for name in form.content_types)
    return f"DataProcessing needs the {where} {' or '.join(known)}, got {content_type!r:.60}"


class RecordFilters:
    """The filters of a transform job; without DataProcessing, all files stay as they are."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        settings, source = _object(request, "DataProcessing"), _object(request, "TransformInput")
        self._input_path: str = settings.get("InputFilter", "$")
        self._output_path: str = settings.get("OutputFilter", "$")
        self._is_joined = settings.get("JoinSource") == "Input"
        content_type, split_type = source.get("ContentType", ""), source.get("SplitType", "None")
        accept = _object(request, "TransformOutput").get("Accept", content_type)
        self._input = format_of(content_type, split_type) if _is_used(settings) else None
        self._output = format_of(accept, split_type)

    def filtered(self, records: Path, folder: Path) -> Path:
        """Return the folder of the records that the model gets."""
        if self._input is None:
            return records
        for file in _files(records):
            name = file.relative_to(records).as_posix()
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if self._input_path == "$":
                link_or_copy(file, folder / name)
            else:
                rows = _read(self._input, file, name)
                self._input.write(
                    folder / name, _selected(self._input, rows, self._input_path, name)
                )
        return folder

    def applied(self, predictions: Path, records: Path, folder: Path) -> Path:
        """Return the folder of the joined and filtered predictions.

        Raise JobFailed for a file whose records and predictions differ in number.
        """
        if self._input is None or self._output is None:
            return predictions
        for file in _files(predictions):
            name = file.relative_to(predictions).as_posix()
            rows = _read(self._output, file, name)
            if self._is_joined:
                source = name.removesuffix(".out")
                given = _read(self._input, records / source, source)
                rows = _joined(self._input, given, rows, name)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            self._output.write(
                folder / name, _selected(self._output, rows, self._output_path, name)
            )
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


def _selected(form: Format, records: Iterator[Record], path: str, name: str) -> Iterator[Record]:
    for number, record in enumerate(records, start=1):
        try:
            yield form.selected(path, record)
        except LookupError as error:
            raise JobFailed(
                f"ClientError: {name}: record {number}: {path} selects nothing: {error}"
            ) from None


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
