"""The hosts of a job: N programs that start together, each with its own ``/opt/ml``.

ShardedByS3Key deals the objects, sorted by key, to the hosts in turn. The service documents only
that each host gets about 1/N of the objects.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.jobs.context import JobContext
from local_runner.platform.cancellation import CancellationToken, run_concurrently
from local_runner.platform.containers import Invocation
from local_runner.platform.object_store import files_below, link_or_copy

REPLICATED = "FullyReplicated"
SHARDED = "ShardedByS3Key"


class Hosts:
    """``algo-1`` to ``algo-N``, each with its own folders and log; a single host has the job's."""

    def __init__(self, count: Json, job: JobContext) -> None:
        if not isinstance(count, int) or count < 1:
            raise JobFailed(f"ClientError: InstanceCount must be an integer >= 1, got {count!r}")
        self._job = job
        self._cancellation = CancellationToken()
        self.names = [f"algo-{number}" for number in range(1, count + 1)]
        self._contexts = [self._context(name) for name in self.names]
        self._log_starts = [_size(context.log) for context in self._contexts]

    def _context(self, name: str) -> JobContext:
        if len(self.names) == 1:
            return replace(self._job, cancellation=self._cancellation)
        log = self._job.log.with_name(f"{self._job.log.stem}.{name}.log")
        sandbox = self._job.sandbox / name
        return replace(self._job, sandbox=sandbox, log=log, cancellation=self._cancellation)

    def output(self) -> Iterator[str]:
        """Yield what each host has logged, without earlier attempts at the job."""
        for context, start in zip(self._contexts, self._log_starts, strict=True):
            if context.log.is_file():
                yield context.log.read_bytes()[start:].decode("utf-8", "replace")

    def message_file(self) -> Path:
        """Return the path of the file to which the first host may write an exit message."""
        return self._contexts[0].sandbox_path("/opt/ml/output/message")

    def fetch(self, uri: str, path: str, distribution: str = REPLICATED) -> None:
        """Put the objects whose URIs begin with ``uri`` into the folder ``path``."""
        staged = self._temporary_folder()
        self._job.store.fetch(uri, staged)
        self.distribute(staged, path, distribution)

    def distribute(self, source: Path, path: str, distribution: str = REPLICATED) -> None:
        """Move a folder's files to ``path``, of every host or, if sharded, of one host each."""
        folders = [context.sandbox_path(path) for context in self._contexts]
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(files_below(source)):
            is_sharded = distribution == SHARDED
            *others, last = [folders[number % len(folders)]] if is_sharded else folders
            for folder in others:
                link_or_copy(file, _with_parents(folder / file.relative_to(source)))
            file.replace(_with_parents(last / file.relative_to(source)))

    def make_folder(self, path: str) -> None:
        """Create an empty folder on every host."""
        for context in self._contexts:
            context.sandbox_path(path).mkdir(parents=True, exist_ok=True)

    def write_config(self, folder: str, files: Mapping[str, Json], **resources: Json) -> None:
        """Write JSON files and each host's ``resourceconfig.json``, which lists all hosts.

        resources: further entries of ``resourceconfig.json``.
        """
        self.make_folder(folder)
        for name, context in zip(self.names, self._contexts, strict=True):
            config = {**resources, "current_host": name, "hosts": self.names}
            for file, content in {**files, "resourceconfig.json": config}.items():
                text = json.dumps(content, indent=1, sort_keys=True)
                (context.sandbox_path(folder) / file).write_text(text, encoding="utf-8")

    def launch(
        self,
        image: str,
        command: tuple[str, ...],
        environment: Mapping[str, str],
        max_runtime_seconds: float | None = None,
    ) -> None:
        """Run the program on all hosts to its end; the first failure ends the job.

        If there are several hosts, ``LOCAL_NETWORK`` names a folder that all of them see.
        """
        if len(self.names) > 1:
            environment = {**environment, "LOCAL_NETWORK": str(self._temporary_folder())}
        programs = []
        for context in self._contexts:
            (context.opt_ml / "output").mkdir(parents=True, exist_ok=True)
            invocation = Invocation(
                image,
                command,
                environment,
                context.opt_ml,
                context.log,
                max_runtime_seconds,
                self._cancellation,
            )
            programs.append(partial(context.container.invoke, invocation))
        with self._job.cancellation.on_cancel(self._cancellation.cancel):
            run_concurrently(programs, self._cancellation)

    def collect(self, path: str) -> Path:
        """Return a folder with the files that all hosts wrote to ``path``.

        Raise JobFailed if two hosts wrote the same file: on AWS, one would replace the other.
        """
        first, *others = [context.sandbox_path(path) for context in self._contexts]
        for name, folder in zip(self.names[1:], others, strict=True):
            for file in files_below(folder):
                target = first / file.relative_to(folder)
                if target.exists():
                    raise JobFailed(
                        f"ClientError: {name} and another host both wrote "
                        f"{file.relative_to(folder)} to {path}; include the host's name in the "
                        "file's name"
                    )
                file.replace(_with_parents(target))
        return first

    def _temporary_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._job.sandbox))


def _size(log: Path) -> int:
    return log.stat().st_size if log.is_file() else 0


def _with_parents(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
