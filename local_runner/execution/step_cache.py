"""The step cache: reuse the result of a step whose inputs haven't changed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from local_runner.definition.expressions import strings
from local_runner.definition.model import Json
from local_runner.platform.json_file import write_json_atomically
from local_runner.platform.object_store import ObjectStore

# Where results name output URIs.
_OUTPUTS = ("ProcessingOutputConfig", "ModelArtifacts", "TransformOutput")


@dataclass(frozen=True)
class CachedResult:
    """The result of a step.

    execution_id: of the execution that performed it. stored: its time, in seconds since 1970.
    """

    execution_id: str
    inputs: Mapping[str, Json]
    properties: Mapping[str, Json]
    stored: float = field(default_factory=time.time)

    @property
    def age(self) -> float:
        """The seconds since it was stored."""
        return max(0.0, time.time() - self.stored)  # the clock may have been set back


class StepCache:
    """Results of finished steps in the folder ``root``, by a hash of their inputs."""

    def __init__(self, root: Path, store: ObjectStore) -> None:
        self._root = root
        self._store = store

    def find(self, inputs: Mapping[str, Json], max_age: float) -> CachedResult | None:
        """Return the result for these inputs if it is less than ``max_age`` seconds old.

        None if there is none, if it is damaged, or if its outputs don't exist any more.
        """
        result = self.stored(inputs)
        return result if result and result.age < max_age and self.exists(result) else None

    def stored(self, inputs: Mapping[str, Json]) -> CachedResult | None:
        """Return the result that is stored for these inputs, whether it can be reused or not."""
        return _read(self._path(inputs))

    def all(self) -> Iterator[CachedResult]:
        """Yield all results, whether they can be reused or not."""
        found = map(_read, sorted(self._root.glob("*.json")))
        yield from (result for result in found if result)

    def exists(self, result: CachedResult) -> bool:
        """Return whether the outputs of the step still exist."""
        return outputs_exist(result.properties, self._store)

    def put(self, result: CachedResult) -> None:
        """Store the result of a step that succeeded."""
        write_json_atomically(self._path(result.inputs), asdict(result))

    def _path(self, inputs: Mapping[str, Json]) -> Path:
        text = json.dumps(inputs, sort_keys=True)
        return self._root / f"{hashlib.sha256(text.encode()).hexdigest()}.json"


def outputs_exist(properties: Mapping[str, Json], store: ObjectStore) -> bool:
    """Whether the outputs of a finished step, given by its properties, still exist."""
    texts = {text for name in _OUTPUTS for _, text in strings(properties.get(name))}
    return all(store.exists(text) for text in texts if text.startswith("s3://"))


def _read(path: Path) -> CachedResult | None:
    try:
        return CachedResult(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
