"""Print the options of ``sentiment start`` for the smoke test of an environment.

Run as ``python -m infra.delivery.smoke dev``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from infra.environments import environment_named
from infra.settings import Settings
from infra.settings_errors import exit_with_settings_error


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
    print(*arguments(environment_named(name), int(time.time())))


if __name__ == "__main__":
    with exit_with_settings_error():
        main(sys.argv[1:])
