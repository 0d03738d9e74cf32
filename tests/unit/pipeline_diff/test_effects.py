"""Effects of a change: invalidated cache entries and cost."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pipeline_diff.compare import compare
from pipeline_diff.cost import BILLED_SECONDS
from pipeline_diff.prices import price_table
from tests.support.clean_room import ROOT
from tests.support.diff_samples import (
    Document,
    Edit,
    committed,
    compared,
    default,
    edited,
    markdown_of,
    markdown_of_stacks,
    pipeline,
    renamed,
    section,
    stack,
    step,
    template,
)


def argument(name: str, key: str, value: Any) -> Edit:
    return lambda document: step(document, name)["Arguments"].update({key: value})


def cached(name: str, enabled: bool) -> Edit:
    return lambda document: step(document, name).update(CacheConfig={"Enabled": enabled})


def causes(*edits: Edit) -> dict[str, list[tuple[str, str]]]:
    """(reason, name) of each cause, by invalidated step."""
    return {
        step.step: [(cause.reason, cause.name) for cause in step.causes]
        for step in compared(committed(), edited(*edits)).invalidated_steps
    }


def test_a_step_whose_arguments_change_runs_again_and_so_do_those_after_it() -> None:
    again = causes(default("VocabularySize", 100))
    assert again == {
        "Preprocess": [("parameter_default_changed", "VocabularySize")],
        "Train": [("input_runs_again", "Preprocess")],
        "Package": [("input_runs_again", "Train"), ("input_runs_again", "Preprocess")],
    }


def test_steps_before_a_changed_one_stay_cached() -> None:
    assert causes(default("MaxDepth", 7)) == {
        "Train": [("parameter_default_changed", "MaxDepth")],
        "Package": [("input_runs_again", "Train")],
    }


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
def test_arguments_outside_the_cache_key_invalidate_nothing(edit: Edit) -> None:
    assert causes(edit) == {}


def test_literal_equal_to_the_default_invalidates_nothing() -> None:
    assert causes(lambda document: _hyperparameters(document).update(max_depth="5")) == {}
    again = causes(lambda document: _hyperparameters(document).update(max_depth="6"))
    assert again["Train"] == [("argument_changed", "HyperParameters")]


def _hyperparameters(document: Document) -> Any:
    return step(document, "Train")["Arguments"]["HyperParameters"]


def test_a_new_name_is_a_new_step_to_the_cache() -> None:
    assert causes(renamed("Preprocess", "Prepare")) == {
        "Prepare": [("renamed", "Preprocess")],
        "Train": [("input_runs_again", "Prepare")],
        "Package": [("input_runs_again", "Train"), ("input_runs_again", "Prepare")],
    }


def test_a_step_after_one_without_cache_runs_every_time() -> None:
    text = section(markdown_of(cached("Preprocess", False)), "Cached steps that run again")
    assert text.strip().split("\n") == [
        "* `Preprocess` (in every execution): its cache is disabled",
        "* `Train` (in every execution): its input from `Preprocess` is produced in every "
        "execution",
        "* `Package` (in every execution): its input from `Train` is produced in every execution; "
        "its input from `Preprocess` is produced in every execution",
    ]


def test_changed_code_runs_every_step_that_uses_it_again() -> None:
    old, new = (template(edited(default("CodeFile", f"{name * 64}.pyz"))) for name in "ab")
    assert section(markdown_of_stacks(old, new), "Cached steps that run again").strip().split(
        "\n"
    ) == [
        "* `Download`: the default of `CodeFile` changed",
        "* `Preprocess`: the default of `CodeFile` changed; its input from `Download` is produced "
        "again",
        "* `Train`: its input from `Preprocess` is produced again",
        "* `Package`: the default of `CodeFile` changed; its input from `Train` is produced again; "
        "its input from `Preprocess` is produced again",
    ]


def test_parameters_that_a_definition_leaves_open_are_named() -> None:
    found = compared(committed(), edited(default("MaxDepth", 7)))
    assert found.unset_parameters == ("CodeUri", "CodeFile")


def test_parameter_that_a_template_leaves_open_is_not_attributed_to_the_deployment() -> None:
    no_code_uri, other = template(), template(edited(default("MaxDepth", 7)))
    found = compare(stack(no_code_uri), stack(other))
    assert found.differs
    assert found.unset_parameters == ()


def test_parameter_that_only_a_definition_leaves_open_is_named_beside_a_template() -> None:
    def add_parameter(document: Document) -> None:
        document["Parameters"].append({"Name": "New", "Type": "String"})
        step(document, "Train")["Arguments"]["HyperParameters"]["new"] = {"Get": "Parameters.New"}

    found = compare(stack(template()), pipeline(edited(add_parameter)))
    assert found.unset_parameters == ("New",)


def test_the_amounts_are_those_of_the_price_list_and_the_assumption() -> None:
    it = compared(committed(), edited(default("TrainingInstanceType", "ml.m5.xlarge")))
    assert it.cost_before.without_cache == pytest.approx(540 / 3600 * 0.115)
    assert it.cost_before.with_cache == pytest.approx(195 / 3600 * 0.115)
    assert it.cost_after.without_cache == pytest.approx((450 * 0.115 + 90 * 0.23) / 3600)
    assert it.cost_after.with_cache == it.cost_before.with_cache


def test_two_instances_cost_twice() -> None:
    it = compared(committed(), edited(default("TransformInstanceCount", 2)))
    assert it.cost_after.without_cache == pytest.approx(660 / 3600 * 0.115)


def test_cost_with_cache_includes_steps_that_run_again() -> None:
    text = section(markdown_of(default("MaxDepth", 7)), "Cost per execution")
    assert "| all steps run | 0.0173 | 0.0173 | — |" in text
    assert "| cached steps are reused | 0.0062 | 0.0115 | +0.0053 |" in text
    assert "Assumed billed seconds: Download 90," in text
    assert f"Prices as of {price_table().as_of}: " in text


def test_a_step_that_is_cached_now_still_runs_once() -> None:
    it = compared(committed(), edited(cached("Evaluate", True)))
    assert it.cost_after.with_cache == it.cost_before.with_cache


def test_unknown_price_gives_no_amount() -> None:
    text = markdown_of(default("TrainingInstanceType", "ml.u7.enormous"))
    assert "cost unknown" in text.split("\n")[2]
    assert "| all steps run | 0.0173 | unknown | — |" in text
    assert "* Unknown: no price for ml.u7.enormous in us-east-1; " in text


def test_instance_type_without_a_default_has_no_price() -> None:
    text = markdown_of(
        lambda document: next(
            found for found in document["Parameters"] if found["Name"] == "TrainingInstanceType"
        ).pop("DefaultValue")
    )
    assert "* Unknown: the instances of Train are only known at execution." in text


def test_step_without_an_assumed_duration_is_named() -> None:
    audit = {**step(committed(), "Evaluate"), "Name": "Audit", "DependsOn": ["Train"]}
    text = markdown_of(lambda document: document["Steps"].append(audit))
    assert "cost of `Audit` unknown" in text.split("\n")[2]
    assert "Not included, because no duration is assumed: `Audit`." in text


def test_spot_training_is_priced_on_demand_and_noted() -> None:
    text = markdown_of(argument("Train", "EnableManagedSpotTraining", True), default("MaxDepth", 7))
    assert "On spot instances, at the on-demand price: `Train`." in text


def test_a_renamed_step_keeps_its_assumption() -> None:
    it = compared(committed(), edited(renamed("Train", "Fit")))
    assert it.cost_after.unestimated_steps == ()
    assert it.cost_after.without_cache == it.cost_before.without_cache


def test_prices_of_other_regions_are_not_used() -> None:
    abroad = template(committed())
    moved = stack(json.loads(json.dumps(abroad).replace("us-east-1", "us-nowhere-1")))
    assert compare(stack(abroad), moved).cost_after.without_cache is None


def test_assumed_durations_are_those_in_the_documentation() -> None:
    page = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \|.*\| (\d+) s \|", page, re.MULTILINE)
    assert {name: int(seconds) for name, seconds in rows} == BILLED_SECONDS
