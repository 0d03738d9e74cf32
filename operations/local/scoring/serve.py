"""Serve a local model version: its answers to requests, and a page to try it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local_runner.errors import LocalRunnerError
from local_runner.platform.cancellation import interrupted_by_sigterm
from local_runner.serving.server import MODULE, ServedModel, start
from operations.errors import CliError
from operations.local.model_versions import Choice, LocalModelRegistry
from processing import names

PAGES = Path(__file__).with_name("page")


@dataclass(frozen=True)
class Serving:
    """A server that is ready, and the version that it answers with."""

    url: str
    choice: Choice


def serve(
    model: str | None, port: int, workdir: Path, *, when_ready: Callable[[Serving], None]
) -> None:
    """Serve a version, None for the newest usable one, until Ctrl-C or SIGTERM.

    port: 0 for a free one. Raise UsageError without such a version, CliError if it can't be served.
    """
    registry = LocalModelRegistry(workdir)
    choice = registry.choose(model)
    served = _served_model(registry, choice)
    try:
        with (
            interrupted_by_sigterm(),
            start(served, port, pages=PAGES, on_line=_log) as server,
        ):
            try:
                server.wait_until_ready()
                when_ready(Serving(server.url, choice))
                server.wait()
            except KeyboardInterrupt:
                return
    except LocalRunnerError as error:
        raise CliError(str(error)) from None


def _served_model(registry: LocalModelRegistry, choice: Choice) -> ServedModel:
    """Return the container of a version. Raise CliError unless it takes text."""
    version = choice.version
    [container] = registry.description(version)["InferenceSpecification"]["Containers"]
    environment = container.get("Environment", {})
    try:
        archive = registry.workdir.store.path(version.package)
    except LocalRunnerError as error:
        raise CliError(f"{version.arn}: {error}") from None
    if MODULE not in environment:
        raise CliError(
            f"{version} takes rows of features, not text; train a new one with "
            f"{registry.command('run')}, or choose another with --model"
        )
    environment = {**environment, names.MODEL_VERSION_VARIABLE: str(version.number)}
    return ServedModel(container["Image"], archive, environment)


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
