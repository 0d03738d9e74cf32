"""Errors of the local runner and of the file system, as errors of the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from local_runner.errors import LocalRunnerError
from operations.errors import CliError


@contextmanager
def translated_errors(place: object) -> Iterator[None]:
    """Raise errors of the runner and of the file system inside the block as CliError.

    place: named by errors of the file system that don't name a file.
    """
    try:
        yield
    except BrokenPipeError:  # of stdout; click exits quietly
        raise
    except LocalRunnerError as error:
        raise CliError(str(error)) from None
    except OSError as error:
        raise CliError(f"{error.filename or place}: {error.strerror or error}") from None
