"""Ranges of parameters to tune: what is read, and what is refused before anything runs."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.definition_cache import rendered
from local_runner.definition.model import Parameter
from local_runner.definition.parsing import parse
from operations.local.tuning.space import Choices, NumberRange, Range, default_ranges, ranges_of
from operations.parameter_ranges import require_in_range
from pipeline_steps.settings import PipelineSettings, TuningSettings
from tests.support.clean_room import DEFINITION, ROOT
from tests.support.command_line import assert_refused, invoke

PARAMETERS: dict[str, Parameter] = {
    it.name: it for it in parse(DEFINITION.read_text(encoding="utf-8")).parameters
}


def ranges(*given: str, fixed: tuple[str, ...] = ()) -> tuple[Range, ...]:
    return ranges_of(given, fixed, PARAMETERS, PARAMETERS.keys())


def test_ranges_have_the_types_of_their_parameters_and_the_order_of_the_definition() -> None:
    found = ranges("Eta=0.01..0.3:log", "MaxDepth=3..8", "Features=stems,ngrams")
    assert found == (
        Choices("Features", ("stems", "ngrams")),
        NumberRange("MaxDepth", 3, 8, is_integer=True),
        NumberRange("Eta", 0.01, 0.3, is_integer=False, is_log=True),
    )


def test_numbers_can_be_choices() -> None:
    assert ranges("MaxDepth=3,5,9") == (Choices("MaxDepth", ("3", "5", "9")),)


def test_without_ranges_all_default_ranges_of_parameters_without_a_value_are_used() -> None:
    found = [item.name for item in ranges(fixed=("Eta",))]
    assert found == [name for name in default_ranges() if name != "Eta"]


def test_a_name_alone_has_its_default_range() -> None:
    [found] = ranges("MaxDepth")
    assert f"{found.name}={found}" == f"MaxDepth={default_ranges()['MaxDepth']}"


@pytest.mark.parametrize("name", default_ranges())
def test_default_range_is_in_the_range_of_its_parameter(name: str) -> None:
    [found] = ranges(name)
    assert isinstance(found, NumberRange)
    assert found.is_integer == (PARAMETERS[name].type == "Integer")
    require_in_range({name: str(found.low)})
    require_in_range({name: str(found.high)})


@pytest.mark.parametrize("drawn", [0.0300001, 0.29999, 0.123456])
def test_a_value_of_few_digits_stays_in_the_range(drawn: float) -> None:
    found = NumberRange("Eta", 0.030004, 0.299994, is_integer=False)
    assert found.low <= found.value(drawn) <= found.high
    assert found.value(drawn) == pytest.approx(drawn, rel=1e-3)


@pytest.mark.parametrize(
    ("options", "mentions"),
    [
        (["--range", "MaxDepth=8..3"], ["MaxDepth=3..8"]),
        (["--range", "MaxDepth=5..5"], ["--parameter MaxDepth=5"]),
        (["--range", "MaxDepth=3.5..8"], ["MaxDepth", "3.5"]),
        (["--range", "MaxDeph=3..8"], ["'MaxDeph'", "MaxDepth"]),
        (["--range", "Eta=0.1..2"], ["Eta", "0 to 1"]),
        (["--range", "Eta=0..1:log"], ["Eta", "above 0"]),
        (["--range", "Features=stems"], ["--parameter Features"]),
        (["--range", "Features=stems,words"], ["Features", "'words'"]),
        (["--range", "Features=stems..ngrams"], ["Features=", "CHOICE"]),
        (["--range", "VocabularySize"], ["VocabularySize", "no default range"]),
        (["--range", "Eta", "--range", "Eta=0.1..0.2"], ["Eta", "twice"]),
        (["--range", "Eta", "--parameter", "Eta=0.1"], ["Eta", "--parameter"]),
        (["--range", "GateThreshold=0.1..0.3"], ["GateThreshold", "Train"]),
        (["--range", "CodeUri=a,b"], ["CodeUri", "deployment"]),
        (["--range", "Seed=1..3"], ["--seeds"]),
        (["--range", "EvalMetric=auc,error"], ["EvalMetric", "--metric"]),
        (["--range", "ValidationFraction=0.1..0.3"], ["ValidationFraction", "--parameter"]),
        (["--range", "TrainingInstanceCount=1..2"], ["TrainingInstanceCount", "machines"]),
        (["--metric", "auc"], ["EvalMetric=auc,error,logloss"]),
        (["--parameter", "GateThreshold=x"], ["GateThreshold"]),
        (["--write-preset", "article"], ["'article'"]),
        (["--write-preset", "accurate"], ["'accurate'", "--force"]),
        (["--write-preset", "My Preset"], ["'My Preset'"]),
        (["--force"], ["--write-preset"]),
        (["--dataset", "missing.csv"], ["missing.csv"]),
    ],
)
def test_wrong_option_is_refused_with_the_remedy(
    options: list[str], mentions: list[str], tmp_path: Path
) -> None:
    assert_refused(invoke("tune", "--workdir", str(tmp_path / "runs"), *options), 2, *mentions)
    assert not (tmp_path / "runs").exists()


def _without_train(definition: Any) -> str:
    text = json.dumps(definition).replace("Steps.Train.", "Steps.Fit.")
    return text.replace('"Name": "Train"', '"Name": "Fit"')


def _without_eta(definition: Any) -> str:
    parameters = [it for it in definition["Parameters"] if it["Name"] != "Eta"]
    text = json.dumps({**definition, "Parameters": parameters})
    return text.replace('{"Get": "Parameters.Eta"}', '"0.1"')


def _that_tunes(_: Any) -> str:
    settings = PipelineSettings(tuning=TuningSettings())
    return rendered(settings, ROOT / "build" / "definitions")


@pytest.mark.parametrize(
    ("change", "mention"),
    [(_without_train, "'Train'"), (_without_eta, "Eta"), (_that_tunes, "Tuning")],
)
def test_definition_that_cannot_be_searched_is_refused(
    change: Callable[[Any], str], mention: str, committed: Any, tmp_path: Path
) -> None:
    path = tmp_path / "definition.json"
    path.write_text(change(committed), encoding="utf-8")
    assert_refused(invoke("tune", "--definition", str(path)), 2, mention)


def test_without_optuna_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert_refused(invoke("tune"), 1, "`make tune`")


def test_two_searches_in_one_work_folder_are_refused(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "runs" / "tuning"
    folder.mkdir(parents=True)
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        result = invoke("tune", "--workdir", str(tmp_path / "runs"))
    assert_refused(result, 1, str(folder), "--workdir")
