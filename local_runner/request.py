"""The request of an execution, stored with its record so that it can be retried."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from local_runner.definition.expressions import as_text
from local_runner.definition.parsing import parse
from local_runner.errors import WorkdirError
from local_runner.execution.record import PipelineExecution
from local_runner.handlers import Handler, importable_handler
from local_runner.plan import Plan, body_name, make_plan, with_handlers
from local_runner.platform.atomic import atomic_path
from local_runner.platform.file_digest import file_digest
from local_runner.platform.json_file import write_json_atomically
from local_runner.selection import Selection, select

_DEFINITION, _REQUEST = "definition.json", "request.json"


@dataclass(frozen=True)
class ExecutionRequest:
    """A definition and what was selected of it; parameters are in the execution's record.

    pipeline: a name that executions of the same pipeline share.
    """

    definition: str
    selection: Selection
    pipeline: str
    max_parallel_steps: int | None = None


@dataclass(frozen=True)
class StoredRequest:
    """The request of an execution, and the user's files and functions as they were then.

    inputs: by the URIs of their objects. handlers: by the names of steps. digests: of their
    contents, by the same keys.
    """

    request: ExecutionRequest
    inputs: Mapping[str, Path]
    handlers: Mapping[str, Handler]
    digests: Mapping[str, str]

    @classmethod
    def of(cls, request: ExecutionRequest, plan: Plan, inputs: Mapping[str, Path]) -> StoredRequest:
        """Return the request with the current contents."""
        handlers = {body_name(it.step): it.handler for it in plan.steps if it.handler}
        return cls(request, inputs, handlers, _digests(inputs, handlers))

    def save(self, folder: Path) -> None:
        """Write it into the folder of its execution."""
        document = asdict(self.request)
        with atomic_path(folder / _DEFINITION) as staging:
            staging.write_text(document.pop("definition"), encoding="utf-8")
        files = {
            "digests": dict(self.digests),
            "handlers": {name: [str(it.folder), it.name] for name, it in self.handlers.items()},
            "inputs": {uri: str(path) for uri, path in self.inputs.items()},
        }
        write_json_atomically(folder / _REQUEST, {**document, **files})

    @classmethod
    def load(cls, folder: Path) -> StoredRequest:
        """Return the request of the execution in the folder. Raise WorkdirError without one."""
        path = folder / _REQUEST
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            selected = found["selection"]
            lists = {name: tuple(it) for name, it in selected.items() if isinstance(it, list)}
            request = ExecutionRequest(
                (folder / _DEFINITION).read_text(encoding="utf-8"),
                Selection(**{**selected, **lists}),
                found["pipeline"],
                found["max_parallel_steps"],
            )
            inputs = {uri: Path(it) for uri, it in found["inputs"].items()}
            handlers = {
                step: Handler(Path(place), name)
                for step, (place, name) in found["handlers"].items()
            }
            return cls(request, inputs, handlers, found["digests"])
        except FileNotFoundError as error:
            raise WorkdirError(f"{error.filename} is missing; start a new execution") from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise WorkdirError(f"{path}: damaged ({error}); start a new execution") from None

    def plan(self, execution: PipelineExecution) -> Plan:
        """Return the plan of the execution, whose record has the results that it reuses.

        Raise DefinitionError if a handler can't be imported any more.
        """
        values = {name: as_text(value) for name, value in execution.parameters.items()}
        handlers = {
            step: importable_handler(step, it.name, it.folder) for step, it in self.handlers.items()
        }
        plan = with_handlers(make_plan(parse(self.request.definition), values, {}), handlers)
        return select(plan, self.request.selection, execution)

    def changed(self) -> Iterator[str]:
        """Yield the URIs of inputs and the steps of handlers whose contents have changed."""
        now = _digests(self.inputs, self.handlers)
        yield from (key for key, digest in self.digests.items() if now[key] != digest)


def _digests(inputs: Mapping[str, Path], handlers: Mapping[str, Handler]) -> dict[str, str]:
    """Return the digests of contents; empty for a file that doesn't exist."""
    files = {uri: file_digest(it) if it.is_file() else "" for uri, it in inputs.items()}
    return {**files, **{step: handler.digest for step, handler in handlers.items()}}
