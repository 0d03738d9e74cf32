"""Hyperparameters and content types that the image supports and local runs don't.

The plan refuses them before anything runs, and the job again, when all values are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

CONTENT_TYPES = (
    *("application/x-parquet", "parquet", "application/x-recordio-protobuf", "recordio-protobuf"),
)


def unsupported_hyperparameters(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield a message for each hyperparameter. Values that aren't strings aren't known yet."""
    texts = {name: text for name, text in given.items() if isinstance(text, str)}
    for name, text in (("tree_method", "gpu_hist"), ("use_dask_gpu_training", "true")):
        if texts.get(name) == text:
            yield f"{name} {text}: local runs don't use GPUs; use tree_method hist"


def unsupported_cluster(given: Mapping[str, Any], hosts: Any) -> Iterator[str]:
    """Yield a message for what the image does on several hosts, and local runs on one."""
    if "_kfold" in given and isinstance(hosts, int) and hosts > 1:
        yield "_kfold: local runs cross-validate on one host; use the InstanceCount 1"


def unsupported_channel(name: str, content_type: Any) -> Iterator[str]:
    """Yield a message if local runs can't read the channel."""
    if content_type in CONTENT_TYPES:
        yield f"channel {name}: local runs don't read {content_type}; use text/csv or text/libsvm"
