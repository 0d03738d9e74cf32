"""The step cache: reuse the result of a step whose arguments and inputs haven't changed.

SageMaker compares a step's arguments as written. Here the content of each input URI counts instead,
so that a changed file, or changed code under the same name, is never missed; what can't change a
result (output URIs, roles, tags) doesn't count.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from local_runner.definition.expressions import strings
from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.platform.images import emulations_version
from local_runner.platform.json_file import write_json_atomically
from local_runner.platform.object_store import ObjectStore

# Where requests name output URIs, and where results do.
_OUTPUT_KEYS = {"ProcessingOutputConfig", "OutputDataConfig", "TransformOutput"}
_OUTPUTS = ("ProcessingOutputConfig", "ModelArtifacts", "TransformOutput")
_INSIGNIFICANT = {"RoleArn", "ExecutionRoleArn", "Tags", "ExperimentConfig"}


class StepCache:
    """Properties of finished steps in the folder ``root``, by a hash of their inputs."""

    def __init__(self, root: Path, store: ObjectStore) -> None:
        self._root = root
        self._store = store

    def key(self, step_type: str, arguments: Mapping[str, Json]) -> str:
        """Return the hash of a step's resolved arguments and of the content of its inputs."""
        inputs = {
            "type": step_type,
            "arguments": self._significant(arguments),
            "emulations": emulations_version(),
        }
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()

    def find(self, key: str, max_age: float) -> Mapping[str, Json] | None:
        """Return the properties stored under ``key`` that are less than ``max_age`` seconds old.

        None if there are none, if they are damaged, or if their outputs don't exist any more.
        """
        path = self._root / f"{key}.json"
        if not path.is_file() or _age(path) >= max_age:
            return None
        try:
            properties: Mapping[str, Json] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            return None
        return properties if outputs_exist(properties, self._store) else None

    def put(self, key: str, properties: Mapping[str, Json]) -> None:
        """Store the properties of a step that succeeded."""
        write_json_atomically(self._root / f"{key}.json", properties)

    def _significant(self, value: Json) -> Json:
        if isinstance(value, Mapping):
            return {
                name: self._without_uris(item) if name in _OUTPUT_KEYS else self._significant(item)
                for name, item in value.items()
                if name not in _INSIGNIFICANT
            }
        if isinstance(value, list):
            return [self._significant(item) for item in value]
        # The SDK writes hyperparameters as JSON: a source archive's URI is in quotes.
        uri = value.strip('"') if isinstance(value, str) else value
        if _is_s3_uri(uri):
            with suppress(JobFailed):  # nothing there, or not an input's URI
                return self._store.digest(uri)
        return value

    def _without_uris(self, value: Json) -> Json:
        if isinstance(value, Mapping):
            return {name: self._without_uris(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._without_uris(item) for item in value]
        return "s3://" if _is_s3_uri(value) else value


def outputs_exist(properties: Mapping[str, Json], store: ObjectStore) -> bool:
    """Whether the outputs of a finished step, given by its properties, still exist."""
    texts = {text for name in _OUTPUTS for _, text in strings(properties.get(name))}
    return all(map(store.exists, filter(_is_s3_uri, texts)))


def _is_s3_uri(value: Json) -> bool:
    return isinstance(value, str) and value.startswith("s3://")


def _age(path: Path) -> float:
    return max(0.0, time.time() - path.stat().st_mtime)  # the clock may have been set back
