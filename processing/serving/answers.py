"""Answers: predictions as JSON, JSON lines or CSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processing.names import Serving
from processing.row_files import csv_field

PREDICTIONS, MODEL_VERSION, ERROR = "predictions", "model_version", "error"
ID, LABEL, PROBABILITY = "id", "label", "probability"
"""Keys of the JSON."""

Prediction = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """An answer to a request: an HTTP status, and a body with its media type."""

    status: int
    content_type: str
    body: bytes


def answer_of(predictions: Sequence[Prediction], model_version: str, answer_type: str) -> Answer:
    """Return the answer with these predictions."""
    return Answer(200, answer_type, _FORMATS[answer_type](predictions, model_version))


def error_answer(status: int, message: str) -> Answer:
    """Return the answer to a request that fails."""
    return Answer(status, Serving.JSON, _line({ERROR: message}))


def _as_json(predictions: Sequence[Prediction], model_version: str) -> bytes:
    return _line({PREDICTIONS: predictions, MODEL_VERSION: model_version})


def _as_json_lines(predictions: Iterable[Prediction], model_version: str) -> bytes:
    return b"".join(
        _line({**prediction, MODEL_VERSION: model_version}) for prediction in predictions
    )


def _as_csv(predictions: Iterable[Prediction], _model_version: str) -> bytes:
    lines = ["id,label,probability\n"]
    for prediction in predictions:
        cells = (prediction.get(key) for key in (ID, LABEL, PROBABILITY))
        lines.append(
            ",".join("" if cell is None else csv_field(str(cell)) for cell in cells) + "\n"
        )
    return "".join(lines).encode("utf-8", "backslashreplace")


_FORMATS: Mapping[str, Callable[[Sequence[Prediction], str], bytes]] = {
    Serving.JSON: _as_json,
    Serving.JSON_LINES: _as_json_lines,
    Serving.CSV: _as_csv,
}


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, allow_nan=False).encode("ascii") + b"\n"
