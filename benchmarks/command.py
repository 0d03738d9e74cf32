"""What the benchmarks' command lines share."""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import ProgramFailed

RESULTS = Path(__file__).parent / "results"


class NoArchive(Exception):
    """There is no archive to measure on; the message says what to do."""


def the_archive(given: str | None = None) -> Path:
    """The archive given, or else what the variable IMDB_ARCHIVE names. Raises NoArchive."""
    if given is not None:
        if not Path(given).is_file():
            raise NoArchive(f"{given} is no file; give the path of an archive of reviews")
        return Path(given).resolve()
    named = os.environ.get("IMDB_ARCHIVE", "")
    if not Path(named).is_file():
        told = f"IMDB_ARCHIVE={named} names no file" if named else "IMDB_ARCHIVE isn't set"
        raise NoArchive(f"{told}; give it the path of the article's archive, aclImdb_v1.tar.gz")
    return Path(named).resolve()


def parser(program: str, description: str | None) -> argparse.ArgumentParser:
    """A command line with the options that every benchmark has."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    parser.add_argument("--date", default=today, help="what the result is named by")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the result")
    return parser


def say(what: str) -> None:
    """Tells on stderr what is being done."""
    print(what, file=sys.stderr, flush=True)


def ending_in_one_line(main: Callable[[], None]) -> None:
    """Runs the program. Exit codes: 1 a measured program failed, 2 no archive, 130 stopped."""
    try:
        main()
    except NoArchive as error:
        _end(str(error), 2)
    except ProgramFailed as error:
        _end(str(error), 1)
    except KeyboardInterrupt:
        _end("stopped", 130)


def _end(message: str, code: int) -> None:
    say(f"error: {message}")
    sys.exit(code)
