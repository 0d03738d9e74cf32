"""sentiment diff: which cached steps run again and why, and what an execution costs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pipeline_diff.compare import compare
from pipeline_diff.cost import BILLED_SECONDS
from pipeline_diff.prices import AS_OF
from tests.support.clean_room import ROOT
from tests.support.diff_samples import (
    Document,
    Edit,
    committed,
    compared,
    default,
    edited,
    renamed,
    section,
    stack,
    step,
    template,
    told_of,
    told_of_stacks,
)


def argument(name: str, key: str, value: Any) -> Edit:
    return lambda document: step(document, name)["Arguments"].update({key: value})


def cached(name: str, enabled: bool) -> Edit:
    return lambda document: step(document, name).update(CacheConfig={"Enabled": enabled})


def reasons(*edits: Edit) -> dict[str, list[str]]:
    """By step that runs again, why."""
    return {
        rerun.step: [reason.words.format(reason.name) for reason in rerun.reasons]
        for rerun in compared(committed(), edited(*edits)).reruns
    }


def test_a_step_whose_arguments_change_runs_again_and_so_do_those_behind_it() -> None:
    again = reasons(default("VocabularySize", 100))
    assert again == {
        "Preprocess": ["the default of VocabularySize changes"],
        "Train": ["it takes inputs from Preprocess, which runs again"],
    }


def test_a_change_at_the_end_leaves_what_is_before_it_in_the_cache() -> None:
    assert reasons(default("MaxDepth", 7)) == {"Train": ["the default of MaxDepth changes"]}


@pytest.mark.parametrize(
    "edit",
    [
        default("GateThreshold", 0.9),
        default("TrainingInstanceType", "ml.m5.xlarge"),
        argument("Train", "EnableNetworkIsolation", False),
        argument("Train", "StoppingCondition", {"MaxRuntimeInSeconds": 60}),
        argument("Download", "ProcessingOutputConfig", {"Outputs": []}),
        cached("Evaluate", True),
        lambda document: step(document, "Train").update(Description="Trains."),
    ],
    ids=["gate", "instance", "isolation", "limit", "outputs", "cached now", "description"],
)
def test_what_the_cache_does_not_compare_runs_nothing_again(edit: Edit) -> None:
    assert reasons(edit) == {}


def test_a_literal_in_place_of_a_default_of_the_same_value_runs_nothing_again() -> None:
    assert reasons(lambda document: _hyperparameters(document).update(max_depth="5")) == {}
    again = reasons(lambda document: _hyperparameters(document).update(max_depth="6"))
    assert again == {"Train": ["a change in its HyperParameters"]}


def _hyperparameters(document: Document) -> Any:
    return step(document, "Train")["Arguments"]["HyperParameters"]


def test_a_new_name_is_a_new_step_to_the_cache() -> None:
    assert reasons(renamed("Preprocess", "Prepare")) == {
        "Prepare": ["it was called Preprocess"],
        "Train": ["it takes inputs from Prepare, which runs again"],
    }


def test_a_step_behind_one_without_cache_runs_every_time() -> None:
    text = section(told_of(cached("Preprocess", False)), "Cached steps that run again")
    assert text.strip().split("\n") == [
        "* `Preprocess` (every time): it is no longer cached",
        "* `Train` (every time): it takes inputs from `Preprocess`, which runs every time",
    ]


def test_changed_code_runs_every_step_that_uses_it_again() -> None:
    old, new = (template(edited(default("CodeFile", f"{name * 64}.pyz"))) for name in "ab")
    assert section(told_of_stacks(old, new), "Cached steps that run again").strip().split("\n") == [
        "* `Download`: the default of `CodeFile` changes",
        "* `Preprocess`: the default of `CodeFile` changes; it takes inputs from `Download`, which "
        "runs again",
        "* `Train`: it takes inputs from `Preprocess`, which runs again",
    ]


def test_what_only_a_deployment_knows_is_named() -> None:
    text = told_of(default("MaxDepth", 7))
    assert "The deployment sets `CodeUri`, `CodeFile`; where a value changes there" in text


def test_the_amounts_are_those_of_the_price_list_and_the_assumption() -> None:
    it = compared(committed(), edited(default("TrainingInstanceType", "ml.m5.xlarge")))
    assert it.cost_before.cold == pytest.approx(465 / 3600 * 0.115)
    assert it.cost_before.warm == pytest.approx(195 / 3600 * 0.115)
    assert it.cost_after.cold == pytest.approx((375 * 0.115 + 90 * 0.23) / 3600)
    assert it.cost_after.warm == it.cost_before.warm


def test_two_instances_cost_twice() -> None:
    it = compared(committed(), edited(default("TransformInstanceCount", 2)))
    assert it.cost_after.cold == pytest.approx(585 / 3600 * 0.115)


def test_steps_that_run_again_are_counted_where_the_cache_is_used() -> None:
    text = section(told_of(default("MaxDepth", 7)), "Cost of an execution")
    assert "| every step runs | 0.0149 | 0.0149 | — |" in text
    assert "| with what the cache still holds | 0.0062 | 0.0091 | +0.0029 |" in text
    assert "Assumed billed seconds: Download 90," in text
    assert f"Prices as of {AS_OF}: " in text


def test_a_step_that_is_cached_now_still_runs_once() -> None:
    it = compared(committed(), edited(cached("Evaluate", True)))
    assert it.cost_after.warm == it.cost_before.warm


def test_where_a_price_is_not_known_no_amount_is_made_up() -> None:
    text = told_of(default("TrainingInstanceType", "ml.u7.enormous"))
    assert "the cost isn't known" in text.split("\n")[2]
    assert "| every step runs | 0.0149 | not known | — |" in text
    assert "Not known: no price of ml.u7.enormous for training in us-east-1 is known." in text


def test_machines_that_only_an_execution_chooses_have_no_price() -> None:
    text = told_of(
        lambda document: next(
            found for found in document["Parameters"] if found["Name"] == "TrainingInstanceType"
        ).pop("DefaultValue")
    )
    assert "Not known: the machines of Train aren't known before an execution." in text


def test_a_step_without_an_assumption_is_left_out_and_named() -> None:
    audit = {**step(committed(), "Evaluate"), "Name": "Audit", "DependsOn": ["Train"]}
    text = told_of(lambda document: document["Steps"].append(audit))
    assert "the cost of `Audit` isn't known" in text.split("\n")[2]
    assert "Not counted, for want of an assumption: `Audit`." in text


def test_spare_capacity_is_counted_at_the_full_price_and_said_so() -> None:
    text = told_of(argument("Train", "EnableManagedSpotTraining", True), default("MaxDepth", 7))
    assert "On spare capacity, but counted at the full price: `Train`." in text


def test_a_renamed_step_keeps_its_assumption() -> None:
    it = compared(committed(), edited(renamed("Train", "Fit")))
    assert it.cost_after.left_out == ()
    assert it.cost_after.cold == it.cost_before.cold


def test_another_regions_prices_are_not_taken() -> None:
    abroad = template(committed())
    moved = stack(json.loads(json.dumps(abroad).replace("us-east-1", "eu-north-1")))
    assert compare(stack(abroad), moved).cost_after.cold is None


def test_the_assumption_is_the_table_of_the_documentation() -> None:
    page = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \|.*\| (\d+) s \|", page, re.MULTILINE)
    assert {name: int(seconds) for name, seconds in rows} == BILLED_SECONDS
