"""``python -m infra.settings_reference`` writes docs/settings.md from the settings' own words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from infra.delivery.settings import DeliverySettings
from infra.settings import Settings
from pipeline_steps.settings import PipelineSettings

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"

_HEAD = """\
# Settings

<!-- Made by `make settings` from the settings in infra/ and pipeline_steps/. -->

`cdk.json`, context `environments`: one object for each environment, named by up to 16 lower-case
letters and digits. A setting that isn't given isn't in the template. Wrong settings end `cdk synth`
with one line that names them. Synthesizing is a function of the commit: no clock, no network, no
environment variable below `app.py`.
"""

_DELIVERY = """
## The delivery

`cdk.json`, context `delivery`: one object, or none, and then there is no stack for it.
[Delivery](delivery.md) tells what it is for.
"""

_TABLE = "\n| setting | type | default | meaning |\n|---|---|---|---|\n"


def reference() -> str:
    """The text of docs/settings.md."""
    deployment = [_row(item) for item in _settings(Settings)]
    pipeline = [_row(item) for item in _settings(PipelineSettings) if item.name != "region"]
    delivery = [_row(item) for item in _settings(DeliverySettings)]
    return (
        f"{_HEAD}\n## The deployment\n{_TABLE}{''.join(deployment)}"
        f"\n## The pipeline\n{_TABLE}{''.join(pipeline)}"
        f"{_DELIVERY}{_TABLE}{''.join(delivery)}"
    )


def _settings(kind: type[Any]) -> Iterator[Field[Any]]:
    return (item for item in fields(kind) if "meaning" in item.metadata)


def _row(item: Field[Any]) -> str:
    kind = {"tuple[str, ...]": "list of str"}.get(str(item.type), str(item.type))
    kind = kind.removesuffix(" | None")
    if item.default is MISSING:
        default = "must be given"
    else:
        default = {None: "none", (): "none", False: "false", True: "true"}.get(
            item.default, f"`{item.default}`"
        )
    return f"| `{item.name}` | {kind} | {default} | {item.metadata['meaning']} |\n"


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
    print(REFERENCE.name)
