"""Predict the class of one text with a local model version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_runner.errors import LocalRunnerError
from operations.errors import CliError, UsageError
from operations.local.model_versions import Choice, LocalModelRegistry
from operations.local.processing_code import run_job
from processing import names


@dataclass(frozen=True)
class Prediction:
    """The answer of the job Predict, and the version that it used."""

    document: Any
    choice: Choice


def predict(text: bytes, model: str | None, workdir: Path) -> Prediction:
    """Predict the class of ``text`` with a version, None for the newest usable one.

    Raise UsageError without text or such a version, CliError if the job fails.
    """
    if not text.strip():
        raise UsageError("the text is empty; give a text, or - to read it from stdin")
    registry = LocalModelRegistry(workdir)
    choice = registry.choose(model)
    version, store = choice.version, registry.workdir.store
    try:
        vocabulary, archive = (store.path(it) for it in (version.vocabulary, version.model))
    except LocalRunnerError as error:
        raise CliError(f"{version.arn}: {error}") from None
    options: dict[str, str | Path] = {
        names.VOCABULARY: vocabulary,
        names.MODEL: archive,
        "text": "-",
    }
    return Prediction(json.loads(run_job("predict", options, text)), choice)
