"""The step cache: a step whose arguments and inputs are what they were isn't run again.

SageMaker compares a step's arguments as written. Here the content behind each input URI counts as
well, so that a changed file, or changed code under the same name, is never missed, and what doesn't
change a result (where outputs go, the role) doesn't count.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local_runner.definition.model import Json
from local_runner.platform.images import stand_ins_version
from local_runner.platform.json_file import write_json_atomically
from local_runner.platform.object_store import ObjectStore

# Where a request says that outputs shall go, and where an answer says that they are.
_OUTPUT_KEYS = {"ProcessingOutputConfig", "OutputDataConfig", "TransformOutput"}
_OUTPUTS = ("ProcessingOutputConfig", "ModelArtifacts")
_WITHOUT_EFFECT = {"RoleArn", "ExecutionRoleArn", "Tags", "ExperimentConfig"}


class StepCache:
    """What finished steps answered, below ``root``, by a hash of all that went into them."""

    def __init__(self, root: Path, store: ObjectStore) -> None:
        self._root = root
        self._store = store

    def key(self, step_type: str, arguments: Mapping[str, Json]) -> str:
        """The hash of a step's resolved arguments and of the content of its inputs."""
        counted = {
            "type": step_type,
            "arguments": self._counted(arguments),
            "stand_ins": stand_ins_version(),
        }
        return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()

    def find(self, key: str, max_age: float) -> Mapping[str, Json] | None:
        """The properties stored under ``key``, if they're at most ``max_age`` seconds old.

        None if there are none, if they can't be read, or if their outputs are gone.
        """
        path = self._root / f"{key}.json"
        if not path.is_file() or _age(path) > max_age:
            return None
        try:
            properties: Mapping[str, Json] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            return None
        outputs = set(_uris([properties.get(name) for name in _OUTPUTS]))
        return properties if all(map(self._store.exists, outputs)) else None

    def keep(self, key: str, properties: Mapping[str, Json]) -> None:
        """Stores the properties of a step that succeeded."""
        write_json_atomically(self._root / f"{key}.json", properties)

    def _counted(self, value: Json) -> Json:
        if isinstance(value, Mapping):
            return {
                name: self._without_uris(item) if name in _OUTPUT_KEYS else self._counted(item)
                for name, item in value.items()
                if name not in _WITHOUT_EFFECT
            }
        if isinstance(value, list):
            return [self._counted(item) for item in value]
        if isinstance(value, str) and value.startswith("s3://") and self._store.exists(value):
            return self._store.digest(value)
        return value

    def _without_uris(self, value: Json) -> Json:
        if isinstance(value, Mapping):
            return {name: self._without_uris(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._without_uris(item) for item in value]
        return "s3://" if isinstance(value, str) and value.startswith("s3://") else value


def _uris(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _uris(item)
    elif isinstance(value, list):
        for item in value:
            yield from _uris(item)
    elif isinstance(value, str) and value.startswith("s3://"):
        yield value


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
