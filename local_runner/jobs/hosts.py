"""The hosts of a job: N programs that start together, each with an ``/opt/ml`` of its own.

Objects are shared by key: of the sorted keys, the first host gets the first, the second the second,
and so round and round. The service says no more than that each gets about 1/N of the objects.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.jobs.context import JobContext, refuse
from local_runner.platform.cancellation import Stop, together
from local_runner.platform.object_store import link_or_copy

REPLICATED = "FullyReplicated"
SHARDED = "ShardedByS3Key"


class Hosts:
    """``algo-1`` to ``algo-N``. Each has its own folders and log; a single one has the job's."""

    def __init__(self, count: Json, job: JobContext) -> None:
        if not isinstance(count, int) or count < 1:
            raise JobFailed(f"ClientError: InstanceCount must be 1 or more, not {count!r}")
        self._job = job
        self._stop = Stop()
        self.names = [f"algo-{number}" for number in range(1, count + 1)]
        self._contexts = [self._context(name) for name in self.names]

    def _context(self, name: str) -> JobContext:
        if len(self.names) == 1:
            return replace(self._job, stop=self._stop)
        log = self._job.log.with_name(f"{self._job.log.stem}.{name}.log")
        return replace(self._job, sandbox=self._job.sandbox / name, log=log, stop=self._stop)

    def fetch(self, uri: str, path: str, distribution: str = REPLICATED) -> None:
        """Lays the objects at or below ``uri`` into the folder ``path`` (``/opt/ml/...``)."""
        refuse("S3DataDistributionType", distribution, (REPLICATED, SHARDED))
        staged = self._scratch()
        self._job.store.fetch(uri, staged)
        self.lay(staged, path, distribution)

    def lay(self, source: Path, path: str, distribution: str = REPLICATED) -> None:
        """Moves a folder's files to ``path`` of every host, or to each its share."""
        folders = [context.inside(path) for context in self._contexts]
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(_files(source)):
            shared = distribution == SHARDED
            *others, last = [folders[number % len(folders)]] if shared else folders
            for folder in others:
                link_or_copy(file, _place(folder / file.relative_to(source)))
            file.replace(_place(last / file.relative_to(source)))

    def make(self, path: str) -> None:
        """Makes an empty folder on every host."""
        for context in self._contexts:
            context.inside(path).mkdir(parents=True, exist_ok=True)

    def configure(self, folder: str, files: Mapping[str, Json]) -> None:
        """Writes JSON files into ``folder``, and ``resourceconfig.json``, which tells the hosts."""
        self.make(folder)
        for name, context in zip(self.names, self._contexts, strict=True):
            resources = {"current_host": name, "hosts": self.names}
            for file, content in {**files, "resourceconfig.json": resources}.items():
                text = json.dumps(content, indent=1, sort_keys=True)
                (context.inside(folder) / file).write_text(text, encoding="utf-8")

    def invoke(
        self,
        image: str,
        command: tuple[str, ...],
        environment: Mapping[str, str],
        max_runtime_seconds: float | None = None,
    ) -> None:
        """Runs the program on all hosts; the first that fails ends the job with its reason.

        Where there are several, ``LOCAL_NETWORK`` names a folder that they all see.
        """
        if len(self.names) > 1:
            environment = {**environment, "LOCAL_NETWORK": str(self._scratch())}
        with self._job.stop.ending(self._stop.ask):
            together(
                [
                    partial(context.invoke, image, command, environment, max_runtime_seconds)
                    for context in self._contexts
                ],
                self._stop,
            )

    def gathered(self, path: str) -> Path:
        """The folder with what all hosts left at ``path``.

        Raises JobFailed for a file that two of them left: on AWS, one takes the other's place.
        """
        first, *others = [context.inside(path) for context in self._contexts]
        for name, folder in zip(self.names[1:], others, strict=True):
            for file in _files(folder):
                place = first / file.relative_to(folder)
                if place.exists():
                    raise JobFailed(
                        f"ClientError: {name} left {file.relative_to(folder)} in {path}, as "
                        "another host did; give the files of each host names of their own"
                    )
                file.replace(_place(place))
        return first

    def _scratch(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._job.sandbox))


def _files(folder: Path) -> Sequence[Path]:
    """The files in the order of their keys, in which ``a-b`` comes before ``a/b``."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(files, key=lambda file: file.relative_to(folder).as_posix())


def _place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
