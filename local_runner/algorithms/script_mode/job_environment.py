"""The environment of a training job, as scripts ask for it."""

from __future__ import annotations

import json
import os
from typing import Any


class Environment:
    """Facts about a script's job, by name: ``num_cpus``, ``channel_input_dirs``, ``hosts``."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = json.loads(os.environ.get("SM_TRAINING_ENV", "{}"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._values:
            raise AttributeError(f"the environment of this job has no {name}")
        return self._values[name]
