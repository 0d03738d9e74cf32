"""Hyperparameters and content types that the image supports and local runs don't.

The plan refuses them before anything runs, and the job again, when all values are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

CONTENT_TYPES = (
    *("application/x-parquet", "parquet", "application/x-recordio-protobuf", "recordio-protobuf"),
)
_COMPUTED_BY_IMAGE = (
    *("accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "mse", "precision"),
    *("precision_macro", "precision_micro", "r2", "recall", "recall_macro", "recall_micro"),
)


def unsupported_hyperparameters(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield a message for each hyperparameter. Values that aren't strings aren't known yet."""
    texts = {name: text for name, text in given.items() if isinstance(text, str)}
    if "_kfold" in texts:
        yield "_kfold: local runs don't support cross-validation; leave it out"
    for name, text in (("tree_method", "gpu_hist"), ("use_dask_gpu_training", "true")):
        if texts.get(name) == text:
            yield f"{name} {text}: local runs don't use GPUs; use tree_method hist"
    tuned = texts.get("_tuning_objective_metric", "").removeprefix("validation:")
    for metric in (*texts.get("eval_metric", "").split(","), tuned):
        if metric in _COMPUTED_BY_IMAGE:
            yield (
                f"eval_metric {metric}: computed by the image itself (wrongly in 3.0-5) and not "
                "supported by local runs; use error, auc or logloss"
            )


def unsupported_channel(name: str, content_type: Any) -> Iterator[str]:
    """Yield a message if local runs can't read the channel."""
    if content_type in CONTENT_TYPES:
        yield f"channel {name}: local runs don't read {content_type}; use text/csv or text/libsvm"
