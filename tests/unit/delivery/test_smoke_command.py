"""`sentiment start` accepts the options of `make smoke`."""

from __future__ import annotations

from infra.delivery.smoke import arguments
from infra.settings import environments
from operations.cli import sentiment


def test_start_accepts_the_options_of_a_smoke_run() -> None:
    [settings] = environments({"dev": {"region": "eu-west-1", "champion_margin": 0.01}})
    command = sentiment.commands["start"]

    given = command.make_context("start", ["--wait", *arguments(settings, 7)]).params

    assert given["wait"] is True
    assert given["dataset"] == "demo"
    assert (given["environment"], given["region"]) == ("dev", "eu-west-1")
    assert given["given"] == {
        "ChampionMargin": "1",
        "ModelApprovalStatus": "Rejected",
        "Seed": "7",
    }
