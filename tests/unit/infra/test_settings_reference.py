"""docs/settings.md: made of the settings' own words, and up to date."""

from __future__ import annotations

from dataclasses import fields

import pytest

from infra.delivery.settings import DeliverySettings
from infra.settings import Settings
from infra.settings_reference import REFERENCE, reference
from pipeline_steps.settings import PipelineSettings
from tests.support.clean_room import ROOT

HIDDEN = {"name", "pipeline"}  # the key of the environment, and what the flat file holds itself


def _rows() -> list[tuple[str, list[str]]]:
    """The settings' names and cells, table after table."""
    rows = [line.strip("| ").split(" | ") for line in reference().splitlines() if "| `" in line]
    return [(name.strip("`"), cells) for name, *cells in rows]


def _names() -> list[str]:
    own = [item.name for item in fields(Settings) if item.name not in HIDDEN]
    pipeline = [item.name for item in fields(PipelineSettings) if item.name != "region"]
    return [*own, *pipeline, *(item.name for item in fields(DeliverySettings))]


def test_settings_page_is_up_to_date() -> None:
    committed = REFERENCE.read_text(encoding="utf-8")
    assert committed == reference(), "docs/settings.md is stale: run `make settings`"


def test_settings_page_is_where_the_documentation_is() -> None:
    assert REFERENCE == ROOT / "docs" / "settings.md"


def test_every_setting_has_one_row_in_the_order_of_the_code() -> None:
    assert [name for name, _ in _rows()] == _names()


@pytest.mark.parametrize(("name", "cells"), _rows())
def test_every_row_tells_type_default_and_meaning(name: str, cells: list[str]) -> None:
    kind, default, meaning = cells
    assert kind in ("bool", "float", "int", "list of str", "str")
    assert default
    assert len(meaning) > 10


@pytest.mark.parametrize(
    ("name", "default"),
    [
        pytest.param("region", "must be given", id="required"),
        pytest.param("account", "none", id="null"),
        pytest.param("subnets", "none", id="empty-list"),
        pytest.param("keep_data", "true", id="true"),
        pytest.param("spot", "false", id="false"),
        pytest.param("run_days", "`90`", id="number"),
        pytest.param("processing_instance_type", "`ml.m5.large`", id="text"),
    ],
)
def test_default_reads_as_cdk_json_would_write_it(name: str, default: str) -> None:
    assert dict(_rows())[name][1] == default


def test_cells_hold_no_python() -> None:
    assert "tuple" not in reference()
    assert "None" not in reference()
    assert "False" not in reference()
