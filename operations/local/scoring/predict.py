"""Predict the class of one text with a local model version."""

from __future__ import annotations

import json
from pathlib import Path

from local_runner.errors import LocalRunnerError
from operations.errors import CliError
from operations.local.model_versions import LocalModelRegistry
from operations.local.processing_code import run_job
from operations.models.prediction import Prediction, required_text
from processing import names


def predict(text: bytes, model: str | None, workdir: Path) -> Prediction:
    """Predict the class of ``text`` with a version, None for the newest usable one.

    Raise UsageError without text or such a version, CliError if the job fails.
    """
    content = required_text(text)
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
    document = json.loads(run_job("predict", options, content))
    return Prediction(document, str(choice), choice.details, choice.warning)
