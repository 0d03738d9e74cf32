"""The pipelines' parameters: what an execution may choose, and what a deployment sets.

Each parameter is one field, in the order of the console, named as the field in CamelCase. The SDK
gives parameters no description; docs/parameters.md describes them.
"""

# ruff: noqa: RUF009 - parameter() returns a dataclass field
from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any, TypeVar

from pipeline_steps import ranges
from pipeline_steps.presets import PRESETS
from pipeline_steps.sdk import ParameterFloat, ParameterInteger, ParameterString
from pipeline_steps.settings import PipelineSettings
from pipeline_steps.tuning_ranges import TUNING_RANGES
from processing.names import (
    AUTO,
    CSV,
    GATE_METRICS,
    LIBSVM,
    NGRAMS,
    STEMS,
    UNKNOWN_COMMIT,
    DecisionThreshold,
    parameter_name,
)

Group = TypeVar("Group", bound="ParameterGroup")

_KINDS = {kind.__name__: kind for kind in (ParameterString, ParameterInteger, ParameterFloat)}


def parameter(
    default: Any = None,
    *,
    accepts: ranges.Range | None = None,
    setting: str | None = None,
    choices: list[str] | None = None,
    only_if: str | None = None,
) -> Any:
    """Return the field of a parameter.

    default: None for a parameter without default. accepts: the range of its values. setting: the
    setting that holds the default instead. choices: the accepted values, which the definition
    holds. only_if: the setting without which there is no such parameter.
    """
    return field(
        metadata={
            "default": default,
            "accepts": accepts,
            "setting": setting,
            "choices": choices,
            "only_if": only_if,
        }
    )


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters of a pipeline; a parameter that the settings exclude is None."""

    @classmethod
    def of(cls: type[Group], settings: PipelineSettings) -> Group:
        """Return the parameters for the settings; the preset's values replace the defaults."""
        return cls(**{item.name: _parameter(item, settings) for item in fields(cls)})


@dataclass(frozen=True)
class Parameters(ParameterGroup):
    """Parameters of an execution of the training pipeline. The defaults are the article's."""

    dataset_uri: ParameterString = parameter(accepts=ranges.DATASET, setting="dataset_uri")
    # Only the step cache reads it: docs/decisions/0040.
    dataset_version: ParameterString = parameter("none", accepts=ranges.DATASET_VERSION)
    text_column: ParameterString = parameter(AUTO, accepts=ranges.COLUMN)
    label_column: ParameterString = parameter(AUTO, accepts=ranges.COLUMN)
    id_column: ParameterString = parameter("id", accepts=ranges.ID_COLUMN)
    positive_label: ParameterString = parameter(AUTO, accepts=ranges.LABEL)
    test_fraction: ParameterFloat = parameter(0.2, accepts=ranges.PART)
    validation_fraction: ParameterFloat = parameter(0.4, accepts=ranges.PART)
    features: ParameterString = parameter(STEMS, choices=[STEMS, NGRAMS])
    vocabulary_size: ParameterInteger = parameter(5_000, accepts=ranges.integer(1))
    feature_format: ParameterString = parameter(LIBSVM, choices=[LIBSVM, CSV])
    max_depth: ParameterInteger = parameter(5, accepts=ranges.integer(0))
    eta: ParameterFloat = parameter(0.2, accepts=ranges.UNIT)
    gamma: ParameterFloat = parameter(4.0, accepts=ranges.NOT_NEGATIVE)
    min_child_weight: ParameterFloat = parameter(6.0, accepts=ranges.NOT_NEGATIVE)
    subsample: ParameterFloat = parameter(0.8, accepts=ranges.SHARE)
    colsample_bytree: ParameterFloat = parameter(1.0, accepts=ranges.SHARE)
    num_round: ParameterInteger = parameter(500, accepts=ranges.integer(1))
    early_stopping_rounds: ParameterInteger = parameter(10, accepts=ranges.integer(1))
    # The image stops early by the last metric. By `error`, as the article's image did, today's
    # XGBoost stops too early: docs/decisions/0004.
    eval_metric: ParameterString = parameter("error,logloss", accepts=ranges.METRICS)
    seed: ParameterInteger = parameter(0, accepts=ranges.SEED)
    decision_threshold: ParameterString = parameter(
        str(DecisionThreshold.DEFAULT), accepts=ranges.DECISION_THRESHOLD
    )
    gate_metric: ParameterString = parameter(GATE_METRICS[0], choices=list(GATE_METRICS))
    gate_threshold: ParameterFloat = parameter(0.80, accepts=ranges.UNIT)
    champion_margin: ParameterFloat | None = parameter(
        accepts=ranges.UNIT, setting="champion_margin", only_if="has_champion"
    )
    model_approval_status: ParameterString = parameter(
        "PendingManualApproval", choices=["PendingManualApproval", "Approved", "Rejected"]
    )
    processing_instance_type: ParameterString = parameter(
        accepts=ranges.INSTANCE_TYPE, setting="processing_instance_type"
    )
    spark_instance_type: ParameterString | None = parameter(
        accepts=ranges.INSTANCE_TYPE, setting="spark_instance_type", only_if="on_spark"
    )
    spark_instance_count: ParameterInteger | None = parameter(
        2, accepts=ranges.integer(1, 100), only_if="on_spark"
    )
    training_instance_type: ParameterString = parameter(
        accepts=ranges.INSTANCE_TYPE, setting="training_instance_type"
    )
    training_instance_count: ParameterInteger = parameter(1, accepts=ranges.integer(1))
    transform_instance_type: ParameterString = parameter(
        accepts=ranges.INSTANCE_TYPE, setting="transform_instance_type"
    )
    transform_instance_count: ParameterInteger = parameter(1, accepts=ranges.integer(1))
    commit: ParameterString = parameter(UNKNOWN_COMMIT, accepts=ranges.COMMIT)


@dataclass(frozen=True)
class ScoreParameters(ParameterGroup):
    """Parameters of an execution of the scoring pipeline. DatasetUri has no default."""

    dataset_uri: ParameterString = parameter(accepts=ranges.DATASET)
    text_column: ParameterString = parameter(AUTO, accepts=ranges.COLUMN)
    id_column: ParameterString = parameter("id", accepts=ranges.ID_COLUMN)
    model_version: ParameterString = parameter("approved", accepts=ranges.VERSION)
    drift_threshold: ParameterFloat = parameter(0.25, accepts=ranges.NOT_NEGATIVE)
    processing_instance_type: ParameterString = parameter(
        accepts=ranges.INSTANCE_TYPE, setting="processing_instance_type"
    )
    transform_instance_type: ParameterString = parameter(
        accepts=ranges.INSTANCE_TYPE, setting="transform_instance_type"
    )
    transform_instance_count: ParameterInteger = parameter(1, accepts=ranges.integer(1))


@dataclass(frozen=True)
class DeploymentParameters(ParameterGroup):
    """Parameters that a deployment or a local run sets. They have no defaults."""

    artifacts_uri: ParameterString = parameter(accepts=ranges.S3_URI)
    code_uri: ParameterString = parameter(accepts=ranges.S3_URI)
    code_file: ParameterString = parameter(accepts=ranges.CODE_FILE)
    execution_role_arn: ParameterString = parameter(accepts=ranges.ARN)
    model_package_group_name: ParameterString = parameter(accepts=ranges.GROUP)
    kms_key_arn: ParameterString | None = parameter(accepts=ranges.ARN, only_if="customer_key")


def parameter_ranges() -> dict[str, ranges.Range]:
    """Return the ranges by parameter name, of both pipelines; no definition holds them."""
    return {
        parameter_name(item.name): item.metadata["accepts"]
        for group in (Parameters, ScoreParameters, DeploymentParameters)
        for item in fields(group)
        if item.metadata["accepts"]
    }


def in_order(*groups: ParameterGroup) -> list[Any]:
    """Return the parameters of the groups as one list."""
    values = [getattr(group, item.name) for group in groups for item in fields(group)]
    return [value for value in values if value is not None]


def _parameter(item: Field[Any], settings: PipelineSettings) -> Any:
    """Return the SDK's parameter for a field, or None if the settings exclude it."""
    default, setting = item.metadata["default"], item.metadata["setting"]
    choices, only_if = item.metadata["choices"], item.metadata["only_if"]
    if only_if and not getattr(settings, only_if):
        return None
    name = parameter_name(item.name)
    if settings.tuning and name in TUNING_RANGES:
        return None
    if setting:
        default = getattr(settings, setting)
    default = PRESETS[settings.preset].get(name, default)
    kind = _KINDS[str(item.type).removesuffix(" | None")]
    return kind(name, default, choices) if choices else kind(name, default)
