"""Settings of a definition: what `sentiment compare` compares beside the parameters."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pipeline_diff.render.definition_settings import definition_settings
from tests.support.clean_room import DEFINITION

Edit = Callable[[dict[str, Any]], None]


def changed(step: str, edit: Edit) -> dict[str, tuple[str | None, str | None]]:
    """The settings that differ after a change of one step's arguments."""
    before = DEFINITION.read_text("utf-8")
    document = json.loads(before)
    edit(next(it for it in document["Steps"] if it["Name"] == step)["Arguments"])
    one, other = definition_settings(before), definition_settings(json.dumps(document))
    return {
        name: (one.get(name), other.get(name))
        for name in one.keys() | other.keys()
        if one.get(name) != other.get(name)
    }


def _spot(arguments: dict[str, Any]) -> None:
    arguments["EnableManagedSpotTraining"] = True


def _champion(arguments: dict[str, Any]) -> None:
    arguments["AppSpecification"]["ContainerArguments"] += ["--champion-margin", "0.01"]


def _isolated(arguments: dict[str, Any]) -> None:
    arguments["NetworkConfig"] = {"EnableNetworkIsolation": True}


def _auc(arguments: dict[str, Any]) -> None:
    arguments["Conditions"][0]["Type"] = "GreaterThan"


@pytest.mark.parametrize(
    ("step", "edit", "name", "value"),
    [
        ("Train", _spot, "Train: managed spot training", "true"),
        ("Evaluate", _champion, "Evaluate: option --champion-margin", "0.01"),
        ("Download", _isolated, "Download: network isolation", "true"),
    ],
    ids=["attribute", "option", "nested"],
)
def test_changed_setting_has_the_name_that_diff_gives_it(
    step: str, edit: Edit, name: str, value: str
) -> None:
    [(found, (_, after))] = changed(step, edit).items()
    assert (found, after) == (name, value)


def test_condition_is_a_setting() -> None:
    assert changed("QualityGate", _auc).keys() == {"QualityGate: condition"}


def test_steps_of_branches_have_settings() -> None:
    found = definition_settings(DEFINITION.read_text("utf-8"))
    assert "Reject: error message" in found


def test_unreadable_definition_has_no_settings() -> None:
    assert definition_settings('{"Version": "1999-01-01"}') == {}
