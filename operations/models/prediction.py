"""A prediction for one text, by a local model version or by a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from operations.errors import UsageError


@dataclass(frozen=True)
class Prediction:
    """The model's answer: label, probability, and the words with their contributions.

    model: which model answered, as printed. details: the same as JSON. warning: what the user
    should know about the choice of the model.
    """

    document: Mapping[str, Any]
    model: str
    details: Mapping[str, str] = field(default_factory=dict)
    warning: str = ""


def required_text(data: bytes) -> bytes:
    """Return the text to predict. Raise UsageError if it is empty."""
    if not data.strip():
        raise UsageError("the text is empty; give a text, or - to read it from stdin")
    return data
