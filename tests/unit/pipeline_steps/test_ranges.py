"""Ranges of parameters: current, those of the image and of the service, and documented."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from local_runner.algorithms.xgboost.hyperparameters import RULES
from local_runner.algorithms.xgboost.rules import Number
from local_runner.definition.expressions import Reference, resolve
from operations.errors import UsageError
from operations.parameter_ranges import require_in_range
from pipeline_steps.presets import PRESETS
from pipeline_steps.ranges import ARGUMENT_LENGTH, VALUE_LENGTH
from pipeline_steps.settings import PipelineSettings
from processing import names
from processing.names import parameter_name
from tests.support.clean_room import DEFINITION, ROOT, SCORE_DEFINITION
from validation.service import input_of

RANGES: dict[str, dict[str, Any]] = json.loads(
    (ROOT / "pipeline_steps" / "parameter_ranges.json").read_bytes()
)
NUMBERS = {name: found for name, found in RANGES.items() if found["type"] != "string"}
HYPERPARAMETERS = {parameter_name(name): name for name in RULES if parameter_name(name) in NUMBERS}
COMMITTED = [DEFINITION, SCORE_DEFINITION]
SETTINGS = {
    "default": PipelineSettings(),
    "no network": PipelineSettings(no_network=True, dataset_uri="raw/reviews.csv"),
    "spark, champion, key": PipelineSettings(
        processing_engine="spark", champion_margin=0.01, customer_key=True
    ),
}


def test_the_committed_ranges_are_the_rendered_ones() -> None:
    from pipeline_steps.render import render_ranges

    committed = (ROOT / "pipeline_steps" / "parameter_ranges.json").read_text(encoding="utf-8")
    assert render_ranges() == committed, "parameter_ranges.json is stale: run `make definition`"


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_every_parameter_has_a_range_or_choices(path: Any) -> None:
    parameters = json.loads(path.read_bytes())["Parameters"]
    assert [it["Name"] for it in parameters if it["Name"] not in RANGES] == [
        it["Name"] for it in parameters if "EnumValues" in it
    ]


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_every_default_is_in_its_range(path: Any) -> None:
    parameters = json.loads(path.read_bytes())["Parameters"]
    require_in_range(
        {it["Name"]: str(it["DefaultValue"]) for it in parameters if "DefaultValue" in it}
    )


@pytest.mark.parametrize("name", PRESETS)
def test_every_value_of_a_preset_is_in_its_range(name: str) -> None:
    require_in_range({key: str(value) for key, value in PRESETS[name].items()})


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_range_of_a_hyperparameter_is_that_of_the_image(name: str) -> None:
    rule = RULES[HYPERPARAMETERS[name]]
    assert isinstance(rule, Number)
    bounds = [value for key, value in RANGES[name].items() if key.lower().endswith("imum")]
    for value in itertools.chain.from_iterable((it - 1, it, it + 1) for it in bounds):
        if abs(value) < 2**31:  # the package's integers have 32 bits, the image's rules no limit
            assert _accepts(name, str(value)) == rule.accepts(value), value


def test_hyperparameters_are_recognized() -> None:
    assert set(HYPERPARAMETERS) >= {"Eta", "MaxDepth", "Gamma", "Subsample", "NumRound", "Seed"}


@pytest.mark.parametrize("text", ["error", "error,logloss", "auc,error@0.4", "aucpr,rmse,map"])
def test_accepted_metrics_are_accepted_by_the_image(text: str) -> None:
    rule = RULES["eval_metric"]
    assert _accepts("EvalMetric", text)
    assert rule.accepts(rule.parse(text))


@pytest.mark.parametrize(
    "text", ["", "accuracy", "error,", "error, logloss", "mlogloss", "error@", "error@x", "ERROR"]
)
def test_other_metrics_are_refused(text: str) -> None:
    assert not _accepts("EvalMetric", text)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_the_service_accepts_the_longest_value_of_each_parameter(
    settings: PipelineSettings,
) -> None:
    from pipeline_steps.render import render, render_score

    rendered = [render(settings), *([] if settings.no_network else [render_score(settings)])]
    for definition in map(json.loads, rendered):
        scope = _Longest(definition)
        for step in _steps(definition["Steps"]):
            if step["Type"] in ("Processing", "Training", "Transform", "Model"):
                shape = input_of(f"Create{step['Type']}{'Job' * (step['Type'] != 'Model')}")
                found = list(_too_long(resolve(step["Arguments"], scope), shape, step["Name"]))
                assert found == []


def test_limits_are_those_of_the_service() -> None:
    specification: Any = input_of("CreateProcessingJob").members["AppSpecification"]
    arguments: Any = specification.members["ContainerArguments"]
    assert arguments.member.metadata["max"] == ARGUMENT_LENGTH
    started: Any = input_of("StartPipelineExecution").members["PipelineParameters"]
    assert started.member.members["Value"].metadata["max"] == VALUE_LENGTH


def test_documentation_states_each_range() -> None:
    rows = re.findall(
        r"^\| (`\w+`(?:, `\w+`)*) \|(.*)\|$",
        (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    documented = {name: row for left, row in rows for name in re.findall(r"`(\w+)`", left)}
    wrong = [
        name
        for name, it in RANGES.items()
        if f" {it['expected']} |" not in documented.get(name, "")
    ]
    assert wrong == []


def _accepts(name: str, text: str) -> bool:
    try:
        require_in_range({name: text})
    except UsageError:
        return False
    return True


class _Longest:
    """A scope in which each parameter has its longest value."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self._values = {it["Name"]: _longest(it) for it in definition["Parameters"]}

    def value(self, reference: Reference) -> Any:
        if "PropertyFiles" in reference.rest:
            paths = (names.IMAGE_PATH, names.MODEL_URI_PATH, names.FEATURE_FORMAT_PATH)
            return dict.fromkeys(paths, "x")
        return self._values[reference.name] if reference.root == "Parameters" else "p" * 12

    def document(self, uri: str) -> Any:
        raise NotImplementedError(uri)


def _longest(parameter: dict[str, Any]) -> Any:
    accepts = RANGES.get(parameter["Name"], {})
    if "maxLength" in accepts:
        return "x" * accepts["maxLength"]
    if accepts.get("type") == "integer":
        return max(accepts["minimum"], accepts["maximum"], key=lambda value: len(str(value)))
    return 1 / 3 if accepts else max(parameter["EnumValues"], key=len)


def _steps(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from _steps(step["Arguments"].get(branch, []))


def _too_long(value: Any, shape: Shape, where: str) -> Iterator[str]:
    """Yield what is longer than the service's model allows; botocore doesn't check that."""
    limit = shape.metadata.get("max")
    if limit is not None and isinstance(value, str | list) and len(value) > limit:
        yield f"{where}: {len(value)} > {limit}"
    if isinstance(shape, StructureShape):
        for key, item in value.items():
            yield from _too_long(item, shape.members[key], f"{where}.{key}")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _too_long(item, shape.value, f"{where}.{key}")
    elif isinstance(shape, ListShape):
        for item in value:
            yield from _too_long(item, shape.member, f"{where}[]")
