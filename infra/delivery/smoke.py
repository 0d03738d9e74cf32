"""Print the options of ``sentiment start`` for the smoke test of an environment.

Run as ``python -m infra.delivery.smoke dev``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from infra.settings import Settings, SettingsError, environments

CDK_JSON = Path(__file__).resolve().parents[2] / "cdk.json"


def arguments(settings: Settings, seed: int) -> list[str]:
    """The options of a smoke run: every step on small data, and nothing that anybody could approve.

    ``seed`` must be new each time: the same one would be answered by the step cache, whatever a
    change of the role or the images has broken since.
    """
    parameters = {"ModelApprovalStatus": "Rejected", "Seed": str(seed)}
    if settings.pipeline.champion_margin is not None:
        # Small data mustn't be measured against a champion of the full data.
        parameters["ChampionMargin"] = "1"
    options = ["--environment", settings.name, "--region", settings.region]
    options += ["--name", "smoke", "--dataset", "demo"]
    for name, value in parameters.items():
        options += ["--parameter", f"{name}={value}"]
    return options


def main(words: Sequence[str]) -> None:
    """Prints the options for the environment that ``words`` names. Raises SettingsError."""
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
