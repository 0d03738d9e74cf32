"""The parameters of the training pipeline, and the settings that determine their defaults."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline_steps.presets import PRESETS
from pipeline_steps.settings import PipelineSettings

SET_BY_DEPLOYMENT = object()

# In the order in which the console lists them.
PARAMETERS = [
    (
        "DatasetUri",
        "String",
        "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
        None,
    ),
    ("DatasetVersion", "String", "none", None),
    ("TextColumn", "String", "auto", None),
    ("LabelColumn", "String", "auto", None),
    ("IdColumn", "String", "id", None),
    ("PositiveLabel", "String", "auto", None),
    ("TestFraction", "Float", 0.2, None),
    ("ValidationFraction", "Float", 0.4, None),
    ("Features", "String", "stems", ["stems", "ngrams"]),
    ("VocabularySize", "Integer", 5000, None),
    ("FeatureFormat", "String", "text/libsvm", ["text/libsvm", "text/csv"]),
    ("MaxDepth", "Integer", 5, None),
    ("Eta", "Float", 0.2, None),
    ("Gamma", "Float", 4.0, None),
    ("MinChildWeight", "Float", 6.0, None),
    ("Subsample", "Float", 0.8, None),
    ("ColsampleBytree", "Float", 1.0, None),
    ("NumRound", "Integer", 500, None),
    ("EarlyStoppingRounds", "Integer", 10, None),
    ("EvalMetric", "String", "error,logloss", None),
    ("Seed", "Integer", 0, None),
    ("DecisionThreshold", "String", "0.5", None),
    ("GateMetric", "String", "accuracy", ["accuracy", "f1", "auc"]),
    ("GateThreshold", "Float", 0.8, None),
    (
        "ModelApprovalStatus",
        "String",
        "PendingManualApproval",
        ["PendingManualApproval", "Approved", "Rejected"],
    ),
    ("ProcessingInstanceType", "String", "ml.m5.large", None),
    ("TrainingInstanceType", "String", "ml.m5.large", None),
    ("TrainingInstanceCount", "Integer", 1, None),
    ("TransformInstanceType", "String", "ml.m5.large", None),
    ("TransformInstanceCount", "Integer", 1, None),
    ("Commit", "String", "unknown", None),
    ("ArtifactsUri", "String", SET_BY_DEPLOYMENT, None),
    ("CodeUri", "String", SET_BY_DEPLOYMENT, None),
    ("CodeFile", "String", SET_BY_DEPLOYMENT, None),
    ("ExecutionRoleArn", "String", SET_BY_DEPLOYMENT, None),
    ("ModelPackageGroupName", "String", SET_BY_DEPLOYMENT, None),
]

SETTINGS = PipelineSettings(
    processing_instance_type="ml.c5.xlarge",
    training_instance_type="ml.c5.2xlarge",
    transform_instance_type="ml.c5.4xlarge",
    cache_days=7,
    max_runtime_minutes=90,
)


@pytest.fixture(scope="module")
def with_settings() -> dict[str, Any]:
    from pipeline_steps.render import render

    definition: dict[str, Any] = json.loads(render(SETTINGS))
    return definition


@pytest.mark.parametrize("name", PRESETS)
def test_preset_sets_only_its_own_defaults(committed: dict[str, Any], name: str) -> None:
    from pipeline_steps.render import render

    own = _by_name(committed["Parameters"])
    found = _by_name(json.loads(render(PipelineSettings(preset=name)))["Parameters"])
    defaults = {key: item.get("DefaultValue") for key, item in found.items()}
    assert defaults == {
        **{key: item.get("DefaultValue") for key, item in own.items()},
        **PRESETS[name],
    }


def test_every_value_of_a_preset_is_of_its_parameters_type(committed: dict[str, Any]) -> None:
    types = {"String": str, "Integer": int, "Float": float}
    parameters = _by_name(committed["Parameters"])
    wrong = [
        (preset, name)
        for preset, values in PRESETS.items()
        for name, value in values.items()
        if type(value) is not types[parameters[name]["Type"]]
        or value not in parameters[name].get("EnumValues", [value])
    ]
    assert wrong == []


def test_default_preset_is_the_article() -> None:
    assert PRESETS["article"] == {}
    assert PipelineSettings().preset == "article"


def _by_name(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {item["Name"]: item for item in items}


def test_parameters_have_their_types_and_defaults(committed: dict[str, Any]) -> None:
    found = [
        (
            item["Name"],
            item["Type"],
            item.get("DefaultValue", SET_BY_DEPLOYMENT),
            item.get("EnumValues"),
        )
        for item in committed["Parameters"]
    ]
    assert found == PARAMETERS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ProcessingInstanceType", "ml.c5.xlarge"),
        ("TrainingInstanceType", "ml.c5.2xlarge"),
        ("TransformInstanceType", "ml.c5.4xlarge"),
    ],
)
def test_instance_type_of_the_settings_is_the_parameters_default(
    with_settings: dict[str, Any], name: str, expected: str
) -> None:
    assert _by_name(with_settings["Parameters"])[name]["DefaultValue"] == expected


def test_cache_days_of_settings_reach_every_cached_step(with_settings: dict[str, Any]) -> None:
    cached = [step["CacheConfig"] for step in with_settings["Steps"] if "CacheConfig" in step]
    assert [item["ExpireAfter"] for item in cached] == ["P7D"] * 4


def test_max_runtime_of_settings_reaches_every_job(with_settings: dict[str, Any]) -> None:
    limits = {
        step["Name"]: step["Arguments"]["StoppingCondition"]["MaxRuntimeInSeconds"]
        for step in with_settings["Steps"]
        if "StoppingCondition" in step["Arguments"]
    }
    assert limits == dict.fromkeys(
        ("Download", "Preprocess", "Train", "Package", "Evaluate"), 5_400
    )


def test_settings_change_only_their_own_attributes(
    committed: dict[str, Any], with_settings: dict[str, Any]
) -> None:
    def without_settings(definition: dict[str, Any]) -> str:
        text = json.dumps(definition, sort_keys=True)
        for changed, default in (
            ('"ml.c5.xlarge"', '"ml.m5.large"'),
            ('"ml.c5.2xlarge"', '"ml.m5.large"'),
            ('"ml.c5.4xlarge"', '"ml.m5.large"'),
            ('"P7D"', '"P30D"'),
            ('"MaxRuntimeInSeconds": 5400', '"MaxRuntimeInSeconds": 3600'),
        ):
            text = text.replace(changed, default)
        return text

    assert without_settings(with_settings) == without_settings(committed)


def test_registered_version_supports_the_transform_instance_type_for_endpoints(
    with_settings: dict[str, Any],
) -> None:
    gate = _by_name(with_settings["Steps"])["QualityGate"]["Arguments"]
    specification = gate["IfSteps"][0]["Arguments"]["InferenceSpecification"]
    assert specification["SupportedRealtimeInferenceInstanceTypes"] == ["ml.c5.4xlarge"]
    assert specification["SupportedTransformInstanceTypes"] == [
        {"Get": "Parameters.TransformInstanceType"}
    ]
