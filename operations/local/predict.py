"""``predict``: one text through a version, and the words that decided."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local_runner.errors import LocalRunnerError
from local_runner.workdir import Workdir
from operations.errors import CliError, UsageError
from operations.local import model_versions
from operations.local.deployment_values import job_output
from operations.local.model_versions import Version
from operations.views.printing import print_json, print_line

_SHOWN_WORDS = 12
_BAR = 20


def predict(text: str, model: str | None, workdir: Path, *, as_json: bool) -> None:
    """Shows the prediction for ``text``; ``-`` stands for what is on stdin.

    Raises UsageError for no text or no such version, CliError if the job fails.
    """
    data = sys.stdin.buffer.read() if text == "-" else os.fsencode(text)
    if not data.strip():
        raise UsageError("the text is empty; give some, or - and the text on stdin")
    folder = Workdir(workdir.resolve())
    version, why = model_versions.find(folder, model)
    found = _asked(data, version, folder)
    if as_json:
        print_json({**found, "model_package_arn": version.arn})
        return
    print_line(f"{found['label']}, probability of positive {found['probability']:.3f}")
    _print_words(found)
    print_line(f"\nby {version}, {why}")


def _asked(data: bytes, version: Version, workdir: Workdir) -> Any:
    """What the job answers."""
    try:
        places = [workdir.store.path(uri) for uri in (version.vocabulary, version.model)]
    except LocalRunnerError as error:
        raise CliError(f"{version.arn}: {error}") from None
    vocabulary, model = places
    options: dict[str, str | Path] = {"vocabulary": vocabulary, "model": model, "text": "-"}
    return json.loads(job_output("predict", options, data))


def _print_words(found: Any) -> None:
    """The words that decided, the strongest first, with bars to the left and the right."""
    words = found["words"][:_SHOWN_WORDS]
    if not words:
        print_line("no word of it is known")
        return
    most = max(abs(word["contribution"]) for word in words) or 1.0
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("word", no_wrap=True)
    table.add_column("log-odds", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for word in words:
        share = word["contribution"]
        bar = "\u2588" * max(1, round(_BAR * abs(share) / most))
        style = "green" if share > 0 else "red"
        table.add_row(Text(word["word"]), f"{share:+.3f}", Text(bar, style))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    console.print(table)
    if unknown := found.get("unknown"):
        print_line(f"unknown: {', '.join(unknown[:_SHOWN_WORDS])}")
