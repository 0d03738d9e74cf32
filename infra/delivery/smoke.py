"""Print the options of ``sentiment start`` for the smoke test of an environment.

Run as ``python -m infra.delivery.smoke dev``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from infra.settings import Settings, environments
from infra.settings_errors import SettingsError

CDK_JSON = Path(__file__).resolve().parents[2] / "cdk.json"


def arguments(settings: Settings, seed: int) -> list[str]:
    """Return the options of a smoke run: every step on small data, and no version to approve.

    seed: must be new for each run; otherwise the step cache answers and the jobs don't run.
    """
    parameters = {"ModelApprovalStatus": "Rejected", "Seed": str(seed)}
    if settings.champion_margin is not None:
        # A model of small data can't compete with a champion trained on the full data.
        parameters["ChampionMargin"] = "1"
    options = ["--environment", settings.name, "--region", settings.region]
    options += ["--name", "smoke", "--dataset", "demo"]
    for name, value in parameters.items():
        options += ["--parameter", f"{name}={value}"]
    return options


def main(words: Sequence[str]) -> None:
    """Print the options for the environment that ``words`` names. Raise SettingsError."""
    [name] = words
    found = environments(
        json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]["environments"]
    )
    by_name = {settings.name: settings for settings in found}
    if name not in by_name:
        raise SettingsError(f"cdk.json has no environment {name!r}; use {', '.join(by_name)}")
    print(*arguments(by_name[name], int(time.time())))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
