"""docs/settings.md is generated from the settings, and up to date."""

from __future__ import annotations

import re

import pytest

from infra.delivery.pull_request import PullRequestSettings
from infra.delivery.settings import DeliverySettings
from infra.endpoint.settings import InstanceEndpoint, ServerlessEndpoint
from infra.settings import Settings
from infra.settings_reference import REFERENCE, reference
from pipeline_steps.settings import TuningSettings


def _rows() -> dict[str, list[str]]:
    """The cells of the tables' rows by setting; of a name in two tables, the last."""
    rows = [line.strip("| ").split(" | ") for line in reference().splitlines() if "| `" in line]
    return {name.strip("`"): cells for name, *cells in rows}


def test_settings_page_is_up_to_date() -> None:
    committed = REFERENCE.read_text(encoding="utf-8")
    assert committed == reference(), "docs/settings.md is stale: run `make settings`"


def test_every_setting_has_a_row() -> None:
    models = (
        *(Settings, TuningSettings, ServerlessEndpoint, InstanceEndpoint),
        *(DeliverySettings, PullRequestSettings),
    )
    settings = {name for model in models for name in model.model_fields} - {"name"}
    assert _rows().keys() == settings


@pytest.mark.parametrize(
    ("name", "value", "default"),
    [
        pytest.param("region", "an AWS region such as us-east-1", "required", id="required"),
        pytest.param("subnets", None, "none", id="list"),
        pytest.param("account", None, "`null`", id="null"),
        pytest.param("keep_data", "true or false", "`true`", id="boolean"),
        pytest.param("run_days", "an integer from 1 to 36500", "`90`", id="number"),
        pytest.param("preset", None, '`"article"`', id="string"),
    ],
)
def test_row_shows_values_and_default_as_in_cdk_json(
    name: str, value: str | None, default: str
) -> None:
    found_value, found_default, _ = _rows()[name]
    assert found_default == default
    assert value in (None, found_value)


def test_descriptions_contain_no_measurements() -> None:
    for _, _, description in _rows().values():
        assert not re.search(r"\d+ (MB|GB|s|seconds|reviews)\b", description)
