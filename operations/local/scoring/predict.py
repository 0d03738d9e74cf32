"""Predict the class of one text with a local model version."""

from __future__ import annotations

import json
from pathlib import Path

from local_runner.errors import LocalRunnerError
from operations.errors import CliError
from operations.local.model_versions import Choice, LocalModelRegistry
from operations.local.processing_code import run_job
from operations.models.prediction import Prediction, required_text
from processing import names
from processing.names import DecisionThreshold


def predict(
    text: bytes, model: str | None, workdir: Path, threshold: float | None = None
) -> Prediction:
    """Predict the class of ``text`` with a version, None for the newest usable one.

    threshold: None for the version's decision threshold. Raise UsageError without text or such a
    version, CliError if the job fails.
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
        "threshold": str(_threshold(registry, choice) if threshold is None else threshold),
        "text": "-",
    }
    document = json.loads(run_job("predict", options, content))
    model_name = str(choice)
    if threshold is not None:
        model_name += f"; threshold {threshold}, chosen with --threshold"
    return Prediction(document, model_name, choice.details, choice.warning)


def _threshold(registry: LocalModelRegistry, choice: Choice) -> float:
    """Return the decision threshold of a version. Raise CliError if it can't be read."""
    report = registry.required_evaluation(choice.version)
    return DecisionThreshold.DEFAULT if report is None else report.threshold
